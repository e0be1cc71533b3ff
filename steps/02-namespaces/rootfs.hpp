// A root filesystem made ready, and entered for good.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "02-namespaces/mounts.hpp"
#include "02-namespaces/namespaces.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

struct RootfsPlan {
    std::string root;  ///< folder on the host
    /// The new ones of this process: they decide what may be mounted, and how.
    NamespaceSet namespaces;
    std::vector<BindMount> binds;
    std::vector<std::string> tmpfs;  ///< absolute paths, inside
    bool read_only = false;          ///< the root itself, not what is on it
    /// Mounts at `root` what is to be the root, in place of the folder itself.
    std::function<void(const std::string& root)> mount_root;
    /// What a later step mounts below the root, after /proc, /sys and /dev.
    std::function<void(int root_fd)> more_mounts = [](int) {};
};

/// Swaps the roots with pivot_root(2) and lets go of the old one: `root`, a
/// mount point, is / of this mount namespace afterwards, and the working
/// directory. Nothing leads back.
void pivot_into(const UniqueFd& root);

/// In a child with a mount namespace of its own: mounts /proc, /sys, /dev and
/// what the plan asks for below `plan.root`, makes it the root with
/// pivot_root(2), and lets go of the old root. Afterwards no path, open mount
/// or second chroot leads back. Ends in "/", with umask 022.
///
/// Without a new mount namespace nothing can be mounted for this process alone:
/// then it is enter_root(), step 1's chroot.
void enter_rootfs(const RootfsPlan& plan);

}  // namespace slipway
