// From limits to files: what version 1 and version 2 call the same thing.
#pragma once

#include <string>
#include <vector>

#include "03-cgroups/layout.hpp"
#include "03-cgroups/limits.hpp"

namespace slipway {

/// One text to be written into one file of the group.
struct CgroupWrite {
    std::string file, value;
};
struct CgroupSetting {
    const char* option;  ///< what asked for it, "--memory"
    std::string controller;
    /// The first of these files that exists is written.
    std::vector<CgroupWrite> any_of;
    const char* reason;
    /// Our own addition: a system that lacks the file does without.
    bool optional = false;
};

/// The settings, in the order in which the kernel takes them. Devices are not
/// among them. Throws Unsupported for a controller that the system lacks.
std::vector<CgroupSetting> settings_for(const CgroupLimits& limits,
                                        const CgroupLayout& layout);

/// cpu.shares (2 to 262144) as cpu.weight (1 to 10000), as runc 1.1 and
/// crun 1.8 compute it. 1024, the usual value, becomes 39, not 100.
std::uint64_t cpu_weight(std::uint64_t shares);
/// blkio.weight (10 to 1000) as io.weight (1 to 10000).
std::uint64_t io_weight(std::uint64_t blkio_weight);

}  // namespace slipway
