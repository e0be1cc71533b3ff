// What a layer changes in those below it, as `docker diff` tells it of a
// container: of the upper folder, against the layers of the image.
//
//   A /new    was not there
//   C /etc    is another one now, or (a folder) something in it is
//   D /old    is gone; what was in it is not listed
//
// What is in the folder but no different is not told: the kernel copies a file
// up before the first write, and folders above it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "04-images/layer_walk.hpp"

namespace slipway {

struct Change {
    char kind;         ///< 'A', 'C' or 'D'
    std::string path;  ///< "/etc/passwd"
    bool operator==(const Change&) const = default;
};

/// Compares a folder in overlay form with those below it, the image's first
/// layer first. Sorted by path. A file counts as changed by what ls -l shows,
/// and by its xattrs; its bytes are not read. Throws what look_in() throws.
std::vector<Change> layer_changes(const std::string& folder,
                                  const std::vector<std::string>& lower,
                                  FolderForm form = FolderForm::Overlay);

/// A line each: "C /etc". Names with control characters are quoted.
std::string changes_text(const std::vector<Change>& changes);

/// A name, or a command, for a terminal: quoted when it has control characters.
std::string printable(std::string_view text);

}  // namespace slipway
