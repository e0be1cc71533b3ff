// The folders of RUN --mount=type=cache, which stay from build to build.
//
//     ROOT/build/mounts/HEX        of an id; HEX-2, HEX-3 … for sharing=private
//     ROOT/build/mounts/HEX.lock   flock(2): shared, or exclusive by who has
//                                  the folder alone
//
// A folder is there only for who has its lock. Lock files are never removed:
// all wait for the same one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace slipway {

struct CacheMount {
    enum class Sharing {
        Shared,   ///< with everybody who shares it
        Private,  ///< the first folder that nobody has
        Locked,   ///< alone: waits
    };
    std::string id;
    Sharing sharing = Sharing::Shared;
    /// Makes of an empty folder what a new cache begins as: mode, owner, files.
    std::function<void(const std::string& folder)> fill;
    std::string folder = {};  ///< set by hold_caches()
};

/// All caches of one command, each with its folder. They are held as long as
/// the locks.
std::vector<UniqueFd> hold_caches(const std::string& store_root,
                                  const std::vector<CacheMount*>& mounts);

/// Removes the caches that no command has just now.
void prune_caches(const std::string& store_root);

}  // namespace slipway
