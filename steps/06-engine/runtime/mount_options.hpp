// The words of a mount's "options", as mount(8) and the OCI runtime
// specification (config.md, "Linux mount options") know them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// What the words ask for, sorted by how the kernel takes it. As in mount(8),
/// of words that contradict each other the last one counts.
struct MountOptions {
    bool bind = false, recursive_bind = false;  ///< "bind", "rbind": one of two
    /// MOUNT_ATTR_… to set and to clear on the mount itself (ro, nosuid, …;
    /// rw, suid, …), as mount_setattr(2) takes them. The access-time words are
    /// a field of their own there, MOUNT_ATTR__ATIME: naming one clears it all.
    ///
    /// "ro" is here and nowhere else. A new proc, sysfs or cgroup must not get
    /// it as a whole file system: the host's is the same one. A file system on
    /// a read-only disk wants it there, too: who mounts one looks at `set`.
    std::uint64_t set = 0, clear = 0;
    /// The same for it and all mounts below it: "rro", "rnosuid", ….
    std::uint64_t set_below = 0, clear_below = 0;
    /// Of the file system, not of the mount: words fsconfig(2) takes as flags
    /// ("sync", "dirsync", "lazytime", "mand", "iversion").
    std::vector<std::string> flags;
    /// "size=64k", and words that only the file system knows.
    std::vector<std::string> data;
    /// MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, with MS_REC for the r
    /// forms; in order.
    std::vector<unsigned long> propagation;
    bool copy_up = false;                       ///< "tmpcopyup"
    bool id_map = false, id_map_below = false;  ///< "idmap", "ridmap"
    bool remount = false;                       ///< parse_spec() refuses it
};

/// Never throws for an unknown word: that is data for the file system, which
/// says what it does not know.
MountOptions parse_mount_options(const std::vector<std::string>& words);

/// MS_PRIVATE for "private", MS_PRIVATE | MS_REC for "rprivate", and so on.
std::optional<unsigned long> parse_propagation(std::string_view word);

/// All words that are understood here, for `features`; sorted.
std::vector<std::string> known_mount_options();

}  // namespace slipway
