#include "03-cgroups/cgroup.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "03-cgroups/control.hpp"
#include "03-cgroups/leftovers.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

// The trees of this machine, of one version only; empty without root.
CgroupLayout real_layout(int version) {
    CgroupLayout layout;
    if (::geteuid() != 0) return layout;
    for (const CgroupHierarchy& tree : read_cgroup_layout().hierarchies)
        if (tree.version == version) layout.hierarchies.push_back(tree);
    return layout;
}

// Put into the group from here: it is a member when this returns.
ChildProcess start_sleeper(const Cgroup& group) {
    ChildProcess child = start_child(
        Why{"test"}, [] { ::execlp("sleep", "sleep", "99", nullptr); });
    for (const CgroupFolder& folder : group.folders())
        folder.write("test", "cgroup.procs", cat(child.pid()));
    return child;
}

}  // namespace

TEST_CASE("a group is made in each tree, holds processes, kills and goes") {
    int version = GENERATE(1, 2);
    CgroupLayout layout = real_layout(version);
    if (layout.hierarchies.empty()) {
        WARN("skipped: needs root and a cgroup tree of version " << version);
        return;
    }
    Cgroup group = Cgroup::create(layout, {});
    REQUIRE_FALSE(group.folders().empty());
    CHECK((group.fd() >= 0) == (version == 2));
    std::vector<std::string> paths;
    for (const CgroupFolder& folder : group.folders())
        paths.push_back(folder.path);
    ChildProcess child = start_sleeper(group);
    // Its own children would be killed as well; this one is ours to reap.
    kill_cgroup(group.folders()[0]);
    CHECK(child.wait().signal == SIGKILL);
    group.remove();
    for (const std::string& path : paths)
        CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a v2 group can be frozen and let go on") {
    CgroupLayout layout = real_layout(2);
    if (layout.hierarchies.empty()) {
        WARN("skipped: needs root and a cgroup v2 tree");
        return;
    }
    Cgroup group = Cgroup::create(layout, {});
    ChildProcess child = start_sleeper(group);
    const CgroupFolder& folder = group.folders()[0];
    freeze_cgroup(folder, true);
    CHECK(keyed_value(*folder.read("cgroup.events"), "frozen") == 1);
    CHECK(*folder.read("cgroup.freeze") == "1\n");
    freeze_cgroup(folder, false);
    CHECK(keyed_value(*folder.read("cgroup.events"), "frozen") == 0);
    group.remove();
    CHECK(child.wait().signal == SIGKILL);
}

TEST_CASE("only groups without lock are left over") {
    CgroupLayout layout = real_layout(2);
    if (layout.hierarchies.empty()) {
        WARN("skipped: needs root and a cgroup v2 tree");
        return;
    }
    Cgroup alive = Cgroup::create(layout, {});
    std::string left =
        cat(layout.hierarchies[0].mount_point, "/slipway.left-", ::getpid());
    REQUIRE(::mkdir(left.c_str(), 0755) == 0);
    REQUIRE(::mkdir((left + "/below").c_str(), 0755) == 0);
    remove_leftovers(find_places(layout));
    CHECK_FALSE(std::filesystem::exists(left));
    CHECK(alive.folders()[0].has("cgroup.procs"));
    // A second group of the same process takes another name.
    Cgroup second = Cgroup::create(layout, {});
    CHECK(second.folders()[0].name != alive.folders()[0].name);
}

TEST_CASE("a place is the top, our own group, or an empty one above it") {
    TempDir folder("places");
    std::string top = folder.path() + "/top";
    auto make = [&](const std::string& path, mode_t mode, const char* procs) {
        ::mkdir(path.c_str(), 0755);
        write_file_atomic(path + "/cgroup.procs", procs);
        write_file_atomic(path + "/cgroup.subtree_control", "");
        ::chmod(path.c_str(), mode);
    };
    make(top, 0755, "");
    CgroupHierarchy tree{2, {}, top, top + "/a/b"};
    CHECK(find_place(tree) == top);
    if (::geteuid() != 0) {
        WARN("the rest is skipped: needs root, to be somebody else");
        return;
    }
    make(top + "/a", 0777, "");
    ::chmod((top + "/a/cgroup.procs").c_str(), 0666);
    make(top + "/a/b", 0777, "7\n");
    ::chmod((top + "/a/b/cgroup.procs").c_str(), 0666);
    ::chmod(folder.path().c_str(), 0755);
    REQUIRE(::seteuid(65534) == 0);
    auto v2 = find_place(tree);  // b has processes
    tree.version = 1;
    auto v1 = find_place(tree);
    tree.own = top;
    auto none = find_place(tree);
    REQUIRE(::seteuid(0) == 0);
    CHECK(v2 == top + "/a");
    CHECK(v1 == top + "/a/b");
    CHECK_FALSE(none);
}

TEST_CASE("limits where no group can be made are an error, none are not") {
    TempDir folder("nowhere");
    CgroupLimits limits;
    limits.pids = 10;
    CgroupLayout layout{{{1, {"pids"}, "/no/such/tree", ""}}};
    CHECK_THROWS_WITH(Cgroup::create(layout, limits),
                      ContainsSubstring("where you may make none"));
    CHECK(Cgroup::create(layout, {}).folders().empty());
    limits.pids.reset();
    limits.devices = default_device_rules();
    CHECK_THROWS_WITH(Cgroup::create({}, limits),
                      ContainsSubstring("none are mounted here"));
}
