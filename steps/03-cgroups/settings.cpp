#include "03-cgroups/settings.hpp"

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Settings = std::vector<CgroupSetting>;

//@ begin swap
// v1 limits memory and swap together, v2 swap alone.
void add_swap(Settings& list, const CgroupLimits& limits, bool v1) {
    std::uint64_t both = 2 * *limits.memory;
    bool endless = limits.memory_swap && *limits.memory_swap < 0;
    if (limits.memory_swap)
        both = static_cast<std::uint64_t>(*limits.memory_swap);
    CgroupWrite swap =
        v1 ? CgroupWrite{"memory.memsw.limit_in_bytes", cat(both)}
           : CgroupWrite{"memory.swap.max", cat(both - *limits.memory)};
    if (endless) swap.value = v1 ? "-1" : "max";
    list.push_back({"--memory-swap",
                    "memory",
                    {swap},
                    "or it would go on in swap, for ever slower",
                    !limits.memory_swap.has_value()});
}
//@ end swap

//@ begin memory
void add_memory(Settings& list, const CgroupLimits& limits, bool v1) {
    if (limits.memory)
        list.push_back({"--memory",
                        "memory",
                        {{v1 ? "memory.limit_in_bytes" : "memory.max",
                          cat(*limits.memory)}},
                        "beyond this much the kernel kills"});
    if (limits.memory) add_swap(list, limits, v1);
    if (limits.memory_reservation)
        list.push_back(
            {"--memory-reservation",
             "memory",
             {{v1 ? "memory.soft_limit_in_bytes" : "memory.low",
               cat(*limits.memory_reservation)}},
             v1 ? "taken back to this much when the machine runs short"
                : "this much is left alone when the machine runs short"});
}
//@ end memory

//@ begin cpu
void add_cpu(Settings& list, const CgroupLimits& limits, bool v1) {
    const char* bandwidth = "so much time in each period, then wait";
    if (limits.cpu_quota_us) {
        std::string quota = cat(*limits.cpu_quota_us);
        std::string period = cat(limits.cpu_period_us);
        if (v1) {
            list.push_back({"--cpus",
                            "cpu",
                            {{"cpu.cfs_period_us", period}},
                            "how often the quota is given"});
            list.push_back(
                {"--cpus", "cpu", {{"cpu.cfs_quota_us", quota}}, bandwidth});
        } else {
            list.push_back({"--cpus",
                            "cpu",
                            {{"cpu.max", cat(quota, " ", period)}},
                            bandwidth});
        }
    }
    if (limits.cpu_shares) {
        CgroupWrite shares{"cpu.shares", cat(*limits.cpu_shares)};
        CgroupWrite weight{"cpu.weight", cat(cpu_weight(*limits.cpu_shares))};
        list.push_back({"--cpu-shares",
                        "cpu",
                        {v1 ? shares : weight},
                        "a share, when others want the processors too"});
    }
}
//@ end cpu

//@ begin cpuset-and-pids
void add_cpuset(Settings& list, const CgroupLimits& limits) {
    if (!limits.cpuset_cpus.empty())
        list.push_back({"--cpuset-cpus",
                        "cpuset",
                        {{"cpuset.cpus", limits.cpuset_cpus}},
                        "these processors and no others"});
    if (!limits.cpuset_mems.empty())
        list.push_back({"--cpuset-mems",
                        "cpuset",
                        {{"cpuset.mems", limits.cpuset_mems}},
                        "memory of these nodes and no others"});
}

void add_pids(Settings& list, const CgroupLimits& limits) {
    if (limits.pids)
        list.push_back({"--pids-limit",
                        "pids",
                        {{"pids.max", cat(*limits.pids)}},
                        "beyond this many, fork fails"});
}
//@ end cpuset-and-pids

//@ begin rate-names
struct RateName {
    const char *option, *v1_file, *v2_key;
};
RateName rate_name(IoRate::Kind kind) {
    switch (kind) {
        case IoRate::Kind::ReadBytes:
            return {"--device-read-bps", "blkio.throttle.read_bps_device",
                    "rbps"};
        case IoRate::Kind::WriteBytes:
            return {"--device-write-bps", "blkio.throttle.write_bps_device",
                    "wbps"};
        case IoRate::Kind::ReadOperations:
            return {"--device-read-iops", "blkio.throttle.read_iops_device",
                    "riops"};
        case IoRate::Kind::WriteOperations:
            break;
    }
    return {"--device-write-iops", "blkio.throttle.write_iops_device", "wiops"};
}
//@ end rate-names

//@ begin io
void add_io(Settings& list, const CgroupLimits& limits, bool v1) {
    std::string controller = v1 ? "blkio" : "io";
    if (limits.blkio_weight) {
        // The plain file is there for some disk schedulers, the other for BFQ.
        std::string weight = cat(*limits.blkio_weight);
        std::vector<CgroupWrite> names;
        if (v1)
            names = {{"blkio.weight", weight}, {"blkio.bfq.weight", weight}};
        else
            names = {{"io.bfq.weight", weight},
                     {"io.weight", cat(io_weight(*limits.blkio_weight))}};
        list.push_back({"--blkio-weight", controller, names,
                        "a share, when others want the disk too"});
    }
    for (const IoRate& rate : limits.io_rates) {
        RateName name = rate_name(rate.kind);
        std::string device = cat(rate.major, ":", rate.minor, " ");
        std::string value = cat(rate.per_second);
        CgroupWrite write =
            v1 ? CgroupWrite{name.v1_file, device + value}
               : CgroupWrite{"io.max", cat(device, name.v2_key, "=", value)};
        list.push_back({name.option, controller, {write}, "so much a second"});
    }
}
//@ end io

void require_controllers(const Settings& settings, const CgroupLayout& layout) {
    for (const CgroupSetting& setting : settings)
        if (!layout.find(setting.controller))
            throw Error(ErrorKind::Unsupported,
                        cat(setting.option, " needs the ", setting.controller,
                            " controller, which this system does not have"))
                .advise(
                    "./dev doctor shows which controllers there are; some "
                    "wait for a kernel parameter, as cgroup_enable=memory");
}

}  // namespace

std::vector<CgroupSetting> settings_for(const CgroupLimits& limits,
                                        const CgroupLayout& layout) {
    Settings list;
    add_memory(list, limits, layout.version_of("memory") == 1);
    add_cpu(list, limits, layout.version_of("cpu") == 1);
    add_cpuset(list, limits);
    add_pids(list, limits);
    add_io(list, limits, layout.version_of("blkio") == 1);
    require_controllers(list, layout);
    return list;
}

//@ begin weights
std::uint64_t cpu_weight(std::uint64_t shares) {
    return 1 + (shares - 2) * 9999 / 262142;
}

std::uint64_t io_weight(std::uint64_t blkio_weight) {
    return 1 + (blkio_weight - 10) * 9999 / 990;
}
//@ end weights

}  // namespace slipway
