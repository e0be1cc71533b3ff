// Limits and devices of `create`, `run` and `update`.
#include "03-cgroups/limits.hpp"
#include "06-engine/cli/create_options.hpp"
#include "06-engine/cli/limit_options.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

// 0 is Docker's "nothing said".
CommandLine::Text number(const char* option, std::int64_t least,
                         std::int64_t most, std::optional<std::int64_t>& to) {
    return [option, least, most, &to](auto& text) {
        std::int64_t value = parse_integer(option, text, least, most);
        to = value == 0 ? std::nullopt : std::optional(value);
    };
}

CommandLine::Text bytes(const char* option, std::optional<std::int64_t>& to) {
    return [option, &to](auto& text) { to = parse_bytes_option(option, text); };
}

CommandLine::Text list(const char* option, std::string& to) {
    return [option, &to](auto& text) {
        with_context(option,
                     [&] { to = text.empty() ? "" : parse_cpu_list(text); });
    };
}

void declare_memory(CommandLine& line, ResourceRequest& limits) {
    line.value("-m,--memory", "SIZE", "at most this much memory: 64m, 1g",
               bytes("--memory", limits.memory));
    line.value(
        "--memory-swap", "SIZE",
        "memory and swap together; -1: no limit on swap",
        [&](auto& text) { limits.memory_swap = parse_swap_option(text); });
    line.value("--memory-reservation", "SIZE",
               "kept when memory runs short, not a limit",
               bytes("--memory-reservation", limits.memory_reservation));
}

void declare_cpu(CommandLine& line, ResourceRequest& limits) {
    constexpr std::int64_t most = INT64_MAX;
    line.value("--cpus", "NUMBER", "at most this many processors: 0.5, 2",
               [&](auto& text) {
                   limits.nano_cpus = parse_nano_cpus(text);
                   if (limits.nano_cpus == 0) limits.nano_cpus.reset();
               });
    line.value("-c,--cpu-shares", "NUMBER",
               "a share when others want them too; 1024 is usual",
               number("--cpu-shares", 0, most, limits.cpu_shares));
    line.value("--cpu-period", "MICROSECONDS", "the time that a quota is of",
               number("--cpu-period", 0, most, limits.cpu_period));
    line.value("--cpu-quota", "MICROSECONDS", "at most so long in each period",
               number("--cpu-quota", -1, most, limits.cpu_quota));
    line.value("--cpu-rt-period", "MICROSECONDS", "the same, real-time tasks",
               number("--cpu-rt-period", 0, most, limits.cpu_rt_period));
    line.value("--cpu-rt-runtime", "MICROSECONDS", "the same, real-time tasks",
               number("--cpu-rt-runtime", 0, most, limits.cpu_rt_runtime));
    line.value("--cpuset-cpus", "LIST", "only these processors: 0-2,5",
               list("--cpuset-cpus", limits.cpuset_cpus));
    line.value("--cpuset-mems", "LIST", "only memory of these nodes",
               list("--cpuset-mems", limits.cpuset_mems));
}

void declare_disk(CommandLine& line, ResourceRequest& limits) {
    struct Rate {
        const char *option, *placeholder, *help;
        bool bytes;
        std::vector<DeviceRate> ResourceRequest::*to;
    };
    using R = ResourceRequest;
    for (const Rate& rate :
         {Rate{"--device-read-bps", "DEVICE:SIZE", "read at most SIZE a second",
               true, &R::read_bps},
          Rate{"--device-write-bps", "DEVICE:SIZE",
               "write at most SIZE a second", true, &R::write_bps},
          Rate{"--device-read-iops", "DEVICE:NUMBER", "reads a second", false,
               &R::read_iops},
          Rate{"--device-write-iops", "DEVICE:NUMBER", "writes a second", false,
               &R::write_iops}})
        line.values(rate.option, rate.placeholder, rate.help,
                    [&limits, rate](auto& text) {
                        (limits.*rate.to)
                            .push_back(parse_rate_option(rate.option, text,
                                                         rate.bytes));
                    });
    line.values(
        "--blkio-weight-device", "DEVICE:WEIGHT", "the share of one disk",
        [&](auto& text) {
            limits.blkio_weight_device.push_back(parse_weight_device(text));
        });
}

void declare_devices(CommandLine& line, HostConfig& host) {
    line.values(
        "--device", "HOST[:INSIDE[:rwm]]", "a device of the host",
        [&](auto& text) { host.devices.push_back(parse_device(text)); });
    line.values(
        "--device-cgroup-rule", "RULE",
        "devices that may be opened: \"c 10:229 rw\"", [&](auto& text) {
            host.device_cgroup_rules.push_back(parse_device_cgroup_rule(text));
        });
    line.values("--ulimit", "NAME=SOFT[:HARD]", "a limit of each process",
                [&](auto& text) {
                    UlimitRequest limit = parse_ulimit(text);
                    std::erase_if(host.ulimits, [&](auto& each) {
                        return each.name == limit.name;
                    });
                    host.ulimits.push_back(limit);
                });
    line.refuse("--gpus",
                "GPUs are not supported: they need their vendor's driver "
                "inside; see --device");
}

}  // namespace

void declare_update_limits(CommandLine& line, ResourceRequest& limits) {
    line.group("Limits");
    declare_memory(line, limits);
    declare_cpu(line, limits);
    line.value("--pids-limit", "NUMBER",
               "at most this many processes; -1: no limit",
               number("--pids-limit", -1, INT64_MAX, limits.pids_limit));
    line.value("--blkio-weight", "NUMBER", "a share of the disk, 10 to 1000",
               [&](auto& text) {
                   auto weight = static_cast<std::uint16_t>(
                       parse_integer("--blkio-weight", text, 0, UINT16_MAX));
                   limits.blkio_weight.reset();
                   if (weight != 0) limits.blkio_weight = weight;
               });
}

void declare_limits(CommandLine& line, CreateCommandLine& options) {
    HostConfig& host = options.request.host;
    ResourceRequest& limits = host.resources;
    declare_update_limits(line, limits);
    line.value("--memory-swappiness", "NUMBER", "0 to 100 (-1: the machine's)",
               [&](auto& text) {
                   auto value =
                       parse_integer("--memory-swappiness", text, -1, 100);
                   limits.memory_swappiness.reset();
                   if (value >= 0) limits.memory_swappiness = value;
               });
    line.flag("--oom-kill-disable", "out of memory: wait, do not kill",
              limits.oom_kill_disable);
    line.value("--oom-score-adj", "NUMBER", "-1000 to 1000: whom to kill first",
               [&](auto& text) {
                   auto value = static_cast<int>(
                       parse_integer("--oom-score-adj", text, -1000, 1000));
                   host.oom_score_adj.reset();
                   if (value != 0) host.oom_score_adj = value;
               });
    line.value("--shm-size", "SIZE", "of /dev/shm (64m)", [&](auto& text) {
        auto size = parse_bytes_option("--shm-size", text);
        if (size) host.shm_size = static_cast<std::uint64_t>(*size);
    });
    line.value("--cgroup-parent", "PATH", "the group that its group is in",
               store(host.cgroup_parent));
    declare_disk(line, limits);
    declare_devices(line, host);
    line.refuse("--kernel-memory", "kernels do not limit it any more");
    for (const char* name :
         {"--cpu-count", "--cpu-percent", "--io-maxbandwidth", "--io-maxiops"})
        line.refuse(name, "that is for Windows");
}

}  // namespace slipway
