#include "04-images/diff_layer.hpp"

#include <sys/wait.h>

#include "04-images/overlay.hpp"
#include "unit/04-images/read_tar_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using test::entry_named;
using test::names_of;
using test::read_tar;
using test::Tree;

namespace {

bool skip_without_root() {
    if (::geteuid() == 0) return false;
    WARN("skipped: overlays and devices need root");
    return true;
}

std::string diff(const std::string& folder, const DiffOptions& options = {}) {
    std::string tar;
    diff_layer(
        folder, [&](std::string_view more) { tar += more; }, options);
    return tar;
}
std::string diff(const Tree& tree, const DiffOptions& options = {}) {
    return diff(tree.folder.path(), options);
}

std::string exported(const std::string& folder) {
    std::string tar;
    export_tree(folder, [&](std::string_view more) { tar += more; });
    return tar;
}

// By this process, with read(2) and its like.
std::uint64_t bytes_read() {
    std::string text = read_file("/proc/self/io", 4096);
    return std::stoull(text.substr(text.find("rchar: ") + 7));
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a tree becomes a tar with all that a layer can hold") {
    if (skip_without_root()) return;
    Tree tree;
    tree.make("etc", 0750);
    tree.put("etc/file", "text");
    REQUIRE(::chmod(tree.at("etc/file").c_str(), 04711) == 0);
    REQUIRE(::chown(tree.at("etc/file").c_str(), 3000000, 12) == 0);
    REQUIRE(::chmod(tree.at("etc/file").c_str(), 04711) == 0);
    tree.times("etc/file", 1600000000, 123456789);
    tree.xattr("etc/file", "user.note", std::string("a\0b", 3));
    tree.link("etc/link", "../file");
    tree.times("etc/link", -5, 0);
    tree.device("etc/null", S_IFCHR, makedev(1, 3));
    tree.device("etc/pipe", S_IFIFO, 0);
    tree.device("etc/socket", S_IFSOCK, 0);
    std::string tar = diff(tree);
    CHECK(tar.find("LIBARCHIVE.") == std::string::npos);
    auto all = read_tar(tar);
    CHECK(names_of(all) ==
          Names{"etc/", "etc/file", "etc/link", "etc/null", "etc/pipe"});
    CHECK(all[0].mode == (S_IFDIR | 0750));
    CHECK(all[1].mode == (S_IFREG | 04711));
    CHECK(all[1].uid == 3000000);
    CHECK(all[1].gid == 12);
    CHECK(all[1].text == "text");
    CHECK(all[1].seconds == 1600000000);
    CHECK(all[1].nanoseconds == 123456789);
    CHECK(all[1].xattrs == std::map<std::string, std::string>{
                               {"user.note", std::string("a\0b", 3)}});
    CHECK(all[2].target == "../file");
    CHECK(all[2].seconds == -5);
    CHECK(all[3].mode == (S_IFCHR | 0600));
    CHECK(all[3].device == makedev(1, 3));
    CHECK(S_ISFIFO(all[4].mode));
}

TEST_CASE("whiteouts and opaque folders") {
    if (skip_without_root()) return;
    Tree tree;
    tree.make("a");
    tree.put("a/z", "z");
    tree.whiteout("a/gone");
    tree.opaque("a");
    tree.whiteout("gone");
    auto all = read_tar(diff(tree));
    CHECK(names_of(all) ==
          Names{"a/", "a/.wh..wh..opq", "a/.wh.gone", "a/z", ".wh.gone"});
    CHECK(all[4].mode == (S_IFREG | 0600));
    CHECK(all[4].size == 0);
    CHECK(all[4].seconds == 0);
    tree.opaque(".");
    CHECK(read_tar(diff(tree)).front().name == ".wh..wh..opq");
}

TEST_CASE("hard links are links to the first name") {
    Tree tree;
    tree.make("a");
    tree.put("a/one", "text");
    tree.make("b");
    REQUIRE(::link(tree.at("a/one").c_str(), tree.at("b/two").c_str()) == 0);
    REQUIRE(::link(tree.at("a/one").c_str(), tree.at("b/three").c_str()) == 0);
    std::string tar;
    WrittenTar written =
        diff_layer(tree.folder.path(), [&](std::string_view m) { tar += m; });
    CHECK(written.entries == 5);
    CHECK(written.bytes == 4);
    auto all = read_tar(tar);
    CHECK(names_of(all) == Names{"a/", "a/one", "b/", "b/three", "b/two"});
    CHECK(all[1].hard_link.empty());
    CHECK(all[3].hard_link == "a/one");
    CHECK(all[4].hard_link == "a/one");
    CHECK(all[4].size == 0);
}

TEST_CASE("holes cost no reading, and are zeros") {
    Tree tree;
    tree.put("file", "begin");
    constexpr off_t size = off_t{1} << 23;
    UniqueFd fd(::open(tree.at("file").c_str(), O_WRONLY | O_CLOEXEC));
    REQUIRE(::pwrite(fd.get(), "middle", 6, size / 2) == 6);
    REQUIRE(::ftruncate(fd.get(), size) == 0);
    tree.put("only-hole", "");
    REQUIRE(::truncate(tree.at("only-hole").c_str(), 100000) == 0);
    std::uint64_t before = bytes_read();
    std::string tar = diff(tree);
    CHECK(bytes_read() - before < size / 8);
    auto all = read_tar(tar);
    REQUIRE(all[0].text.size() == size);
    CHECK(all[0].text.starts_with("begin"));
    CHECK(all[0].text.substr(size / 2, 6) == "middle");
    CHECK(std::count(all[0].text.begin(), all[0].text.end(), '\0') ==
          size - 11);
    CHECK(all[1].text == std::string(100000, '\0'));
}

TEST_CASE("long names, and names that are no ASCII or no UTF-8") {
    Tree tree;
    std::string part(200, 'p'), path;
    for (int i = 0; i < 3; ++i) {
        path += (path.empty() ? "" : "/") + part;
        tree.make(path);
    }
    tree.put("naïve-日本", "utf-8");
    tree.link("link", std::string(300, 't'));
    tree.link("ziel", "naïve-日本");
    auto all = read_tar(diff(tree));
    CHECK(entry_named(all, path + "/").mode == (S_IFDIR | 0755));
    CHECK(entry_named(all, "naïve-日本").text == "utf-8");
    CHECK(entry_named(all, "link").target == std::string(300, 't'));
    CHECK(entry_named(all, "ziel").target == "naïve-日本");
    CHECK(diff(tree).find("hdrcharset") == std::string::npos);
    tree.put("\xff\xfe", "raw");
    CHECK(entry_named(read_tar(diff(tree)), "\xff\xfe").text == "raw");
}

TEST_CASE("the same tree makes the same bytes") {
    if (skip_without_root()) return;
    auto fill = [](const Tree& tree, bool backwards) {
        Names names = {"a", "b", "c"};
        if (backwards) std::reverse(names.begin(), names.end());
        for (const auto& name : names) {
            tree.put(name, name);
            tree.times(name, 5, 7);
            for (const auto& key : names)
                tree.xattr(name, ("user." + key).c_str(), key);
        }
        tree.whiteout("gone");
        tree.times("gone", backwards, 0);
        tree.make("folder");
        // Some file systems count what was once in a folder.
        for (int i = 0; backwards && i < 500; ++i) tree.put("folder/x", "");
        if (backwards) ::unlink(tree.at("folder/x").c_str());
        tree.times("folder", 5, 7);
    };
    Tree one, two;
    fill(one, false);
    fill(two, true);
    CHECK(diff(one) == diff(two));
    CHECK(diff(one).size() % 512 == 0);
}

TEST_CASE("SOURCE_DATE_EPOCH makes nothing older, and nothing newer") {
    Tree tree;
    tree.put("old", "");
    tree.times("old", 1000, 5);
    tree.put("same", "");
    tree.times("same", 2000, 5);
    tree.put("young", "");
    tree.times("young", 3000, 5);
    auto all = read_tar(diff(tree, {.source_date_epoch = 2000}));
    CHECK(all[0].seconds == 1000);
    CHECK(all[0].nanoseconds == 5);
    CHECK(all[1].seconds == 2000);
    CHECK(all[1].nanoseconds == 0);
    CHECK(all[2].seconds == 2000);
    CHECK(all[2].nanoseconds == 0);
}

TEST_CASE("a name that would remove something is refused") {
    Tree tree;
    tree.make("a");
    tree.put("a/.wh.b", "");
    CHECK_THROWS_WITH(diff(tree), ContainsSubstring("\"/a/.wh.b\" cannot be"));
    CHECK(names_of(read_tar(exported(tree.folder.path()))) ==
          Names{"a/", "a/.wh.b"});
}

TEST_CASE("an empty folder is a tar without entries") {
    Tree tree;
    CHECK(diff(tree) == std::string(1024, '\0'));
}

TEST_CASE("what the sink throws comes through") {
    Tree tree;
    tree.put("file", std::string(1000000, 'x'));
    auto full = [](std::string_view) {
        throw Error(ErrorKind::System, "disk full");
    };
    CHECK_THROWS_WITH(diff_layer(tree.folder.path(), full), "disk full");
}

TEST_CASE("a file that is cut while it is read, or grows") {
    Tree tree;
    auto resized_to = [&](off_t size) {
        tree.put("file", std::string(1 << 20, 'x'));
        std::string file = tree.at("file");
        REQUIRE(::truncate(file.c_str(), 4 << 20) == 0);
        diff_layer(tree.folder.path(), [&](std::string_view) {
            REQUIRE(::truncate(file.c_str(), size) == 0);
        });
    };
    const char* changed = "\"/file\" changed while it was read";
    CHECK_THROWS_WITH(resized_to(10), changed);
    CHECK_THROWS_WITH(resized_to(2 << 20), changed);  // the hole is shorter
    CHECK_NOTHROW(resized_to(5 << 20));
}

TEST_CASE("an overlay's upper folder is a layer; its root is a tree") {
    if (skip_without_root()) return;
    Tree tree;
    OverlayPlan plan{
        {tree.make("lower")}, tree.make("upper"), tree.make("work")};
    tree.make("lower/etc");
    tree.put("lower/etc/kept", "kept");
    tree.put("lower/etc/edited", "before");
    tree.put("lower/etc/removed", "removed");
    tree.make("lower/cleared");
    tree.put("lower/cleared/old", "old");
    UniqueFd mount = make_overlay(plan);
    std::string merged = cat("/proc/self/fd/", mount.get());
    write_file_atomic(merged + "/etc/edited", "after");
    REQUIRE(::unlinkat(mount.get(), "etc/removed", 0) == 0);
    remove_tree(merged + "/cleared");
    REQUIRE(::mkdirat(mount.get(), "cleared", 0755) == 0);
    write_file_atomic(merged + "/cleared/new", "new");

    auto layer = read_tar(diff(plan.upper));
    CHECK(names_of(layer) == Names{"cleared/", "cleared/.wh..wh..opq",
                                   "cleared/new", "etc/", "etc/edited",
                                   "etc/.wh.removed"});
    CHECK(layer[4].text == "after");
    for (const auto& entry : layer) CHECK(entry.xattrs.empty());

    auto all = read_tar(exported(merged));
    CHECK(names_of(all) ==
          Names{"cleared/", "cleared/new", "etc/", "etc/edited", "etc/kept"});
    CHECK(all[4].text == "kept");
    CHECK_THROWS_WITH(exported(plan.upper), ContainsSubstring("whiteout"));
}
