#include <algorithm>

#include "06-engine/runtime/resources.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

/// The list as it grows, and what the system has.
struct Settings {
    const CgroupLayout& layout;
    std::vector<CgroupSetting> list = {};

    bool v1(const char* controller) const {
        return layout.version_of(controller) == 1;
    }
    /// Nothing of version 1 is in use: what only that knows has no meaning.
    bool only_v2() const {
        return !layout.hierarchies.empty() &&
               std::all_of(layout.hierarchies.begin(), layout.hierarchies.end(),
                           [](const auto& tree) { return tree.version == 2; });
    }
    void add(const char* option, const char* controller,
             std::vector<CgroupWrite> any_of, const char* reason,
             bool optional = false) {
        list.push_back(
            {option, controller, std::move(any_of), reason, optional});
    }
};

[[noreturn]] void refuse(ErrorKind kind, const std::string& message,
                         const char* advice) {
    throw Error(kind, cat("linux.resources.", message)).advise(advice);
}

std::string limit_text(std::int64_t value, bool v1) {
    if (value < 0) return v1 ? "-1" : "max";
    return cat(value);
}

// v1 limits memory and swap together, v2 swap alone.
std::string swap_text(const MemoryResources& memory, bool v1) {
    if (v1 || *memory.swap < 0) return limit_text(*memory.swap, v1);
    if (!memory.limit || *memory.limit < 0 || *memory.limit > *memory.swap)
        refuse(ErrorKind::InvalidArgument,
               "memory.swap: it counts memory and swap together, and needs a "
               "memory.limit that is not above it",
               "cgroup version 2 limits swap alone: it is the difference");
    return cat(*memory.swap - *memory.limit);
}

void add_swap(Settings& settings, const MemoryResources& memory) {
    bool v1 = settings.v1("memory");
    const char* file = v1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max";
    if (memory.swap)
        settings.add("memory.swap", "memory", {{file, swap_text(memory, v1)}},
                     "or it would go on in swap, for ever slower",
                     *memory.swap < 0);
    else if (memory.limit && *memory.limit < 0)
        settings.add("memory.limit", "memory", {{file, limit_text(-1, v1)}},
                     "memory without limit, and the two together with one, is "
                     "a contradiction",
                     true);
}

void add_memory_limit(Settings& settings, const MemoryResources& memory) {
    bool v1 = settings.v1("memory");
    if (memory.limit)
        settings.add("memory.limit", "memory",
                     {{v1 ? "memory.limit_in_bytes" : "memory.max",
                       limit_text(*memory.limit, v1)}},
                     "beyond this much the kernel kills", *memory.limit < 0);
}

// v1 has at each moment: memory not above memory and swap together. So the
// greater one is widened first, and narrowed last.
void add_memory(Settings& settings, const MemoryResources& memory) {
    bool v1 = settings.v1("memory");
    bool widens = memory.limit && *memory.limit < 0;
    if (widens) add_swap(settings, memory);
    add_memory_limit(settings, memory);
    if (!widens) add_swap(settings, memory);
    if (memory.reservation)
        settings.add("memory.reservation", "memory",
                     {{v1 ? "memory.soft_limit_in_bytes" : "memory.low",
                       limit_text(*memory.reservation, v1)}},
                     v1 ? "taken back to this much when the machine runs short"
                        : "this much is left alone when the machine runs short",
                     *memory.reservation < 0);
    if (!v1) return;
    // memory.kernel is not here: since Linux 5.16 the file takes no limit.
    if (memory.kernel_tcp)
        settings.add("memory.kernelTCP", "memory",
                     {{"memory.kmem.tcp.limit_in_bytes",
                       limit_text(*memory.kernel_tcp, true)}},
                     "memory for the buffers of sockets", true);
    if (memory.swappiness)
        settings.add("memory.swappiness", "memory",
                     {{"memory.swappiness", cat(*memory.swappiness)}},
                     "how soon memory goes to swap");
    if (memory.disable_oom_killer)
        settings.add("memory.disableOOMKiller", "memory",
                     {{"memory.oom_control", "1"}},
                     "who needs more than there is, waits");
}

void add_bandwidth_v1(Settings& settings, const CpuResources& cpu) {
    if (cpu.period_us)
        settings.add("cpu.period", "cpu",
                     {{"cpu.cfs_period_us", cat(*cpu.period_us)}},
                     "how often the quota is given");
    if (cpu.quota_us)
        settings.add(
            "cpu.quota", "cpu", {{"cpu.cfs_quota_us", cat(*cpu.quota_us)}},
            "so much time in each period, then wait", *cpu.quota_us < 0);
}

void add_bandwidth_v2(Settings& settings, const CpuResources& cpu) {
    constexpr std::uint64_t usual_period_us = 100'000;
    if (!cpu.quota_us && !cpu.period_us) return;
    bool endless = cpu.quota_us.value_or(-1) < 0;
    settings.add(
        cpu.quota_us ? "cpu.quota" : "cpu.period", "cpu",
        {{"cpu.max", cat(limit_text(cpu.quota_us.value_or(-1), false), " ",
                         cpu.period_us.value_or(usual_period_us))}},
        "so much time in each period, then wait", endless);
}

