// The mounts of a container, as config.json lists them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "03-cgroups/layout.hpp"
#include "06-engine/runtime/spec.hpp"
#include "06-engine/runtime/state.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// A mount of the list, with what was opened for it on the host.
struct PreparedMount {
    MountSpec spec;
    UniqueFd tree;  ///< of a bind; empty: the child opens it
};

/// What `mounts` and `root` become, before there is a child. In a new user
/// namespace the child has no right to the host's folders any more: so binds
/// are opened here (`open_here`), and so is the root. Id-mapped ones always.
/// `root`, borrowed, is a root that somebody has mounted already, or -1.
struct MountPlan {
    std::string rootfs;  ///< absolute
    std::string bundle;  ///< absolute
    UniqueFd root_tree;
    std::vector<PreparedMount> mounts;
    bool own_cgroup_namespace = false;
    CgroupLayout layout;
    std::vector<CgroupPath> cgroups;  ///< the container's own
    unsigned long propagation = 0;
    /// Called, if set, before the first mount that needs to be made in the
    /// container's group: a view of the group, or files copied into memory.
    std::function<void()> enter_group = {};
};
MountPlan prepare_mounts(const Spec& spec, const std::string& bundle,
                         const CgroupLayout& layout,
                         const std::vector<CgroupPath>& cgroups, int root = -1);

/// In the child, which has a mount namespace of its own: makes the mounts its
/// own, hangs the root over "/", and the list into it. Returns the root, which
/// is entered by enter_root_mount().
UniqueFd mount_container(MountPlan& plan);

/// Makes it the root. `pivot` false (--no-pivot): by chroot, for a root that is
/// in the first memory file system, which cannot be swapped away; then the
/// host's mounts stay below, in reach of a CAP_SYS_CHROOT.
void enter_root_mount(const UniqueFd& root, bool pivot);

/// Hangs only binds below a root, which is a mount of this mount namespace: for
/// who looks into a container that does not run. Ids are not mapped.
void mount_binds(int root, const std::vector<MountSpec>& binds);

/// Once inside: what a rootfsPropagation of "shared" had to wait for.
void share_root_mount(unsigned long propagation);

}  // namespace slipway
