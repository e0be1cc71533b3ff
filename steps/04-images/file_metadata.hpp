// Owner, mode, extended attributes and times: what a tar says of a file besides
// its content.
#pragma once

#include <string>

#include "04-images/tar_reader.hpp"

namespace slipway {

/// Owner, mode and attributes of an open file or folder, in the order in which
/// they hold. Only what differs is changed: of most files, nothing.
void set_metadata(int fd, const TarEntry& entry);

/// Owner and times of what cannot be opened: a symlink, a device. Its mode is
/// the one that it was made with, unless `with_mode`, which follows no symlink
/// because the caller has just made something else here.
void set_metadata_at(int folder, const std::string& name, const TarEntry& entry,
                     bool with_mode);

}  // namespace slipway
