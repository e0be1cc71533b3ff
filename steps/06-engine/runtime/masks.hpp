// Paths of a container that are hidden, or can only be read.
#pragma once

#include <string>
#include <vector>

namespace slipway {

/// In the child, inside its root. A path that does not exist is passed over;
/// links are followed, inside.
void make_paths_read_only(const std::vector<std::string>& paths);
/// A folder is covered by an empty one, a file by the null device; which must
/// be that device: an image that brings another /dev/null could show anything
/// here (CVE-2025-31133).
void mask_paths(const std::vector<std::string>& paths);
/// The root itself, not what is mounted on it.
void make_root_read_only();

}  // namespace slipway
