// What can be done to all processes of a group at once.
#pragma once

#include "03-cgroups/folder.hpp"

namespace slipway {

/// Kills all processes of the group and returns when they are gone. A v2 group
/// is killed by the kernel in one stroke (cgroup.kill, Linux 5.14); for others
/// each process is, until none is left.
void kill_cgroup(const CgroupFolder& group);

/// Stops all processes where they are, or lets them go on, and returns when
/// that has happened. v2 only (Linux 5.2): throws Unsupported for v1, whose
/// freezer does not tell when it is done.
void freeze_cgroup(const CgroupFolder& group, bool frozen);

}  // namespace slipway
