// Layers made and unpacked again are the same layers; what is seen through an
// overlay of them is what was seen before.
#include <random>

#include "04-images/compress.hpp"
#include "04-images/decompress.hpp"
#include "04-images/diff_layer.hpp"
#include "04-images/layer_changes.hpp"
#include "04-images/layer_report.hpp"
#include "04-images/overlay.hpp"
#include "04-images/unpack_layer.hpp"
#include "unit/04-images/read_tar_fixture.hpp"
#include "unit/04-images/stream_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using test::Tree;

namespace {

bool skip_without_root() {
    if (::geteuid() == 0) return false;
    WARN("skipped: overlays and devices need root");
    return true;
}

std::string diff(const std::string& folder, bool user_xattr = false) {
    std::string tar;
    diff_layer(folder, [&](std::string_view more) { tar += more; },
               {.user_xattr = user_xattr});
    return tar;
}

std::string exported(const UniqueFd& mount) {
    std::string tar;
    export_tree(cat("/proc/self/fd/", mount.get()),
                [&](std::string_view more) { tar += more; });
    return tar;
}

// A container's writes, at random, on a few names so that they meet.
class Writes {
  public:
    Writes(const UniqueFd& mount, std::mt19937& random, bool with_links)
        : root_(cat("/proc/self/fd/", mount.get(), "/")),
          random_(random),
          with_links_(with_links) {}

    // What the kernel refuses (a folder that is missing) is part of the game.
    void one() {
        std::string path = root_ + name();
        switch (pick(with_links_ ? 9 : 8)) {
            case 0:
            case 1:
                return write(path);
            case 2:
                [[fallthrough]];
            case 3:
                ::mkdir(path.c_str(), pick(2) == 0 ? 0755 : 0700);
                return;
            case 4:
                return remove(path);
            case 5:
                ::chmod(path.c_str(), pick(2) == 0 ? 0711 : 0640);
                return;
            case 6:
                ::rename(path.c_str(), (root_ + name()).c_str());
                return;
            case 7:
                [[maybe_unused]] int made =
                    ::symlink(name().c_str(), path.c_str());
                return;
        }
        ::link(path.c_str(), (root_ + name()).c_str());
    }

