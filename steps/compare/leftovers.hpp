// What a run leaves behind when nobody of it is left to clean up: both of its
// processes were killed at once. The next run finds it, and takes it away.
#pragma once

#include <string>

#include "common/unique_fd.hpp"
#include "compare/canaries.hpp"

namespace slipway::compare {

/// Takes away what a run has made: what lies on the host by name, the image
/// that Docker was given, the groups of its containers (who is in them is
/// killed), its mounts and its folder. Throws nothing.
void sweep(const std::string& folder, const Names& names);

/// Marks `folder` as a run's, with its names, for as long as the descriptor is
/// open in this process or in a child of it. Then each folder beside it that a
/// dead run has claimed is swept.
UniqueFd take_over(const std::string& folder, const Names& names);

}  // namespace slipway::compare
