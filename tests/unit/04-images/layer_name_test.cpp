#include "04-images/layer_name.hpp"

#include "common/error.hpp"
#include "common/text.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

using Kind = LayerName::Kind;

std::string path_of(std::string_view text, Kind kind = Kind::Entry) {
    LayerName name = parse_layer_name(text);
    CHECK(name.kind == kind);
    return name.path();
}

std::string why_refused(std::string_view text) {
    try {
        (void)parse_layer_name(text);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::InvalidArgument);
        CHECK(error.message().size() < 1000);
        return error.message();
    }
    return "";
}

std::string repeated(std::string_view part, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += part;
    return text;
}

}  // namespace

TEST_CASE("names in a layer count from its folder") {
    for (auto text : {"a/b", "./a/b", "/a/b", "a//b/", ".//a/./b/.", "//a/b"})
        CHECK(path_of(text) == "a/b");
    for (auto text : {"", ".", "./", "/", "//", "././"})
        CHECK(path_of(text) == "");
    LayerName name = parse_layer_name("usr/lib/x");
    CHECK(name.parent == "usr/lib");
    CHECK(name.name == "x");
    CHECK(parse_layer_name("x").parent == "");
    CHECK(path_of("..a/...") == "..a/...");
    CHECK(path_of("a\\b/\xff\n") == "a\\b/\xff\n");
}

TEST_CASE("case 31: names with \"..\" are refused") {
    for (auto text : {"../victim", "/../victim", "a/../../victim", "a/..", "..",
                      "./..", "a/../b", "../layer-evil"})
        CHECK_THAT(why_refused(text), ContainsSubstring("\"..\" in it"));
}

TEST_CASE("whiteouts name what is gone") {
    CHECK(path_of("a/.wh.b", Kind::Whiteout) == "a/b");
    CHECK(path_of(".wh.b/", Kind::Whiteout) == "b");
    CHECK(path_of(".wh..b", Kind::Whiteout) == ".b");
    CHECK(path_of(".wh....", Kind::Whiteout) == "...");
    CHECK(path_of("a/.wh..wh..opq", Kind::Opaque) == "a/");
    CHECK(path_of(".wh..wh..opq", Kind::Opaque) == "");
    CHECK(parse_layer_name("a/b/.wh..wh..opq").parent == "a/b");
    CHECK(path_of(".wh") == ".wh");
    CHECK(path_of("a.wh.b") == "a.wh.b");
}

TEST_CASE("cases 36 and 37: whiteouts of nothing, \".\" and \"..\"") {
    for (auto text :
         {".wh.", ".wh..", ".wh...", "a/.wh.", "a/.wh../", "a/.wh..."})
        CHECK_THAT(why_refused(text),
                   ContainsSubstring("a whiteout of nothing"));
    for (auto text : {".wh.a/b", ".wh../x", "a/.wh..wh..opq/b", ".wh.../b"})
        CHECK_THAT(why_refused(text),
                   ContainsSubstring("something below a whiteout"));
}

TEST_CASE("what aufs left in layers is told apart") {
    for (auto text : {".wh..wh.aufs", ".wh..wh.plnk/", ".wh..wh.plnk/101.2",
                      "a/.wh..wh.orph", ".wh..wh."})
        CHECK(path_of(text, Kind::Metadata) == "");
}

TEST_CASE("names that Linux cannot have are refused") {
    std::string part(255, 'x');
    CHECK(path_of("a/" + part) == "a/" + part);
    CHECK_THAT(why_refused("a/" + part + "x"), ContainsSubstring("too long"));
    CHECK_THAT(why_refused(part + "x/a"), ContainsSubstring("too long"));
    CHECK(path_of(repeated(part + "/", 15)) != "");
    CHECK_THAT(why_refused(repeated(part + "/", 16)),
               ContainsSubstring("too long"));
    CHECK_THAT(why_refused(std::string("a\0b", 3)),
               ContainsSubstring("a zero byte"));
    CHECK(path_of(repeated("a/", 500)) != "");
    CHECK_THAT(why_refused(repeated("a/", 501)), ContainsSubstring("too deep"));
}

TEST_CASE("case 40: a name of a megabyte does not become a message of one") {
    std::string_view why = "too long";
    CHECK_THAT(why_refused(std::string(1 << 20, '\x1b')),
               ContainsSubstring(std::string(why)));
    CHECK(shown_name("a\x1b") == quote("a\x1b"));
    CHECK(shown_name(std::string(1 << 20, 'a')).size() < 300);
}
