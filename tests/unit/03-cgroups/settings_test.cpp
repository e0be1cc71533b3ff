#include "03-cgroups/settings.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

const CgroupLayout v1{{{1, {"memory"}, "/m", "/m"},
                       {1, {"cpu"}, "/c", "/c"},
                       {1, {"cpuset"}, "/s", "/s"},
                       {1, {"pids"}, "/p", "/p"},
                       {1, {"blkio"}, "/b", "/b"}}};
const CgroupLayout v2{
    {{2, {"cpuset", "cpu", "io", "memory", "pids"}, "/u", "/u"}}};

// "file=value" of each setting; alternatives with | between them.
std::string written(const CgroupLimits& limits, const CgroupLayout& layout) {
    std::vector<std::string> lines;
    for (const CgroupSetting& setting : settings_for(limits, layout)) {
        std::vector<std::string> names;
        for (const CgroupWrite& write : setting.any_of)
            names.push_back(write.file + "=" + write.value);
        lines.push_back(join(names, "|"));
    }
    return join(lines, " ");
}

}  // namespace

TEST_CASE("memory: v1 limits memory and swap together, v2 swap alone") {
    CgroupLimits limits;
    limits.memory = 1000;
    CHECK(written(limits, v1) ==
          "memory.limit_in_bytes=1000 memory.memsw.limit_in_bytes=2000");
    CHECK(written(limits, v2) == "memory.max=1000 memory.swap.max=1000");
    limits.memory_swap = 1500;
    CHECK(written(limits, v1) ==
          "memory.limit_in_bytes=1000 memory.memsw.limit_in_bytes=1500");
    CHECK(written(limits, v2) == "memory.max=1000 memory.swap.max=500");
    limits.memory_swap = -1;
    CHECK(written(limits, v1) ==
          "memory.limit_in_bytes=1000 memory.memsw.limit_in_bytes=-1");
    CHECK(written(limits, v2) == "memory.max=1000 memory.swap.max=max");
    CgroupLimits kept;
    kept.memory_reservation = 7;
    CHECK(written(kept, v1) == "memory.soft_limit_in_bytes=7");
    CHECK(written(kept, v2) == "memory.low=7");
}

TEST_CASE("swap that nobody asked for may be missing") {
    CgroupLimits limits;
    limits.memory = 1000;
    CHECK(settings_for(limits, v2)[1].optional);
    limits.memory_swap = 1000;
    CHECK_FALSE(settings_for(limits, v2)[1].optional);
}

TEST_CASE("processors: quota and period, shares and weight") {
    CgroupLimits limits;
    limits.cpu_quota_us = 50'000;
    limits.cpu_shares = 1024;
    limits.cpuset_cpus = "0-1";
    CHECK(written(limits, v1) ==
          "cpu.cfs_period_us=100000 cpu.cfs_quota_us=50000 cpu.shares=1024 "
          "cpuset.cpus=0-1");
    CHECK(written(limits, v2) ==
          "cpu.max=50000 100000 cpu.weight=39 cpuset.cpus=0-1");
}

TEST_CASE("weights are converted as runc and crun do") {
    CHECK(cpu_weight(2) == 1);
    CHECK(cpu_weight(1024) == 39);
    CHECK(cpu_weight(262144) == 10000);
    CHECK(io_weight(10) == 1);
    CHECK(io_weight(500) == 4950);
    CHECK(io_weight(1000) == 10000);
}

TEST_CASE("processes and disks") {
    CgroupLimits limits;
    limits.pids = 20;
    limits.blkio_weight = 500;
    limits.io_rates = {{IoRate::Kind::ReadBytes, 8, 0, 1000},
                       {IoRate::Kind::WriteOperations, 8, 16, 7}};
    CHECK(written(limits, v1) ==
          "pids.max=20 blkio.weight=500|blkio.bfq.weight=500 "
          "blkio.throttle.read_bps_device=8:0 1000 "
          "blkio.throttle.write_iops_device=8:16 7");
    CHECK(written(limits, v2) ==
          "pids.max=20 io.bfq.weight=500|io.weight=4950 "
          "io.max=8:0 rbps=1000 io.max=8:16 wiops=7");
}

TEST_CASE("a controller that is missing is named") {
    CgroupLimits limits;
    CHECK(settings_for(limits, {}).empty());
    limits.pids = 1;
    CHECK_THROWS_WITH(settings_for(limits, {}),
                      ContainsSubstring("--pids-limit needs the pids "
                                        "controller"));
}
