#include "03-cgroups/layout.hpp"

#include <sys/stat.h>

#include "03-cgroups/folder.hpp"
#include "03-cgroups/stats.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

constexpr char hybrid_mounts[] =
    "22 1 254:0 / / rw - ext4 /dev/vda rw\n"
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup "
    "cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "36 31 0:32 / /mnt/again rw - cgroup cgroup rw,memory\n"
    "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
    "41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw - cgroup2 cgroup2 rw\n";
constexpr char hybrid_groups[] =
    "9:name=systemd:/\n"
    "4:memory:/process/7\n"
    "1:cpu,cpuacct:/\n"
    "0::/user.slice\n";

// A tree on disk that looks like a mounted one.
struct FakeTree {
    TempDir folder{"cgroups"};
    std::string put(const std::string& name, const std::string& text) {
        std::string path = folder.path() + "/" + name;
        write_file_atomic(path, text);
        return path;
    }
    std::string make(const std::string& name) {
        std::string path = folder.path() + "/" + name;
        ::mkdir(path.c_str(), 0755);
        return path;
    }
    CgroupLayout layout(const std::string& root, const std::string& own) {
        return parse_cgroup_layout("40 1 0:38 " + root + " " + folder.path() +
                                       " rw - cgroup2 none rw,nsdelegate\n",
                                   "0::" + own + "\n");
    }
};

}  // namespace

TEST_CASE("a hybrid system: each tree with its controllers and our group") {
    CgroupLayout layout = parse_cgroup_layout(hybrid_mounts, hybrid_groups);
    REQUIRE(layout.hierarchies.size() == 4);  // memory counts once
    CHECK(layout.version_of("memory") == 1);
    CHECK(layout.version_of("cpuacct") == 1);
    CHECK(layout.find("cpu") == layout.find("cpuacct"));
    CHECK(layout.version_of("pids") == 0);
    CHECK(layout.find("memory")->own == "/sys/fs/cgroup/memory/process/7");
    CHECK(layout.find("cpu")->own == "/sys/fs/cgroup/cpu,cpuacct");
    REQUIRE(layout.unified());
    CHECK(layout.unified()->mount_point == "/sys/fs/cgroup/uni fied");
}

TEST_CASE("a v2 system: the top group says what there is") {
    FakeTree tree;
    tree.put("cgroup.controllers", "cpuset cpu io memory pids\n");
    CgroupLayout layout = tree.layout("/", "/user.slice/me.scope");
    CHECK(layout.version_of("io") == 2);
    CHECK(layout.version_of("blkio") == 0);
    CHECK(layout.unified()->own == tree.folder.path() + "/user.slice/me.scope");
}

TEST_CASE("what is mounted may begin further down, or elsewhere") {
    FakeTree tree;
    std::string top = tree.folder.path();
    CHECK(tree.layout("/docker/1", "/docker/1").unified()->own == top);
    CHECK(tree.layout("/docker/1", "/docker/1/a").unified()->own == top + "/a");
    CHECK(tree.layout("/docker/1", "/docker/12").unified()->own.empty());
    CHECK(tree.layout("/", "/../other").unified()->own.empty());
}

TEST_CASE("no control groups, or lines that make no sense: an empty layout") {
    CHECK(parse_cgroup_layout("", "").hierarchies.empty());
    CHECK(parse_cgroup_layout(hybrid_mounts, "").hierarchies.empty());
    CHECK(parse_cgroup_layout(
              "x - cgroup\n - \n1 2 3 - cgroup cgroup rw,memory", hybrid_groups)
              .hierarchies.empty());
}

TEST_CASE("statistics are read from whichever version has them") {
    auto read_all_of = [](FakeTree& tree, int version) {
        std::string path = tree.folder.path();
        std::size_t slash = path.rfind('/');
        std::vector<CgroupFolder> folders;
        folders.push_back(std::move(*open_cgroup_folder(
            version, path.substr(0, slash), path.substr(slash + 1))));
        return read_cgroup_stats(folders);
    };
    FakeTree v1;
    v1.put("memory.max_usage_in_bytes", "4096\n");
    v1.put("memory.oom_control",
           "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    v1.put("cpuacct.usage", "5000000\n");
    v1.put("cpuacct.stat", "user 3\nsystem 4\n");
    v1.put("cpu.stat", "nr_periods 9\nnr_throttled 8\nthrottled_time 7000\n");
    CgroupStats old = read_all_of(v1, 1);
    CHECK(old.memory_peak == 4096);
    CHECK(old.oom_kills == 2);
    CHECK(old.cpu_us == 5000);
    CHECK(old.user_us == 30'000);
    CHECK(old.throttled_periods == 8);
    CHECK(old.throttled_us == 7);
    CHECK_FALSE(old.forks_refused);

    FakeTree v2;
    v2.put("memory.peak", "8192\n");
    v2.put("memory.events", "low 0\noom 1\noom_kill 3\noom_group_kill 0\n");
    v2.put("cpu.stat",
           "usage_usec 10\nuser_usec 6\nsystem_usec 4\nnr_periods 2\n"
           "nr_throttled 1\nthrottled_usec 50\n");
    v2.put("pids.events", "max 11\n");
    CgroupStats now = read_all_of(v2, 2);
    CHECK(now.memory_peak == 8192);
    CHECK(now.oom_kills == 3);
    CHECK(now.cpu_us == 10);
    CHECK(now.system_us == 4);
    CHECK(now.throttled_us == 50);
    CHECK(now.forks_refused == 11);

    FakeTree empty;
    CHECK_FALSE(read_all_of(empty, 2).oom_kills);
    CHECK_THAT(stats_text(read_all_of(empty, 2), {}),
               ContainsSubstring("not counted here"));
}

TEST_CASE("what was killed and refused is said in a sentence") {
    CgroupLimits limits;
    limits.memory = 64 << 20;
    limits.pids = 20;
    CgroupStats stats;
    CHECK(memory_kill_text(stats, limits, true).empty());
    CHECK(refused_forks_text(stats, limits).empty());
    stats.oom_kills = 2;
    stats.forks_refused = 1;
    CHECK(memory_kill_text(stats, limits, true) ==
          "the kernel killed the command for memory: --memory 64 MiB was not "
          "enough");
    CHECK_THAT(memory_kill_text(stats, limits, false),
               ContainsSubstring("killed 2 processes of the command"));
    CHECK(refused_forks_text(stats, limits) ==
          "the kernel refused 1 fork: --pids-limit 20 was reached");
    CHECK_THAT(memory_kill_text(stats, {}, true),
               ContainsSubstring("the machine had no more"));
}
