// Where this system keeps its control groups: v1, v2, or both.
//
// Version 1 has a tree for each controller (or for a few together), version 2
// has one tree for all. A system with v1 trees and a v2 tree beside them is
// called hybrid: each controller is in one place only, the v2 tree is good for
// what needs no controller: kill, freeze, events.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct CgroupHierarchy {
    int version = 0;  ///< 1 or 2
    /// v1: what is mounted together, "memory", or "cpu" and "cpuacct", or
    /// "name=systemd". v2: the controllers that its top group can give out.
    std::vector<std::string> controllers;
    std::string mount_point;
    /// The folder of our own group; empty when it is not below mount_point.
    std::string own;
};

struct CgroupLayout {
    std::vector<CgroupHierarchy> hierarchies;

    /// The tree that has this controller, or nullptr.
    const CgroupHierarchy* find(std::string_view controller) const;
    /// The v2 tree, or nullptr.
    const CgroupHierarchy* unified() const;
    /// 1 or 2; 0 when the system does not have the controller.
    int version_of(std::string_view controller) const;
};

/// From /proc/self/mountinfo and /proc/self/cgroup of this process. A system
/// without control groups has an empty layout: that is no error yet.
CgroupLayout read_cgroup_layout();
/// The same from texts; the controllers of a v2 tree are read from its mount
/// point. Sources: proc(5) on mountinfo, cgroups(7) on /proc/PID/cgroup.
CgroupLayout parse_cgroup_layout(std::string_view mountinfo,
                                 std::string_view own_groups);

}  // namespace slipway
