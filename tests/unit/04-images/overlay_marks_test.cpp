#include "04-images/overlay_marks.hpp"

#include "04-images/overlay.hpp"
#include "unit/04-images/layer_fixture.hpp"

using namespace slipway;

namespace {

constexpr UnpackOptions for_user_namespace{.user_xattr = true};

std::string gone(const std::string& name) {
    return tar_file(name);
}

}  // namespace

TEST_CASE("whiteouts become devices 0:0, opaque folders get their mark") {
    TestLayer layer;
    layer.unpack(tar_folder("a", 0700) + gone("a/.wh.b") + gone(".wh.c") +
                 tar_folder("o") + gone("o/.wh..wh..opq") +
                 tar_file("o/new", "new") + gone("made/.wh.x"));
    CHECK(layer.is_whiteout("a/b"));
    CHECK(layer.is_whiteout("c"));
    CHECK_FALSE(layer.is_opaque("a"));
    CHECK(layer.is_opaque("o"));
    CHECK(layer.text("o/new") == "new");
    CHECK_FALSE(layer.exists("o/.wh..wh..opq"));
    CHECK(layer.is_folder("made"));
    CHECK(layer.is_whiteout("made/x"));
}

TEST_CASE("for user namespaces the mark is user.overlay.opaque") {
    TestLayer layer;
    layer.unpack(gone("o/.wh..wh..opq") + gone(".wh.c"), for_user_namespace);
    CHECK(layer.xattr("o", "user.overlay.opaque") == "y");
    CHECK(layer.xattr("o", "trusted.overlay.opaque") == "-");
    CHECK(layer.is_whiteout("c"));
}

TEST_CASE("a whiteout does not hide what its own layer has") {
    TestLayer layer;
    layer.unpack(gone(".wh.before") + tar_file("before", "b") +
                 tar_file("after", "a") + gone(".wh.after") +
                 gone("d/.wh.link") + tar_symlink("d/link", "x"));
    CHECK(layer.text("before") == "b");
    CHECK(layer.text("after") == "a");
    CHECK(layer.target("d/link") == "x");
}

TEST_CASE("a whiteout and a folder of one name: the folder is opaque") {
    TestLayer layer;
    layer.unpack(gone(".wh.before") + tar_folder("before", 0700) +
                 tar_folder("after") + gone(".wh.after") +
                 gone(".wh.made-before") + tar_file("made-before/x/y") +
                 tar_file("made-after/x") + gone(".wh.made-after"));
    for (auto name : {"before", "after", "made-before", "made-after"}) {
        CHECK(layer.is_folder(name));
        CHECK(layer.is_opaque(name));
    }
    CHECK(layer.mode("before") == 0700);
    CHECK_FALSE(layer.is_opaque("made-before/x"));
    CHECK(layer.exists("made-before/x/y"));
}

TEST_CASE("whiteouts in an opaque folder are left out, in both orders") {
    TestLayer layer;
    layer.unpack(gone("a/.wh..wh..opq") + gone("a/.wh.x") + gone("b/.wh.x") +
                 tar_file("b/y") + gone("b/.wh..wh..opq"));
    CHECK_FALSE(layer.exists("a/x"));
    CHECK_FALSE(layer.exists("b/x"));
    CHECK(layer.exists("b/y"));
}

TEST_CASE("whiteouts may be of any type, and twice") {
    TestLayer layer;
    layer.unpack(tar_folder(".wh.a/") + tar_symlink(".wh.b", "x") +
                 gone(".wh.c") + gone(".wh.c"));
    for (auto name : {"a", "b", "c"}) CHECK(layer.is_whiteout(name));
}

TEST_CASE("what aufs left in a layer is left out") {
    TestLayer layer;
    layer.unpack(tar_folder(".wh..wh.plnk") + tar_file(".wh..wh.plnk/1.2") +
                 gone(".wh..wh.aufs") + tar_file("a"));
    CHECK(layer.exists("a"));
    CHECK(std::distance(std::filesystem::directory_iterator(layer.root), {}) ==
          1);
}

TEST_CASE("the kernel reads the marks as they are meant") {
    TestLayer lower, upper;
    lower.unpack(tar_file("gone", "x") + tar_file("kept", "k") +
                 tar_file("o/hidden") + tar_file("re/old") +
                 tar_file("tree/a/b") + tar_file("dir/x") + tar_file("dir/y"));
    upper.unpack(gone(".wh.gone") + gone("o/.wh..wh..opq") + tar_file("o/new") +
                 gone(".wh.re") + tar_file("re/new") + gone(".wh.tree") +
                 gone("dir/.wh.x"));
    UniqueFd mount = make_overlay(
        {.lower = {lower.root, upper.root}, .upper = "", .work = ""});
    auto seen = [&](const char* name) {
        return ::faccessat(mount.get(), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    };
    CHECK_FALSE(seen("gone"));
    CHECK(seen("kept"));
    CHECK_FALSE(seen("o/hidden"));
    CHECK(seen("o/new"));
    CHECK_FALSE(seen("re/old"));
    CHECK(seen("re/new"));
    CHECK_FALSE(seen("tree"));
    CHECK_FALSE(seen("dir/x"));
    CHECK(seen("dir/y"));
}
