// The words of a mount's "options", as mount(8) and the OCI runtime
// specification (config.md, "Linux mount options") know them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace slipway {

/// What the words ask for, sorted by how the kernel takes it.
struct MountOptions {
    bool bind = false, recursive_bind = false;  ///< "bind", "rbind"
    /// MOUNT_ATTR_… to set and to clear on the mount itself (ro, nosuid, …;
    /// rw, suid, …), as mount_setattr(2) takes them. The access-time words are
    /// a field of their own there: naming one clears the others.
    std::uint64_t set = 0, clear = 0;
    /// The same for it and all mounts below it: "rro", "rnosuid", ….
    std::uint64_t set_below = 0, clear_below = 0;
    /// Of the file system, not of the mount: SB flags by the words fsconfig(2)
    /// takes as flags ("sync", "dirsync", "lazytime", "mand", …; "ro" is here,
    /// too, for a new file system).
    std::vector<std::string> flags;
    /// "size=64k", and words that only the file system knows.
    std::vector<std::string> data;
    /// MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, with MS_REC for the r
    /// forms; in order.
    std::vector<unsigned long> propagation;
    bool copy_up = false;                       ///< "tmpcopyup"
    bool id_map = false, id_map_below = false;  ///< "idmap", "ridmap"
};

/// Never throws for an unknown word: that is data for the file system, which
/// says what it does not know.
MountOptions parse_mount_options(const std::vector<std::string>& words);

/// All words that are understood here, for `features`; sorted.
std::vector<std::string> known_mount_options();

}  // namespace slipway
