#include "05-build/plan_memo.hpp"

#include "unit/catch.hpp"

using namespace slipway;

namespace {

using Names = std::vector<const char*>;

std::vector<ImageLayer> layers(const Names& names) {
    std::vector<ImageLayer> list;
    for (const char* name : names) {
        Digest digest = Digest::of(name);
        list.push_back({Descriptor{"", digest, 1}, digest});
    }
    return list;
}

// COPY --from of a stage with these layers, onto those of `parent`.
std::string memo(const Names& parent, const Names& source,
                 const CopyRequest& request = {}) {
    FromTree from;
    from.layers = layers(source);
    from.has_layers = true;
    return recall_plan("/nowhere", request, from, layers(parent)).file;
}

}  // namespace

TEST_CASE("a memo is of one parent and one source") {
    CHECK(memo({"a"}, {"b"}) == memo({"a"}, {"b"}));
    CHECK(memo({"a"}, {"b"}) != memo({"b"}, {"a"}));
    // The same layers in the same order, and the line between them elsewhere.
    CHECK(memo({"a"}, {"b", "c"}) != memo({"a", "b"}, {"c"}));
    CHECK(memo({}, {"a"}) != memo({"a"}, {}));
}

TEST_CASE("a memo is of one request") {
    CopyRequest request;
    request.sources = {"x", "y"};
    CopyRequest other;
    other.sources = {"x"};
    other.exclude = {"y"};
    CHECK(memo({}, {}, request) != memo({}, {}, other));
}