void add_realtime(Settings& settings, const CpuResources& cpu) {
    if (!cpu.realtime_period_us && !cpu.realtime_runtime_us) return;
    const char* option =
        cpu.realtime_runtime_us ? "cpu.realtimeRuntime" : "cpu.realtimePeriod";
    if (settings.layout.version_of("cpu") == 2)
        refuse(ErrorKind::Unsupported,
               cat(option, ": cgroup version 2 has no real-time shares"),
               "leave it out: on such a system all may use what the machine "
               "gives to real-time processes");
    if (cpu.realtime_period_us)
        settings.add("cpu.realtimePeriod", "cpu",
                     {{"cpu.rt_period_us", cat(*cpu.realtime_period_us)}},
                     "how often real-time shares are given");
    if (cpu.realtime_runtime_us)
        settings.add("cpu.realtimeRuntime", "cpu",
                     {{"cpu.rt_runtime_us", cat(*cpu.realtime_runtime_us)}},
                     "real-time processes run so long in each period");
}

void add_cpu(Settings& settings, const CpuResources& cpu) {
    bool v1 = settings.v1("cpu");
    if (cpu.shares) {
        // The kernel takes what is outside for the nearest it knows.
        std::uint64_t shares =
            std::clamp<std::uint64_t>(*cpu.shares, 2, 262144);
        settings.add("cpu.shares", "cpu",
                     {v1 ? CgroupWrite{"cpu.shares", cat(shares)}
                         : CgroupWrite{"cpu.weight", cat(cpu_weight(shares))}},
                     "a share, when others want the processors too");
    }
    if (v1)
        add_bandwidth_v1(settings, cpu);
    else
        add_bandwidth_v2(settings, cpu);
    // Behind the quota, which it must not be above.
    if (cpu.burst_us)
        settings.add(
            "cpu.burst", "cpu",
            {{v1 ? "cpu.cfs_burst_us" : "cpu.max.burst", cat(*cpu.burst_us)}},
            "unused time may be saved up, this much", *cpu.burst_us == 0);
    add_realtime(settings, cpu);
    // Behind the shares, which an idle group cannot have.
    if (cpu.idle)
        settings.add("cpu.idle", "cpu", {{"cpu.idle", cat(*cpu.idle)}},
                     "only when nobody else wants the processors",
                     *cpu.idle == 0);
    if (!cpu.cpus.empty())
        settings.add("cpu.cpus", "cpuset", {{"cpuset.cpus", cpu.cpus}},
                     "these processors and no others");
    if (!cpu.mems.empty())
        settings.add("cpu.mems", "cpuset", {{"cpuset.mems", cpu.mems}},
                     "memory of these nodes and no others");
}

constexpr char weight_reason[] = "a share, when others want the disk too";

// The plain file is there for some disk schedulers, the other for BFQ.
void add_weight(Settings& settings, const char* option,
                const std::string& device, std::uint16_t weight) {
    const char* suffix = device.empty() ? "" : "_device";
    std::string value = device + cat(weight);
    if (settings.v1("blkio"))
        settings.add(option, "blkio",
                     {{cat("blkio.weight", suffix), value},
                      {cat("blkio.bfq.weight", suffix), value}},
                     weight_reason);
    else
        settings.add(option, "io",
                     {{"io.bfq.weight", value},
                      {"io.weight", device + cat(io_weight(weight))}},
                     weight_reason);
}

// Of the CFQ scheduler, which Linux 5.0 took out, and v2 never had.
void add_leaf_weight(Settings& settings, const char* option,
                     const std::string& device, std::uint16_t weight) {
    if (!settings.v1("blkio")) return;
    const char* suffix = device.empty() ? "" : "_device";
    settings.add(option, "blkio",
                 {{cat("blkio.leaf_weight", suffix), device + cat(weight)}},
                 "the share against its own groups below", true);
}

struct RateName {
    const char *option, *v1_file, *v2_key;
};
RateName rate_name(IoRate::Kind kind) {
    switch (kind) {
        case IoRate::Kind::ReadBytes:
            return {"blockIO.throttleReadBpsDevice",
                    "blkio.throttle.read_bps_device", "rbps"};
        case IoRate::Kind::WriteBytes:
            return {"blockIO.throttleWriteBpsDevice",
                    "blkio.throttle.write_bps_device", "wbps"};
        case IoRate::Kind::ReadOperations:
            return {"blockIO.throttleReadIOPSDevice",
                    "blkio.throttle.read_iops_device", "riops"};
        case IoRate::Kind::WriteOperations:
            break;
    }
    return {"blockIO.throttleWriteIOPSDevice",
            "blkio.throttle.write_iops_device", "wiops"};
}

