#include "04-images/image_choice.hpp"

#include <map>

#include "04-images/content_store.hpp"
#include "04-images/media_type.hpp"
#include "unit/04-images/document_fixture.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

const Platform amd64{"linux", "amd64"};
const Platform arm64{"linux", "arm64"};

// A registry of documents, and what was fetched from it.
struct Shelf {
    std::map<Digest, std::string> documents;
    int fetches = 0;

    Descriptor put(const std::string& bytes, std::string_view type,
                   std::optional<Platform> platform = {}) {
        Digest digest = Digest::of(bytes);
        documents[digest] = bytes;
        return {std::string(type), digest, bytes.size(), std::move(platform)};
    }
    // Manifests that differ.
    Descriptor image(const std::string& name,
                     std::optional<Platform> platform = {}) {
        Manifest manifest = parse_manifest(good_manifest(), "");
        manifest.annotations["name"] = name;
        return put(manifest_text(manifest), oci_manifest_type,
                   std::move(platform));
    }
    Descriptor index(std::vector<Descriptor> entries,
                     std::optional<Platform> platform = {}) {
        Index index{std::string(oci_index_type), std::move(entries)};
        return put(index_text(index), oci_index_type, std::move(platform));
    }
    FetchDocument fetch() {
        return [this](const Descriptor& descriptor) {
            ++fetches;
            return documents.at(descriptor.digest);
        };
    }
    std::string chosen(const Descriptor& root, const Platform& wanted) {
        return choose_image(root, wanted, fetch())
            .manifest.annotations.at("name");
    }
};

}  // namespace

TEST_CASE("the best image of an index is chosen") {
    Shelf shelf;
    Descriptor index = shelf.index(
        {shelf.image("386", Platform{"linux", "386"}),
         shelf.image("win", Platform{"windows", "amd64"}),
         shelf.image("v6", Platform{"linux", "arm", "v6"}),
         shelf.image("first", amd64), shelf.image("second", amd64)});
    CHECK(shelf.chosen(index, amd64) == "first");
    CHECK(shelf.fetches == 2);
    CHECK(shelf.chosen(index, {"linux", "386"}) == "386");
    CHECK(shelf.chosen(index, {"linux", "arm", "v7"}) == "v6");
    CHECK(shelf.chosen(index, {"windows", "amd64"}) == "win");
    ChosenImage chosen = choose_image(index, amd64, shelf.fetch());
    CHECK(Digest::of(chosen.bytes) == chosen.descriptor.digest);
}

TEST_CASE("a manifest without index is taken as it is") {
    Shelf shelf;
    CHECK(shelf.chosen(shelf.image("only"), amd64) == "only");
}

TEST_CASE("attestations are no images") {
    Shelf shelf;
    Descriptor marked = shelf.image("marked");
    marked.annotations["vnd.docker.reference.type"] = "attestation-manifest";
    Descriptor unknown = shelf.image("unknown", Platform{"unknown", "unknown"});
    CHECK(shelf.chosen(shelf.index({marked, unknown, shelf.image("real")}),
                       amd64) == "real");
    Error error = refusal([&] {
        choose_image(shelf.index({marked, unknown}), amd64, shelf.fetch());
    });
    CHECK(error.kind() == ErrorKind::NotFound);
    CHECK(error.advice().find("unknown") == std::string::npos);
}

TEST_CASE("an error tells what the index offers") {
    Shelf shelf;
    Descriptor index =
        shelf.index({shelf.image("a", Platform{"linux", "s390x"}),
                     shelf.image("b", Platform{"linux", "arm", "v7"}),
                     shelf.image("c", Platform{"linux", "s390x"})});
    Error error = refusal([&] { choose_image(index, amd64, shelf.fetch()); });
    CHECK(error.kind() == ErrorKind::NotFound);
    CHECK(error.message() == "there is no image for linux/amd64");
    CHECK(error.advice() ==
          "there is one for: linux/s390x, linux/arm/v7; choose with "
          "--platform");
    CHECK(refusal([&] {
              choose_image(shelf.index({}), amd64, shelf.fetch());
          }).advice() == "the index is empty");
}

