#include "04-images/layer_walk.hpp"

#include <sys/mount.h>

#include "common/process.hpp"
#include "common/scope_guard.hpp"
#include "unit/04-images/read_tar_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using test::Tree;

namespace {

bool skip_without_root() {
    if (::geteuid() == 0) return false;
    WARN("skipped: marks and devices need root");
    return true;
}

struct Seen {
    EntryKind kind = EntryKind::File;
    bool opaque = false;
    std::map<std::string, std::string> xattrs;
    std::string target;
};

std::map<std::string, Seen> walk(const Tree& tree,
                                 FolderForm form = FolderForm::Overlay) {
    std::map<std::string, Seen> seen;
    walk_layer_folder(tree.folder.path(), form, [&](const LayerEntry& entry) {
        seen[entry.path] = {entry.kind, entry.opaque, entry.xattrs,
                            entry.target};
    });
    return seen;
}

}  // namespace

TEST_CASE("a layer's folder is walked in the order of names") {
    Tree tree;
    for (const char* name : {"b", "a", "a.b"}) tree.make(name);
    for (const char* name : {"a/z", "a/B", "b/x", "\xff", "Z", "ä"})
        tree.put(name, "");
    std::vector<std::string> paths;
    walk_layer_folder(
        tree.folder.path(), FolderForm::Overlay,
        [&](const LayerEntry& entry) { paths.push_back(entry.path); });
    CHECK(paths == std::vector<std::string>{"", "Z", "a", "a/B", "a/z", "a.b",
                                            "b", "b/x", "ä", "\xff"});
}

TEST_CASE("each kind of entry is told apart") {
    if (skip_without_root()) return;
    Tree tree;
    tree.put("file", "text");
    tree.make("folder");
    tree.link("link", "/etc/passwd");
    tree.device("fifo", S_IFIFO, 0);
    tree.device("socket", S_IFSOCK, 0);
    tree.device("null", S_IFCHR, makedev(1, 3));
    tree.device("disk", S_IFBLK, 0);
    tree.whiteout("gone");
    auto seen = walk(tree);
    CHECK(seen["file"].kind == EntryKind::File);
    CHECK(seen["folder"].kind == EntryKind::Folder);
    CHECK(seen["link"].kind == EntryKind::Symlink);
    CHECK(seen["link"].target == "/etc/passwd");
    CHECK(seen["fifo"].kind == EntryKind::Fifo);
    CHECK(seen["socket"].kind == EntryKind::Socket);
    CHECK(seen["null"].kind == EntryKind::Device);
    CHECK(seen["disk"].kind == EntryKind::Device);
    CHECK(seen["gone"].kind == EntryKind::Whiteout);
    CHECK_THROWS_WITH(walk(tree, FolderForm::Plain),
                      ContainsSubstring("\"/gone\" is a whiteout"));
}

TEST_CASE("marks are read in the form asked for, and kept by nobody") {
    if (skip_without_root()) return;
    Tree tree;
    tree.make("trusted");
    tree.opaque("trusted");
    tree.xattr("trusted", "trusted.overlay.origin", "0123");
    tree.make("user");
    tree.xattr("user", "user.overlay.opaque", "y");
    tree.make("holds-whiteouts");
    tree.xattr("holds-whiteouts", "trusted.overlay.opaque", "x");
    tree.put("gone", "");
    tree.xattr("gone", "trusted.overlay.whiteout", "");
    tree.put("gone-for-users", "");
    tree.xattr("gone-for-users", "user.overlay.whiteout", "y");
    auto seen = walk(tree);
    CHECK(seen["trusted"].opaque);
    CHECK_FALSE(seen["user"].opaque);
    CHECK_FALSE(seen["holds-whiteouts"].opaque);
    CHECK(seen["gone"].kind == EntryKind::Whiteout);
    CHECK(seen["gone-for-users"].kind == EntryKind::File);
    for (const auto& [path, entry] : seen) CHECK(entry.xattrs.empty());
    seen = walk(tree, FolderForm::UserOverlay);
    CHECK_FALSE(seen["trusted"].opaque);
    CHECK(seen["user"].opaque);
    CHECK(seen["gone"].kind == EntryKind::File);
    CHECK(seen["gone-for-users"].kind == EntryKind::Whiteout);
    seen = walk(tree, FolderForm::Plain);
    CHECK_FALSE(seen["trusted"].opaque);
    CHECK_FALSE(seen["user"].opaque);
    for (const auto& [path, entry] : seen) CHECK(entry.xattrs.empty());
}

