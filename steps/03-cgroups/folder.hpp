// One folder of one tree: a group as the kernel shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "03-cgroups/layout.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// Held by descriptors: whatever is mounted over /sys/fs/cgroup later, and
/// whichever mount namespace we join, these stay the same folders.
struct CgroupFolder {
    int version = 0;
    std::string path;  ///< for people
    std::string name;  ///< the last part of the path
    UniqueFd self;
    UniqueFd lock;  ///< held by lock()

    /// Marks the group as belonging to this process while it lives. False: it
    /// belongs to another one, or is not there any more.
    ///
    /// A record lock on cgroup.procs, fcntl(2), and not flock(2): children
    /// inherit the latter, and one of them may outlive us for a moment. The
    /// lock is lost when we close any descriptor of that file, so this process
    /// leaves the file alone until it removes the group.
    bool take_lock();
    /// A file of the group, whole; empty when there is no such file.
    std::optional<std::string> read(const char* file) const;
    bool has(const char* file) const;
    /// Writes it, through the ledger. Throws what the kernel says.
    void write(const char* reason, const std::string& file,
               const std::string& value) const;
};

/// The folder in which this process may make groups: the top of the tree for
/// who may write there, else our own group or the nearest one above it that is
/// ours and, in v2, has no processes of its own (a v2 group has either
/// processes or groups with controllers: cgroups(7), "no internal processes").
/// Empty when there is none.
std::optional<std::string> find_place(const CgroupHierarchy& tree);

/// mkdir, and the descriptors. Throws; EEXIST is the caller's to handle.
CgroupFolder make_cgroup_folder(int version, const std::string& place,
                                const std::string& name);
/// The same for one that is there. Empty when it is not.
std::optional<CgroupFolder> open_cgroup_folder(int version,
                                               const std::string& place,
                                               const std::string& name);
/// rmdir, of groups made below it too. Processes must have gone: Conflict. A
/// folder that is gone already is fine.
void remove_cgroup_folder(const CgroupFolder& folder);

/// 7 from "low 3\noom_kill 7\n" and "oom_kill". Most files are like that.
std::optional<std::uint64_t> keyed_value(std::string_view text,
                                         std::string_view key);

}  // namespace slipway
