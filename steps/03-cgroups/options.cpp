#include "03-cgroups/options.hpp"

#include <unistd.h>

#include <thread>

#include "02-namespaces/id_map.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::uint64_t in_range(const char* option, const std::string& text,
                       std::uint64_t least, std::uint64_t most) {
    auto value = parse_unsigned(text, most);
    if (value && *value >= least) return *value;
    throw Error(ErrorKind::InvalidArgument,
                cat(option, " ", quote(text), " is no number from ", least,
                    " to ", most));
}

// As Docker: 0 means that there is no limit.
std::optional<std::uint64_t> size_or_none(const std::string& text) {
    std::uint64_t bytes = parse_size(text);
    if (bytes == 0) return std::nullopt;
    return bytes;
}

void declare_memory(CommandLine& line, CgroupLimits& limits) {
    line.value("-m,--memory", "SIZE", "at most this much memory: 64m, 1g",
               [&](auto& text) { limits.memory = size_or_none(text); });
    line.value(
        "--memory-swap", "SIZE",
        "memory and swap together; -1: no limit on swap", [&](auto& text) {
            limits.memory_swap =
                text == "-1" ? -1 : static_cast<std::int64_t>(parse_size(text));
            if (limits.memory_swap == 0) limits.memory_swap.reset();
        });
    line.value("--memory-reservation", "SIZE",
               "kept when memory runs short, not a limit", [&](auto& text) {
                   limits.memory_reservation = size_or_none(text);
               });
}

void declare_cpu(CommandLine& line, CgroupLimits& limits) {
    line.value("--cpus", "NUMBER", "at most this many processors: 0.5, 2",
               [&](auto& text) {
                   limits.cpu_quota_us =
                       parse_cpus(text, std::thread::hardware_concurrency());
               });
    line.value(
        "-c,--cpu-shares", "NUMBER",
        "a share when others want them too; 1024 is usual", [&](auto& text) {
            constexpr std::uint64_t least = 2, most = 262144;
            limits.cpu_shares = in_range("--cpu-shares", text, least, most);
        });
    line.value("--cpuset-cpus", "LIST", "only these processors: 0-2,5",
               [&](auto& text) { limits.cpuset_cpus = parse_cpu_list(text); });
    line.value("--cpuset-mems", "LIST", "only memory of these nodes",
               [&](auto& text) { limits.cpuset_mems = parse_cpu_list(text); });
    line.value("--pids-limit", "NUMBER", "at most this many processes",
               [&](auto& text) {
                   constexpr std::uint64_t most = 4'194'304;  // pid_max
                   if (text == "-1" || text == "0")
                       limits.pids.reset();
                   else
                       limits.pids = in_range("--pids-limit", text, 1, most);
               });
}

void declare_io(CommandLine& line, CgroupLimits& limits) {
    line.value("--blkio-weight", "NUMBER", "a share of the disk, 10 to 1000",
               [&](auto& text) {
                   constexpr std::uint64_t least = 10, most = 1000;
                   limits.blkio_weight =
                       in_range("--blkio-weight", text, least, most);
               });
    struct Rate {
        const char *option, *placeholder, *help;
        IoRate::Kind kind;
    };
    using Kind = IoRate::Kind;
    for (const Rate& rate :
         {Rate{"--device-read-bps", "DEVICE:SIZE", "read at most SIZE a second",
               Kind::ReadBytes},
          Rate{"--device-write-bps", "DEVICE:SIZE",
               "write at most SIZE a second", Kind::WriteBytes},
          Rate{"--device-read-iops", "DEVICE:NUMBER", "reads a second",
               Kind::ReadOperations},
          Rate{"--device-write-iops", "DEVICE:NUMBER", "writes a second",
               Kind::WriteOperations}})
        line.values(rate.option, rate.placeholder, rate.help,
                    [&limits, kind = rate.kind](auto& text) {
                        limits.io_rates.push_back(parse_io_rate(kind, text));
                    });
    line.values(
        "--device-rule", "RULE", "one more device, \"c 10:229 rw\"; \"a\": all",
        [&](auto& text) { limits.devices.push_back(parse_device_rule(text)); });
}

}  // namespace

void declare_limit_options(CommandLine& line, CgroupLimits& limits) {
    declare_memory(line, limits);
    declare_cpu(line, limits);
    declare_io(line, limits);
}

void finish_limits(CgroupLimits& limits) {
    check_limits(limits);
    bool may = ::geteuid() == 0 && !in_user_namespace();
    if (!may && limits.devices.empty()) return;
    limits.devices_optional = limits.devices.empty();
    std::vector<DeviceRule> rules = default_device_rules();
    rules.insert(rules.end(), limits.devices.begin(), limits.devices.end());
    limits.devices = std::move(rules);
}

}  // namespace slipway
