// Mounts by descriptor: made where nobody sees them, then hung into place.
//
// A path is looked up once, to a descriptor, and everything is done to that. In
// between, another container may swap a folder for a link as often as it likes
// (CVE-2021-30465). Sources: open_tree(2), fsopen(2), move_mount(2),
// mount_setattr(2); Linux 5.12.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace slipway {

/// A copy of a mount, of what `path` names below `folder`; an empty path is
/// the folder or file itself. Hangs nowhere yet.
UniqueFd copy_mount(const char* reason, int folder, const std::string& path,
                    bool recursive);

struct NewFileSystem {
    std::string type, source;
    std::vector<std::string> flags;  ///< "ro", "sync": fsconfig(2)
    std::vector<std::string> data;   ///< "size=64k"
    std::uint64_t attributes = 0;    ///< MOUNT_ATTR_…
};
/// Throws with what the file system says about its data.
UniqueFd make_file_system(const char* reason, const NewFileSystem& what);

/// Hangs it over what `target` is. `shown` names that in the ledger.
void attach_mount(const char* reason, const UniqueFd& mount, int target,
                  const std::string& shown_target);

struct MountChange {
    std::uint64_t set = 0, clear = 0;
    unsigned long propagation = 0;  ///< MS_SHARED, …; 0: as it is
    int user_namespace = -1;        ///< ids are mapped by this one's
    bool recursive = false;
};
void change_mount(const char* reason, int mount, const MountChange& change);

}  // namespace slipway
