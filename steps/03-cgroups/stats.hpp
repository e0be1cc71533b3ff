// What a group has used, and what it was refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "03-cgroups/folder.hpp"
#include "03-cgroups/limits.hpp"

namespace slipway {

/// Empty where the system does not count it.
struct CgroupStats {
    std::optional<std::uint64_t> memory_peak;  ///< bytes
    std::optional<std::uint64_t> oom_kills;    ///< processes killed for memory
    std::optional<std::uint64_t> cpu_us, user_us, system_us;
    std::optional<std::uint64_t> periods, throttled_periods, throttled_us;
    std::optional<std::uint64_t> forks_refused;
};

/// From the folders of one group, one in each tree.
CgroupStats read_cgroup_stats(const std::vector<CgroupFolder>& folders);
/// One of them alone, for whoever asks often: each is a look at several files.
std::optional<std::uint64_t> read_oom_kills(
    const std::vector<CgroupFolder>& folders);
std::optional<std::uint64_t> read_cpu_us(
    const std::vector<CgroupFolder>& folders);

/// For people, several lines.
std::string stats_text(const CgroupStats& stats, const CgroupLimits& limits);
/// One sentence when the kernel killed for memory, else empty. `killed`: the
/// command itself ended by SIGKILL.
std::string memory_kill_text(const CgroupStats& stats,
                             const CgroupLimits& limits, bool killed);
/// One sentence when forks were refused, else empty.
std::string refused_forks_text(const CgroupStats& stats,
                               const CgroupLimits& limits);

}  // namespace slipway