// A rate of 0 takes a limit back: v1 writes it so, v2 as "max".
void add_rate(Settings& settings, const IoRate& rate) {
    RateName name = rate_name(rate.kind);
    bool v1 = settings.v1("blkio");
    bool endless = rate.per_second == 0;
    std::string device = cat(rate.major, ":", rate.minor, " ");
    std::string value = cat(rate.per_second);
    if (!v1) value = cat(name.v2_key, "=", endless ? "max" : value);
    settings.add(name.option, v1 ? "blkio" : "io",
                 {{v1 ? name.v1_file : "io.max", device + value}},
                 "so much a second", endless);
}

void add_block_io(Settings& settings, const BlockIoResources& io) {
    if (io.weight) add_weight(settings, "blockIO.weight", "", *io.weight);
    if (io.leaf_weight)
        add_leaf_weight(settings, "blockIO.leafWeight", "", *io.leaf_weight);
    for (const DeviceWeight& one : io.device_weights) {
        std::string device = cat(one.major, ":", one.minor, " ");
        if (one.weight)
            add_weight(settings, "blockIO.weightDevice", device, *one.weight);
        if (one.leaf_weight)
            add_leaf_weight(settings, "blockIO.weightDevice", device,
                            *one.leaf_weight);
    }
    for (const IoRate& rate : io.rates) add_rate(settings, rate);
}

void add_hugepages(Settings& settings, const Resources& resources) {
    bool v1 = settings.v1("hugetlb");
    const char* suffix = v1 ? "limit_in_bytes" : "max";
    for (const HugepageLimit& one : resources.hugepages) {
        std::string size = cat("hugetlb.", one.page_size, ".");
        std::string limit = cat(one.limit);
        // Counted when they are reserved, where the kernel can (5.7): who is
        // refused then gets an error, and no SIGBUS later.
        settings.add(
            "hugepageLimits", "hugetlb",
            {{cat(size, "rsvd.", suffix), limit}, {cat(size, suffix), limit}},
            "huge pages are few, and never go to swap");
    }
}

// Version 2 has no such thing; there the packets are matched by their group.
void add_network(Settings& settings, const Resources& resources) {
    if (settings.only_v2()) return;
    if (resources.network_class)
        settings.add("network.classID", "net_cls",
                     {{"net_cls.classid", cat(*resources.network_class)}},
                     "packets carry this mark for tc and nft");
    for (const NetworkPriority& one : resources.network_priorities)
        settings.add("network.priorities", "net_prio",
                     {{"net_prio.ifpriomap", cat(one.name, " ", one.priority)}},
                     "packets leave this interface by rank");
}

void add_rdma(Settings& settings, const Resources& resources) {
    for (const auto& [device, limit] : resources.rdma) {
        std::string line = device;
        if (limit.handles) line += cat(" hca_handle=", *limit.handles);
        if (limit.objects) line += cat(" hca_object=", *limit.objects);
        settings.add("rdma", "rdma", {{"rdma.max", line}},
                     "so many objects of the network card");
    }
}

void check_unified(const CgroupLayout& layout, const std::string& file,
                   const std::string& controller) {
    const CgroupHierarchy* tree = layout.unified();
    bool there =
        tree && (controller == "cgroup" || layout.version_of(controller) == 2);
    if (there) return;
    refuse(ErrorKind::Unsupported,
           cat("unified: ", quote(file),
               tree ? cat(" needs the ", controller,
                          " controller in the v2 tree, where it is not")
                    : " needs a v2 tree, and this system has none"),
           "./dev doctor shows which controllers there are, and where");
}

// Last: whoever writes a file by name knows what the fields above have not.
void add_unified(Settings& settings, const Resources& resources) {
    for (const auto& [file, value] : resources.unified) {
        std::string controller = file.substr(0, file.find('.'));
        check_unified(settings.layout, file, controller);
        settings.list.push_back({"unified",
                                 controller,
                                 {{file, value}},
                                 "a file of version 2, by its name"});
    }
}

void require_controllers(Settings& settings) {
    auto missing = [&](const CgroupSetting& setting) {
        return setting.controller != "cgroup" &&
               !settings.layout.find(setting.controller);
    };
    for (const CgroupSetting& setting : settings.list)
        if (!setting.optional && missing(setting))
            refuse(ErrorKind::Unsupported,
                   cat(setting.option, ": it needs the ", setting.controller,
                       " controller, which this system does not have"),
                   "./dev doctor shows which controllers there are; some wait "
                   "for a kernel parameter, as cgroup_enable=memory");
    std::erase_if(settings.list, missing);
}

}  // namespace

std::vector<CgroupSetting> settings_for(const Resources& resources,
                                        const CgroupLayout& layout) {
    Settings settings{layout};
    add_memory(settings, resources.memory);
    add_cpu(settings, resources.cpu);
    add_block_io(settings, resources.block_io);
    if (resources.pids)
        settings.add(
            "pids.limit", "pids",
            {{"pids.max", *resources.pids <= 0 ? "max" : cat(*resources.pids)}},
            "beyond this many, fork fails", *resources.pids <= 0);
    add_hugepages(settings, resources);
    add_network(settings, resources);
    add_rdma(settings, resources);
    add_unified(settings, resources);
    require_controllers(settings);
    return std::move(settings.list);
}

}  // namespace slipway
