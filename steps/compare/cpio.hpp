// A folder as the archive that a kernel takes for its first root.
#pragma once

#include <string>

namespace slipway::compare {

/// All below `folder`, owned by root: folders, plain files and links. Several
/// such archives, one behind the other, are one to the kernel.
std::string cpio_of(const std::string& folder);

}  // namespace slipway::compare
