// The first process of a container: from clone to the program of config.json.
#pragma once

#include <functional>
#include <string>

#include "02-namespaces/clone.hpp"
#include "03-cgroups/folder.hpp"
#include "06-engine/runtime/container_mounts.hpp"
#include "06-engine/runtime/process_setup.hpp"
#include "06-engine/runtime/spec.hpp"

namespace slipway {

/// Two fifos of the container's folder, open for both reading and writing, so
/// that neither opening nor a missing other side makes anybody wait.
struct StartFifos {
    UniqueFd wait;  ///< a byte comes from `start`; empty: do not wait
    UniqueFd tell;  ///< closed by execve, or an Error comes out
};

/// All that the child needs, prepared before there is one.
struct InitPlan {
    Spec spec;
    MountPlan mounts;
    ProcessPlan process;
    std::vector<CgroupPath> cgroups;  ///< to join
    /// An eventfd(2): can be read once these are there, with their limits.
    /// Empty: they are there already.
    UniqueFd cgroups_made;
    StartFifos start;
    bool pivot = true;
    bool dies_with_parent = false;
    bool are_finished = false;  ///< its namespaces, by the child
};

/// Questions to the parent, who answers when it is done.
constexpr char ask_for_hooks[] = "hooks";  ///< answer: the container's state

/// In the child. Situation: in the new namespaces, but the cgroup and the time
/// ones; a child of the parent's mounts, below its root; all rights, unless
/// there is a user namespace, in which our ids are mapped by now. Ends as the
/// container's program, or by throwing.
void run_container_init(InitPlan& plan, ParentLink& parent);

}  // namespace slipway
