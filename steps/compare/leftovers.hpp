// What a run leaves behind when nobody of it is left to clean up: both of its
// processes were killed at once. The next run finds it, and takes it away.
#pragma once

#include <functional>
#include <string>

#include "common/unique_fd.hpp"
#include "compare/canaries.hpp"

namespace slipway::compare {

/// Marks `folder` as a run's, with its names, for as long as the descriptor is
/// open in this process or in a child of it.
UniqueFd claim_folder(const std::string& folder, const Names& names);

/// For each folder beside `folder` that a dead run has claimed: `sweep` is told
/// of it. A folder that is not our user's is left alone: names there are free
/// for everybody to take.
void find_leftovers(const std::string& folder,
                    const std::function<void(const std::string& folder,
                                             const Names& names)>& sweep);

}  // namespace slipway::compare
