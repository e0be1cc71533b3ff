#include "04-images/layer_changes.hpp"

#include "04-images/overlay.hpp"
#include "unit/04-images/read_tar_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using test::Tree;

namespace {

bool skip_without_root() {
    if (::geteuid() == 0) return false;
    WARN("skipped: overlays need root");
    return true;
}

// Layers, and a container's overlay on them.
struct Container {
    Tree tree;
    std::vector<std::string> lower;
    UniqueFd mount;

    std::string layer(const std::string& name) {
        lower.push_back(tree.make(name));
        return name;
    }
    void start() {
        mount = make_overlay({lower, tree.make("upper"), tree.make("work")});
    }
    std::string at(const std::string& path) const {
        return cat("/proc/self/fd/", mount.get(), "/", path);
    }
    std::string changes() const {
        return changes_text(layer_changes(tree.at("upper"), lower));
    }
};

}  // namespace

TEST_CASE("a container's changes are told as docker diff tells them") {
    if (skip_without_root()) return;
    Container box;
    std::string one = box.layer("one"), two = box.layer("two");
    box.tree.make(one + "/etc");
    box.tree.put(one + "/etc/hosts", "one");
    box.tree.put(one + "/etc/passwd", "one");
    box.tree.make(one + "/var");
    box.tree.put(one + "/var/old", "");
    box.tree.make(two + "/etc");
    box.tree.put(two + "/etc/passwd", "two");
    box.start();
    CHECK(box.changes().empty());
    write_file_atomic(box.at("etc/passwd"), "mine");
    REQUIRE(::unlink(box.at("etc/hosts").c_str()) == 0);
    REQUIRE(::mkdir(box.at("new").c_str(), 0755) == 0);
    write_file_atomic(box.at("new/file"), "");
    write_file_atomic(box.at("new.txt"), "");
    remove_tree(box.at("var"));
    CHECK(box.changes() ==
          "C /etc\n"
          "D /etc/hosts\n"
          "C /etc/passwd\n"
          "A /new\n"
          "A /new.txt\n"
          "A /new/file\n"
          "D /var\n");
}

TEST_CASE("what was copied up and is no different is no change") {
    if (skip_without_root()) return;
    Container box;
    std::string one = box.layer("one");
    box.tree.make(one + "/a");
    for (const char* name : {"opened", "mode", "owner", "note", "time"})
        box.tree.put(cat(one, "/a/", name), "text");
    box.tree.make(one + "/b");
    box.tree.put(one + "/b/opened", "text");
    box.start();
    auto open_to_write = [&](const std::string& path) {
        UniqueFd fd(::open(box.at(path).c_str(), O_WRONLY | O_CLOEXEC));
        REQUIRE(fd);
    };
    open_to_write("a/opened");
    open_to_write("b/opened");
    REQUIRE(::access(box.tree.at("upper/b/opened").c_str(), F_OK) == 0);
    CHECK(box.changes().empty());
    REQUIRE(::chmod(box.at("a/mode").c_str(), 0600) == 0);
    REQUIRE(::chown(box.at("a/owner").c_str(), 1, 1) == 0);
    REQUIRE(::setxattr(box.at("a/note").c_str(), "user.note", "x", 1, 0) == 0);
    timespec times[2] = {{1, 1}, {1, 1}};
    REQUIRE(::utimensat(AT_FDCWD, box.at("a/time").c_str(), times, 0) == 0);
    CHECK(box.changes() ==
          "C /a\nC /a/mode\nC /a/note\nC /a/owner\nC /a/time\n");
}

TEST_CASE("a folder made anew hides what was in the old one") {
    if (skip_without_root()) return;
    Container box;
    std::string one = box.layer("one"), two = box.layer("two");
    box.tree.make(one + "/d");
    box.tree.put(one + "/d/deep-gone", "");
    box.tree.put(one + "/d/gone", "");
    box.tree.put(one + "/d/kept", "one");
    box.tree.make(two + "/d");
    box.tree.whiteout(two + "/d/deep-gone");
    box.tree.make(two + "/d/folder");
    box.tree.put(two + "/d/folder/file", "");
    box.start();
    remove_tree(box.at("d"));
    REQUIRE(::mkdir(box.at("d").c_str(), 0755) == 0);
    write_file_atomic(box.at("d/kept"), "changed");
    CHECK(box.changes() == "C /d\nD /d/folder\nD /d/gone\nC /d/kept\n");
}

TEST_CASE("a name that becomes another kind of thing is changed") {
    if (skip_without_root()) return;
    Container box;
    std::string one = box.layer("one");
    box.tree.make(one + "/folder");
    box.tree.put(one + "/folder/file", "");
    box.tree.put(one + "/file", "");
    box.tree.link(one + "/link", "one");
    box.start();
    remove_tree(box.at("folder"));
    write_file_atomic(box.at("folder"), "");
    REQUIRE(::unlink(box.at("file").c_str()) == 0);
    REQUIRE(::mkdir(box.at("file").c_str(), 0755) == 0);
    write_file_atomic(box.at("file/new"), "");
    REQUIRE(::unlink(box.at("link").c_str()) == 0);
    REQUIRE(::symlink("two", box.at("link").c_str()) == 0);
    CHECK(box.changes() == "C /file\nA /file/new\nC /folder\nC /link\n");
}

TEST_CASE("names cannot write to the terminal") {
    Tree tree;
    tree.make("upper");
    tree.put("upper/\x1b[31mred", "");
    CHECK(changes_text(layer_changes(tree.at("upper"), {})) ==
          "A \"/\\x1b[31mred\"\n");
    CHECK(printable("a \"b\" \\ ä") == "a \"b\" \\ ä");
}
