// What a process of a container is given and denied, in the order in which that
// is possible: for the first process and for `exec`.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "06-engine/runtime/spec.hpp"
#include "06-engine/security/seccomp.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// What is prepared outside, before there is a process to confine.
struct ProcessPlan {
    ProcessSpec process;
    std::optional<SeccompFilter> seccomp = {};
    std::optional<unsigned long> personality = {};
    /// Name of a session keyring of its own; empty: the caller's is kept.
    std::string keyring = {};
    /// Descriptors from 3 on that the command gets (--preserve-fds).
    unsigned preserved_files = 0;
    bool has_user_namespace = false;
};

/// By the parent, which still has the rights: limits, and how soon it is killed
/// when memory is short. A limit above what we may give is lowered to that,
/// with a sentence to `warn`.
void limit_process(pid_t pid, const ProcessSpec& process,
                   const std::function<void(const std::string&)>& warn);

/// In the child, inside its root, as root there: everything up to becoming
/// args[0], whose file is returned; HOME is added to `env`. Afterwards this is
/// the user, with its capabilities and system calls, in its working directory;
/// no descriptor from 3 on survives execve but the preserved ones.
/// `take_listener` gets the descriptor of a filter that notifies.
std::string confine_process(ProcessPlan& plan,
                            const std::function<void(UniqueFd)>& take_listener);

}  // namespace slipway
