// The control group of a container: at the place that config.json names, and
// staying there after the process that made it has gone.
#pragma once

#include <string>
#include <vector>

#include "03-cgroups/folder.hpp"
#include "03-cgroups/layout.hpp"
#include "06-engine/runtime/state.hpp"

namespace slipway {

/// Where the group of a container is, in every tree of this system:
/// `cgroups_path` from the top of each tree, or, if it is relative, from where
/// this process may make groups; empty: a group named after the id.
std::vector<CgroupPath> place_cgroups(const CgroupLayout& layout,
                                      const std::string& cgroups_path,
                                      const std::string& id);

/// The folders above them that make_cgroups() will have to make, from the top
/// down. To be noted first: whoever is killed in between cannot do it later.
std::vector<CgroupPath> missing_above(const std::vector<CgroupPath>& paths);
/// Throws Conflict when somebody is in one of them, or below it: it is another
/// container's, and nothing of it may be touched.
void refuse_used_cgroups(const std::vector<CgroupPath>& paths);
/// Makes the folders of trees of that version, with those above them that are
/// missing. One that is there already is used, unless processes are in it:
/// Conflict. Where this user may make none, the list is empty. `made` gets what
/// is new, also when this throws.
std::vector<CgroupFolder> make_cgroups(const std::vector<CgroupPath>& paths,
                                       int version,
                                       std::vector<CgroupPath>& made);

/// To whom all groups are open. Root of a user's namespace is not.
bool is_host_root();

/// Those that are still there.
std::vector<CgroupFolder> open_cgroups(const std::vector<CgroupPath>& paths);

/// Moves the calling process, which has one thread, into those of v1.
void join_cgroups(const std::vector<CgroupPath>& paths);
/// The v2 folder, for clone; empty when there is none.
UniqueFd open_unified(const std::vector<CgroupPath>& paths);

/// Numbers of the processes that are in the group, those below it included.
std::vector<pid_t> processes_of(const std::vector<CgroupFolder>& folders);
/// Stops all processes, or lets them go on, and returns when that has happened.
/// Throws Unsupported when this system has no way.
void freeze(const std::vector<CgroupFolder>& folders, bool frozen);
/// By the path, without holding the folders: `ps` asks for each container.
bool is_frozen(const std::vector<CgroupPath>& paths);

/// Kills whoever is in the group, and removes it, with `made_above` and what
/// others have made above it as far as these are empty.
void remove_cgroups(const std::vector<CgroupPath>& paths,
                    const std::vector<CgroupPath>& made_above);

}  // namespace slipway
