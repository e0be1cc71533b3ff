// Opening what a walk has found, by its path, where nothing is followed any
// more.
#pragma once

#include <string>

#include "common/unique_fd.hpp"

namespace slipway {

/// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, close-on-exec;
/// `path` "" is the root itself. Empty on failure, and errno says why.
UniqueFd open_beneath(int root_fd, const std::string& path, int flags);

/// Target of a symlink that was opened with O_PATH, or of a name in a folder.
/// `shown` is for the error.
std::string read_link_at(int folder, const std::string& name,
                         const std::string& shown);

}  // namespace slipway