  private:
    unsigned pick(unsigned count) {
        return static_cast<unsigned>(random_()) % count;
    }
    std::string name() {
        std::string path;
        for (unsigned depth = pick(3) + 1; depth > 0; --depth)
            path += cat(path.empty() ? "" : "/",
                        std::string(1, static_cast<char>('a' + pick(4))));
        return path;
    }
    void write(const std::string& path) {
        UniqueFd fd(::open(path.c_str(),
                           O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
        if (!fd) return;
        write_all(fd.get(), std::string(pick(5000), 'x'));
        ::fsetxattr(fd.get(), "user.note", "written", pick(7), 0);
    }
    static void remove(const std::string& path) {
        struct stat info {};
        if (::lstat(path.c_str(), &info) != 0) return;
        if (S_ISDIR(info.st_mode))
            remove_tree(path);
        else
            ::unlink(path.c_str());
    }

    std::string root_;
    std::mt19937& random_;
    bool with_links_;
};

// Layers, each of them written through an overlay of those before it.
struct History {
    Tree tree;
    std::mt19937 random;
    bool with_links;
    std::vector<std::string> snapshots;
    std::string upper;
    UniqueFd mount;

    History(unsigned seed, bool links) : random(seed), with_links(links) {
        snapshots.push_back(tree.make("empty"));
    }
    void write_layer() {
        std::string number = cat(snapshots.size());
        upper = tree.make("upper" + number);
        OverlayPlan plan{snapshots, upper, tree.make("work" + number)};
        plan.is_volatile = true;  // nothing waits for the disk
        mount = make_overlay(plan);
        Writes writes(mount, random, with_links);
        for (int i = 0; i < 40; ++i) writes.one();
    }
    void keep_layer() {
        std::string folder = tree.make(cat("snapshot", snapshots.size()));
        unpack_layer(source_from(diff(upper)), folder);
        snapshots.push_back(folder);
    }
};

std::map<std::string, std::string> seen_in(const std::string& tar) {
    std::map<std::string, std::string> seen;
    for (auto& entry : test::read_tar(tar)) {
        if (entry.name.ends_with('/')) entry.name.pop_back();
        seen["/" + entry.name] =
            cat(entry.mode, " ", entry.target, " ", entry.text, " ",
                entry.xattrs["user.note"]);
    }
    return seen;
}

// What layer_changes() must find: added and deleted names, of what is gone
// only the topmost.
std::vector<Change> added_or_gone(const std::string& before,
                                  const std::string& now) {
    auto old = seen_in(before), seen = seen_in(now);
    std::vector<Change> changes;
    for (const auto& [path, what] : seen)
        if (!old.contains(path)) changes.push_back({'A', path});
    for (const auto& [path, what] : old) {
        std::string parent = path.substr(0, path.rfind('/'));
        bool is_folder =
            seen.contains(parent) && S_ISDIR(std::stoul(seen[parent]));
        if (!seen.contains(path) && (parent.empty() || is_folder))
            changes.push_back({'D', path});
    }
    std::sort(changes.begin(), changes.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return changes;
}

}  // namespace

TEST_CASE("a layer that is unpacked and made again is the same") {
    if (skip_without_root()) return;
    for (bool user_xattr : {false, true}) {
        Tree tree;
        tree.make("made");
        tree.make("made/folder", 01777);
        tree.put("made/folder/file", std::string(300000, 'x'));
        tree.xattr("made/folder/file", "user.note", std::string("a\0b", 3));
        tree.put("made/folder/program", "");
        REQUIRE(::chmod(tree.at("made/folder/program").c_str(), 06755) == 0);
        REQUIRE(::link(tree.at("made/folder/file").c_str(),
                       tree.at("made/other").c_str()) == 0);
        tree.link("made/link", "folder/nowhere");
        REQUIRE(::link(tree.at("made/link").c_str(),
                       tree.at("made/same-link").c_str()) == 0);
        tree.device("made/pipe", S_IFIFO, 0);
        if (!user_xattr) tree.device("made/null", S_IFCHR, makedev(1, 3));
        tree.whiteout("made/gone");
        tree.make("made/opaque");
        tree.xattr(
            "made/opaque",
            user_xattr ? "user.overlay.opaque" : "trusted.overlay.opaque", "y");
        tree.put("made/opaque/in", "");
        tree.put("made/" + std::string(200, 'n'), "");
        tree.put("made/\xff-\xc3\xa9", "");
        tree.put("made/sparse", "begin");
        REQUIRE(::truncate(tree.at("made/sparse").c_str(), 1 << 20) == 0);
        for (const char* name : {"folder", "link", "opaque", "pipe"})
            tree.times(cat("made/", name), 1700000000, 987654321);
        std::string tar = diff(tree.at("made"), user_xattr);
        unpack_layer(source_from(tar), tree.make("again"),
                     {.user_xattr = user_xattr});
        CHECK(diff(tree.at("again"), user_xattr) == tar);
    }
}

TEST_CASE("what Compressor packs, decompress() unpacks") {
    std::string text;
    for (int i = 0; text.size() < 2'000'000; ++i) text += cat("line ", i * i);
    for (Compression compression :
         {Compression::None, Compression::Gzip, Compression::Zstd}) {
        std::string packed;
        Compressor compressor(compression,
                              [&](std::string_view more) { packed += more; });
        compressor.write(text);
        compressor.finish();
        CHECK(compression_of(packed) == compression);
        CHECK(all_of(decompress(source_from(packed), compression)) == text);
    }
}

TEST_CASE("an overlay of the layers shows what the container saw") {
    if (skip_without_root()) return;
    for (unsigned seed = 1; seed <= 12; ++seed) {
        CAPTURE(seed);
        History history(seed, true);
        for (int layer = 0; layer < 5; ++layer) {
            history.write_layer();
            std::string seen = exported(history.mount);
            history.keep_layer();
            UniqueFd again = make_overlay({history.snapshots, "", ""});
            REQUIRE(exported(again) == seen);
        }
    }
}

TEST_CASE("the changes are the difference of what is seen") {
    if (skip_without_root()) return;
    for (unsigned seed = 100; seed <= 112; ++seed) {
        CAPTURE(seed);
        History history(seed, false);
        for (int layer = 0; layer < 5; ++layer) {
            history.write_layer();
            std::string now = exported(history.mount);
            history.mount.reset();
            std::string before =
                history.snapshots.size() == 1
                    ? std::string(1024, '\0')
                    : exported(make_overlay({history.snapshots, "", ""}));
            auto changes = layer_changes(history.upper, history.snapshots);
            std::erase_if(changes, [](const Change& change) {
                return change.kind == 'C';
            });
            CHECK(changes_text(changes) ==
                  changes_text(added_or_gone(before, now)));
            history.keep_layer();
        }
    }
}

TEST_CASE("what is not wasted is what is seen") {
    if (skip_without_root()) return;
    for (unsigned seed = 200; seed <= 212; ++seed) {
        CAPTURE(seed);
        History history(seed, false);
        std::uint64_t bytes = 0;
        for (int layer = 0; layer < 6; ++layer) {
            history.write_layer();
            std::string tar = exported(history.mount);
            bytes = 0;
            for (const auto& entry : test::read_tar(tar))
                bytes += static_cast<std::uint64_t>(entry.size);
            history.keep_layer();
        }
        LayerReport report = report_layers(history.snapshots, {});
        CHECK(report.bytes - report.wasted == bytes);
        std::uint64_t hidden = 0, deleted = 0;
        for (const auto* paths : {&report.deleted, &report.replaced})
            for (const HiddenPath& path : *paths) hidden += path.bytes;
        CHECK(hidden == report.wasted);
        for (const LayerSummary& layer : report.layers)
            deleted += layer.deleted;
        CHECK(deleted > 0);
    }
}