TEST_CASE("what a hostile index offers is shown in short and harmless") {
    Index index{std::string(oci_index_type), {}};
    for (int i = 0; i < 1000; ++i)
        index.manifests.push_back(
            {"a/b", Digest::of("x"), 1,
             Platform{"linux", cat("\x1b[2J", i, std::string(500, 'x'))}});
    std::string offered = offered_platforms(index);
    CHECK(offered.size() < 5000);
    CHECK(offered.find('\x1b') == std::string::npos);
}

TEST_CASE("case 44: indexes in an index are followed, but not for ever") {
    Shelf shelf;
    Descriptor inner = shelf.index({shelf.image("inner", arm64)});
    Descriptor other = shelf.index({shelf.image("amd", amd64)});
    CHECK(shelf.chosen(shelf.index({inner, other}), amd64) == "amd");
    CHECK(shelf.chosen(shelf.index({inner, other}), arm64) == "inner");

    Descriptor deep = shelf.image("deep", amd64);
    for (int i = 0; i < deepest_index; ++i) deep = shelf.index({deep});
    CHECK(shelf.chosen(deep, amd64) == "deep");
    for (int i = 0; i < 100; ++i) {
        deep = shelf.index({deep});
        shelf.fetches = 0;
        CHECK_THAT(refusal([&] {
                       choose_image(deep, amd64, shelf.fetch());
                   }).message(),
                   ContainsSubstring("nested more than 4"));
        CHECK(shelf.fetches == deepest_index);
    }
}

TEST_CASE("case 44: a wide index of indexes is given up") {
    Shelf shelf;
    std::vector<Descriptor> many;
    for (int i = 0; i < 100; ++i)
        many.push_back(
            shelf.index({shelf.image(cat(i), Platform{"linux", "s390x"})}));
    Error error =
        refusal([&] { choose_image(shelf.index(many), amd64, shelf.fetch()); });
    CHECK_THAT(error.message(), ContainsSubstring("more than 16 documents"));
    CHECK(shelf.fetches == most_documents);
}

TEST_CASE("case 44: an index that refers to itself is refused") {
    // No index has its own digest in it; a registry may serve it all the same.
    Index loop{std::string(oci_index_type),
               {{std::string(oci_index_type), Digest::of("x"), 0}}};
    std::string bytes = index_text(loop);
    Descriptor self{std::string(oci_index_type), Digest::of("x"), bytes.size()};
    auto serve = [&](const Descriptor&) { return bytes; };
    Error error = refusal([&] { choose_image(self, amd64, serve); });
    CHECK(error.kind() == ErrorKind::DataLoss);
}

TEST_CASE("bytes that are not what was promised are refused") {
    Shelf shelf;
    Descriptor image = shelf.image("a");
    auto serve = [&](std::string bytes) {
        return refusal([&] {
            choose_image(image, amd64,
                         [&](const Descriptor&) { return bytes; });
        });
    };
    std::string good = shelf.documents.at(image.digest);
    CHECK(serve(good).message() == "accepted");
    CHECK(serve(good + " ").kind() == ErrorKind::DataLoss);
    CHECK(serve("").kind() == ErrorKind::DataLoss);
    good.back() = ' ';
    CHECK_THAT(serve(good).message(), ContainsSubstring("another digest"));
}

TEST_CASE("what is too large or no image is not fetched") {
    Shelf shelf;
    Descriptor image = shelf.image("a");
    image.size = largest_manifest + 1;
    CHECK(refusal([&] { choose_image(image, amd64, shelf.fetch()); }).kind() ==
          ErrorKind::InvalidArgument);
    Descriptor layer = shelf.put("x", oci_layer_type);
    CHECK(refusal([&] { choose_image(layer, amd64, shelf.fetch()); }).kind() ==
          ErrorKind::Unsupported);
    CHECK(shelf.fetches == 0);
}
