// Writing limits into a group's files.
#pragma once

#include <vector>

#include "03-cgroups/devices.hpp"
#include "03-cgroups/folder.hpp"
#include "03-cgroups/settings.hpp"

namespace slipway {

/// Gives a new v1 cpuset what the group above it has.
void inherit_cpuset(const CgroupFolder& folder);

/// Writes the first of the setting's files that the group has. Throws
/// Unsupported when it has none and the setting is not optional, and what the
/// kernel says of the value, with advice.
void apply_setting(const CgroupFolder& folder, const CgroupSetting& setting);

/// Denies all devices but what the rules allow. v1: by files, v2: by a program.
void apply_devices(const CgroupFolder& folder,
                   const std::vector<DeviceRule>& rules);

}  // namespace slipway