TEST_CASE("xattrs that a layer keeps") {
    if (skip_without_root()) return;
    Tree tree;
    std::string large(4000, 'x');
    tree.put("file", "text");
    tree.xattr("file", "user.note", std::string("a\0b", 3));
    tree.xattr("file", "user.empty", "");
    tree.xattr("file", "trusted.other", "no");
    tree.make("folder");
    tree.xattr("folder", "user.large", large);
    tree.link("link", "nowhere");
    tree.xattr("link", "trusted.overlay.origin", "no");
    // CAP_NET_RAW, permitted and effective: version 2 of the kernel's struct.
    std::string capability("\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                           20);
    tree.xattr("file", "security.capability", capability);
    auto seen = walk(tree);
    CHECK(seen["file"].xattrs == std::map<std::string, std::string>{
                                     {"security.capability", capability},
                                     {"user.empty", ""},
                                     {"user.note", std::string("a\0b", 3)}});
    CHECK(seen["folder"].xattrs["user.large"] == large);
    CHECK(seen["link"].xattrs.empty());
}

TEST_CASE("what has its name or its bytes elsewhere is refused") {
    if (skip_without_root()) return;
    for (const char* mark : {"redirect", "metacopy"}) {
        Tree tree;
        tree.make("folder");
        tree.put("folder/it", "");
        tree.xattr("folder/it", cat("trusted.overlay.", mark).c_str(), "/x");
        CHECK_THROWS_WITH(walk(tree), ContainsSubstring("\"/folder/it\"") &&
                                          ContainsSubstring(mark));
        CHECK_NOTHROW(walk(tree, FolderForm::UserOverlay));
    }
}

TEST_CASE("a mount below the folder is not entered") {
    if (skip_without_root()) return;
    Tree tree;
    tree.make("below");
    tree.put("file", "");
    auto mounted = [&](const std::string& from, const std::string& to,
                       const char* type, unsigned long flags) {
        REQUIRE(::mount(from.c_str(), tree.at(to).c_str(), type, flags,
                        nullptr) == 0);
        ScopeGuard undo([&] { ::umount2(tree.at(to).c_str(), MNT_DETACH); });
        CHECK_THROWS_WITH(walk(tree), ContainsSubstring("mounted on \"/" + to));
    };
    mounted("none", "below", "tmpfs", 0);
    mounted(tree.at("below"), "below", nullptr, MS_BIND);  // the same device
    mounted("/etc/passwd", "file", nullptr, MS_BIND);
    CHECK_NOTHROW(walk(tree));
}

TEST_CASE("folders nest so deep and no deeper") {
    Tree tree;
    UniqueFd at(::open(tree.folder.path().c_str(), O_PATH | O_CLOEXEC));
    auto deeper = [&] {
        REQUIRE(::mkdirat(at.get(), "d", 0755) == 0);
        at.reset(::openat(at.get(), "d", O_PATH | O_CLOEXEC));
    };
    for (std::size_t i = 0; i < deepest_layer_path; ++i) deeper();
    CHECK(walk(tree).size() == deepest_layer_path + 1);
    deeper();
    CHECK_THROWS_WITH(walk(tree), ContainsSubstring("nest deeper than 500"));
}

TEST_CASE("contents are those of the file that was looked at") {
    Tree tree;
    tree.put("file", "first");
    LayerEntry root =
        open_layer_folder(tree.folder.path(), FolderForm::Overlay);
    LayerEntry file = look_in(root, "file", FolderForm::Overlay);
    tree.put("file", "second");  // another one, by rename
    CHECK(read_all(open_contents(file).get(), 99) == "first");
    CHECK_THROWS_WITH(look_in(root, "none", FolderForm::Overlay),
                      ContainsSubstring("open \"/none\""));
    CHECK_THROWS_WITH(open_layer_folder(tree.at("none"), FolderForm::Overlay),
                      ContainsSubstring("/none: No such file"));
}
