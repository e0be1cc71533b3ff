#include "04-images/overlay.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Trees {
    TempDir folder{"overlay"};
    std::string make(const std::string& name) {
        std::string path = folder.path() + "/" + name;
        ::mkdir(path.c_str(), 0755);
        return path;
    }
    static void put(const std::string& path, const std::string& text) {
        write_file_atomic(path, text);
    }
};

bool skip_without_root() {
    if (::geteuid() == 0) return false;
    WARN("skipped: an overlay needs root");
    return true;
}

std::string read_in(const UniqueFd& mount, const char* name) {
    UniqueFd fd(::openat(mount.get(), name, O_RDONLY | O_CLOEXEC));
    return fd ? read_all(fd.get(), 1024) : "none";
}

}  // namespace

TEST_CASE("each name comes from the highest layer; writes go to upper") {
    if (skip_without_root()) return;
    Trees trees;
    std::string one = trees.make("one"), two = trees.make("two");
    Trees::put(one + "/a", "one");
    Trees::put(one + "/b", "one");
    Trees::put(two + "/b", "two");
    OverlayPlan plan{{one, two}, trees.make("upper"), trees.make("work")};
    UniqueFd mount = make_overlay(plan);
    CHECK(read_in(mount, "a") == "one");
    CHECK(read_in(mount, "b") == "two");
    REQUIRE(::unlinkat(mount.get(), "a", 0) == 0);
    CHECK(read_in(mount, "a") == "none");
    struct stat mark {};
    REQUIRE(::lstat((plan.upper + "/a").c_str(), &mark) == 0);
    CHECK(S_ISCHR(mark.st_mode));
    CHECK(mark.st_rdev == 0);
    CHECK(read_file(one + "/a", 9) == "one");
}

TEST_CASE("without upper the tree is read-only") {
    if (skip_without_root()) return;
    Trees trees;
    OverlayPlan plan;
    plan.lower = {trees.make("one"), trees.make("two")};
    UniqueFd mount = make_overlay(plan);
    CHECK(::mkdirat(mount.get(), "x", 0755) == -1);
    CHECK(errno == EROFS);
}

TEST_CASE("500 layers") {
    if (skip_without_root()) return;
    Trees trees;
    OverlayPlan plan;
    for (int i = 0; i < 500; ++i) {
        plan.lower.push_back(trees.make(cat("layer", i)));
        Trees::put(cat(plan.lower.back(), "/", i), cat(i));
    }
    UniqueFd mount = make_overlay(plan);
    CHECK(read_in(mount, "0") == "0");
    CHECK(read_in(mount, "499") == "499");
    plan.lower.push_back(trees.make("more"));
    CHECK_THROWS_WITH(make_overlay(plan), ContainsSubstring("501 layers"));
    CHECK_THROWS_WITH(make_overlay({}), ContainsSubstring("without layers"));
}

TEST_CASE("a layer that is there twice: the higher one counts") {
    if (skip_without_root()) return;
    Trees trees;
    std::string base = trees.make("base"), twice = trees.make("twice"),
                between = trees.make("between");
    Trees::put(twice + "/a", "twice");
    Trees::put(twice + "/b", "twice");
    Trees::put(between + "/a", "between");
    Trees::put(between + "/c", "between");
    REQUIRE(::mknod((between + "/b").c_str(), S_IFCHR, 0) == 0);
    OverlayPlan plan;
    plan.lower = {base, twice, between, twice};
    UniqueFd mount = make_overlay(plan);
    CHECK(read_in(mount, "a") == "twice");
    CHECK(read_in(mount, "b") == "twice");
    CHECK(read_in(mount, "c") == "between");
    plan.lower = {base, twice, between};
    mount = make_overlay(plan);
    CHECK(read_in(mount, "a") == "between");
    CHECK(read_in(mount, "b") == "none");
}

TEST_CASE("names with colons and commas are names") {
    if (skip_without_root()) return;
    Trees trees;
    std::string odd = trees.make("a:b,c\\d");
    Trees::put(odd + "/f", "odd");
    OverlayPlan plan;
    plan.lower = {odd, trees.make("two")};
    UniqueFd mount = make_overlay(plan);
    CHECK(read_in(mount, "f") == "odd");
}

TEST_CASE("a missing folder is named; upper and work must be neighbours") {
    if (skip_without_root()) return;
    Trees trees;
    OverlayPlan none;
    none.lower = {trees.folder.path() + "/none"};
    CHECK_THROWS_WITH(make_overlay(none), ContainsSubstring("/none"));
    CHECK_THROWS_AS(
        make_overlay({{trees.make("one")}, trees.make("up"), "/dev/shm"}),
        Error);
}

TEST_CASE("what is in upper is whole, whatever the kernel's defaults are") {
    if (skip_without_root()) return;
    Trees trees;
    OverlayPlan plan{
        {trees.make("one")}, trees.make("upper"), trees.make("work")};
    ::mkdir((plan.lower[0] + "/folder").c_str(), 0755);
    Trees::put(plan.lower[0] + "/file", "text");
    UniqueFd mount = make_overlay(plan);
    CHECK(::renameat(mount.get(), "folder", mount.get(), "renamed") == -1);
    CHECK(errno == EXDEV);
    REQUIRE(::fchmodat(mount.get(), "file", 0600, 0) == 0);
    CHECK(read_file(plan.upper + "/file", 9) == "text");
    plan.user_xattr = true;
    plan.upper = trees.make("upper2");
    plan.work = trees.make("work2");
    CHECK_NOTHROW(make_overlay(plan));
}
