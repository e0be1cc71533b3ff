// What the control group of a container limits: config.json's linux.resources.
#pragma once

#include <vector>

#include "03-cgroups/folder.hpp"
#include "03-cgroups/layout.hpp"
#include "06-engine/runtime/resources.hpp"

namespace slipway {

/// Writes the limits; each goes to the tree that has its controller. Throws
/// Forbidden when there is none to write to.
void apply_resources(const std::vector<CgroupFolder>& folders,
                     const CgroupLayout& layout, const Resources& resources);
/// The device rules, on top of those every container has. Once, at create.
void apply_device_rules(const std::vector<CgroupFolder>& folders,
                        const CgroupLayout& layout,
                        const std::vector<DeviceRule>& rules);

}  // namespace slipway
