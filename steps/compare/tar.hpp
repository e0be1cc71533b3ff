// A folder as a tar archive, for engines that import images.
#pragma once

#include <string>

namespace slipway::compare {

/// All below `folder`, owned by root; folders and plain files only. Names have
/// at most 100 letters, or it throws.
std::string tar_of(const std::string& folder);

}  // namespace slipway::compare
