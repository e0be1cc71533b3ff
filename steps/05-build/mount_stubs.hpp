// Places to mount on that the image does not have.
//
// They are put into a layer of their own, below the one that is written to:
// made in the root itself they would be in the image afterwards.
#pragma once

#include <string>
#include <vector>

namespace slipway {

struct MountTarget {
    std::string path;  ///< absolute, inside
    bool is_file = false;
};

/// Fills `folder`, which is empty, with what is missing in the root, and with
/// the folders above as they are there. False: nothing is missing.
bool make_stubs(int root_fd, const std::vector<MountTarget>& targets,
                const std::string& folder);

}  // namespace slipway
