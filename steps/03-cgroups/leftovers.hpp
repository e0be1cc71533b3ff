// Groups whose makers were killed.
#pragma once

#include <string>
#include <vector>

#include "03-cgroups/layout.hpp"

namespace slipway {

/// How the names of our groups begin.
constexpr char cgroup_prefix[] = "slipway.";

/// Where groups are made: a tree, and a folder in it.
struct CgroupPlace {
    const CgroupHierarchy* tree;
    std::string path;
};

/// The trees in which this process may make groups, the v2 tree first.
std::vector<CgroupPlace> find_places(const CgroupLayout& layout);

/// Removes groups of ours that nobody holds a lock on, with the processes in
/// them. Each folder has a lock as long as its maker lives; the one in the
/// first place is made first and removed last, so it is enough to look there.
/// What cannot be removed stays for the next time.
void remove_leftovers(const std::vector<CgroupPlace>& places);

}  // namespace slipway
