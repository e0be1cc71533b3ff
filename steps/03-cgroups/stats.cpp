#include "03-cgroups/stats.hpp"

#include <cstdio>

#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Folders = std::vector<CgroupFolder>;
using Value = std::optional<std::uint64_t>;

constexpr std::uint64_t ns_per_us = 1000, us_per_tick = 10'000;

//@ begin find-value
// The trees differ in the names of their files, so whichever has one knows.
Value find_value(const Folders& folders, const char* file) {
    for (const CgroupFolder& folder : folders)
        if (std::optional<std::string> text = folder.read(file)) {
            if (text->ends_with('\n')) text->pop_back();
            return parse_unsigned(*text, UINT64_MAX);
        }
    return std::nullopt;
}

Value find_keyed(const Folders& folders, const char* file, const char* key) {
    for (const CgroupFolder& folder : folders)
        if (std::optional<std::string> text = folder.read(file))
            if (Value value = keyed_value(*text, key)) return value;
    return std::nullopt;
}
//@ end find-value

Value first_of(Value preferred, Value other, std::uint64_t divisor = 1) {
    if (preferred) return preferred;
    if (other) *other /= divisor;
    return other;
}

std::string seconds(std::uint64_t us) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f s", static_cast<double>(us) / 1e6);
    return text;
}

std::string or_unknown(const Value& value, std::string (*show)(std::uint64_t)) {
    return value ? show(*value) : "not counted here";
}

std::string line(std::string_view name, const std::string& value) {
    std::string padded(name);
    padded.resize(14, ' ');
    return padded + value + '\n';
}

}  // namespace

// Not memory.failcnt: it counts what was tried, not who had to die.
Value read_oom_kills(const Folders& folders) {
    return first_of(find_keyed(folders, "memory.events", "oom_kill"),  // v2
                    find_keyed(folders, "memory.oom_control", "oom_kill"));
}

// A v2 group counts time also without the cpu controller.
Value read_cpu_us(const Folders& folders) {
    return first_of(find_keyed(folders, "cpu.stat", "usage_usec"),
                    find_value(folders, "cpuacct.usage"), ns_per_us);
}

//@ begin read-stats
CgroupStats read_cgroup_stats(const std::vector<CgroupFolder>& folders) {
    CgroupStats stats;
    stats.memory_peak =
        first_of(find_value(folders, "memory.peak"),                 // v2
                 find_value(folders, "memory.max_usage_in_bytes"));  // v1
    stats.oom_kills = read_oom_kills(folders);
    stats.cpu_us = read_cpu_us(folders);
    stats.user_us = find_keyed(folders, "cpu.stat", "user_usec");
    stats.system_us = find_keyed(folders, "cpu.stat", "system_usec");
    if (!stats.user_us) {
        stats.user_us = find_keyed(folders, "cpuacct.stat", "user");
        stats.system_us = find_keyed(folders, "cpuacct.stat", "system");
        for (Value* ticks : {&stats.user_us, &stats.system_us})
            if (*ticks) **ticks *= us_per_tick;
    }
    stats.periods = find_keyed(folders, "cpu.stat", "nr_periods");
    stats.throttled_periods = find_keyed(folders, "cpu.stat", "nr_throttled");
    stats.throttled_us =
        first_of(find_keyed(folders, "cpu.stat", "throttled_usec"),
                 find_keyed(folders, "cpu.stat", "throttled_time"), ns_per_us);
    stats.forks_refused = find_keyed(folders, "pids.events", "max");
    return stats;
}
//@ end read-stats

std::string stats_text(const CgroupStats& stats, const CgroupLimits& limits) {
    std::string peak = or_unknown(stats.memory_peak, format_size);
    if (limits.memory) peak += cat(" of ", format_size(*limits.memory));
    std::string cpu = or_unknown(stats.cpu_us, seconds);
    if (stats.user_us && stats.system_us)
        cpu += cat(" (user ", seconds(*stats.user_us), ", system ",
                   seconds(*stats.system_us), ")");
    std::string text = line("memory peak", peak) + line("cpu time", cpu);
    if (limits.cpu_quota_us && stats.throttled_us)
        text +=
            line("throttled", cat(seconds(*stats.throttled_us), ", in ",
                                  stats.throttled_periods.value_or(0), " of ",
                                  stats.periods.value_or(0), " periods"));
    if (limits.pids)
        text += line("forks refused",
                     or_unknown(stats.forks_refused, std::to_string));
    return text +
           line("oom kills", or_unknown(stats.oom_kills, std::to_string));
}

std::string memory_kill_text(const CgroupStats& stats,
                             const CgroupLimits& limits, bool killed) {
    std::uint64_t kills = stats.oom_kills.value_or(0);
    if (kills == 0) return {};
    std::string whom = killed
                           ? "the command"
                           : cat(kills, kills == 1 ? " process" : " processes",
                                 " of the command");
    std::string why =
        limits.memory
            ? cat("--memory ", format_size(*limits.memory), " was not enough")
            : "the machine had no more";
    return cat("the kernel killed ", whom, " for memory: ", why);
}

std::string refused_forks_text(const CgroupStats& stats,
                               const CgroupLimits& limits) {
    std::uint64_t refused = stats.forks_refused.value_or(0);
    if (refused == 0 || !limits.pids) return {};
    return cat("the kernel refused ", refused,
               refused == 1 ? " fork" : " forks", ": --pids-limit ",
               *limits.pids, " was reached");
}

}  // namespace slipway
