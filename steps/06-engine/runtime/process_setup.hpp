// What a process of a container is given and denied, in the order in which that
// is possible: for the first process and for `exec`.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "06-engine/runtime/spec.hpp"
#include "06-engine/security/seccomp.hpp"
#include "06-engine/terminal/console.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// What is prepared outside, before there is a process to confine.
struct ProcessPlan {
    ProcessSpec process;
    UniqueFd console = {};  ///< who gets the terminal; empty: there is none
    std::optional<SeccompFilter> seccomp = {};
    std::optional<unsigned long> personality = {};
    /// Name of a session keyring of its own; empty: the caller's is kept.
    std::string keyring = {};
    /// Descriptors from 3 on that the command gets (--preserve-fds).
    unsigned preserved_files = 0;
    bool has_user_namespace = false;
    /// At the very end, before the program: signals back as they were.
    std::function<void()> before_program = [] {};
};

/// Throws InvalidArgument for a filter under which no program can be started:
/// later, nobody could be told.
void check_can_start(const SeccompFilter& filter);

/// Until a process of ours has become the container's program, the container's
/// other processes must not look into it by ptrace(2) or /proc (CVE-2016-9962).
/// For who is in their pid namespace; inherited by children, ended by execve.
void hide_from_tracers();

/// While there are the rights for it: limits, and how soon it is killed when
/// memory is short. A limit above what we may give is lowered to that, with a
/// sentence to `warn`.
void limit_process(pid_t pid, const ProcessSpec& process,
                   const std::function<void(const std::string&)>& warn);
/// For a process between, which counts as one of the user's, too: limits it as
/// the one that it clones, but for the number of processes, which that one
/// limits itself. The first may raise the limit, the second lower it.
void limit_between(const ProcessSpec& process,
                   const std::function<void(const std::string&)>& warn);
void limit_own_number(const ProcessSpec& process);
/// By the parent: when it gets processors and disks.
void schedule_process(pid_t pid, const ProcessSpec& process);

/// Inside the root: the plan's terminal, if any, as stdio, its outer end sent
/// to the console. For begin_session() afterwards.
void make_terminal(ProcessPlan& plan, ConsoleFile file);
/// A session of its own, with the terminal, if it has one.
void begin_session(const ProcessPlan& plan);

/// In the child, inside its root, as root there: everything up to becoming
/// args[0], whose file is returned; HOME is added to `env`. Afterwards this is
/// the user, with its capabilities and system calls, in its working directory;
/// no descriptor from 3 on survives execve but the preserved ones. A HOME that
/// nobody has set is added to the plan's environment. `take_listener` gets the
/// descriptor of a filter that notifies.
std::string confine_process(ProcessPlan& plan,
                            const std::function<void(UniqueFd)>& take_listener);

/// Closes everything from 3 on but the preserved descriptors, the ledger's and
/// `kept`. For who may be looked into: through /proc/PID/fd/N/.. a folder leads
/// to what is above it.
void close_all_but(const ProcessPlan& plan, std::vector<int> kept);

/// Becomes args[0], from `program`. Returns only by throwing.
[[noreturn]] void become_program(const ProcessPlan& plan,
                                 const std::string& program);

}  // namespace slipway
