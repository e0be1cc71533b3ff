// start_isolated(): a command in a world of its own. Step 2 as one call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "02-namespaces/options.hpp"
#include "common/exit_status.hpp"
#include "common/process.hpp"
#include "common/signals.hpp"

namespace slipway {

/// What a later step adds to the start, as plain values.
struct StartHooks {
    /// A control group of the v2 tree to be born into, or -1.
    int cgroup_fd = -1;
    /// In the child, before it does anything else.
    std::function<void()> child_begins = [] {};
    /// In the child, when it has entered its root and can read the files there:
    /// who the command is to be, and what its environment is.
    std::function<void(std::optional<User>& user,
                       std::vector<std::string>& environment)>
        child_inside = [](auto&, auto&) {};
};

struct Isolated {
    ChildProcess child;
    UniqueFd terminal;  ///< the outer end, with options.terminal
    bool is_number_one = false;
};

/// In a child in a new user namespace: takes the ids that the map made root's.
void become_root_inside();

/// Clones a child into options.rootfs.namespaces; there it makes its root
/// filesystem and becomes options.command. Returns when it has. What goes wrong
/// on either side is thrown here, and nothing is left of the child.
/// To join namespaces is the caller's, before: join_namespaces().
Isolated start_isolated(const IsolationOptions& options,
                        const SignalForwarder& signals,
                        const StartHooks& hooks = {});

/// Serves the terminal, if there is one, passes signals on, and returns how
/// the command ended. Ctrl-Z stops it together with us. Once in a process.
ExitStatus wait_isolated(Isolated& isolated, const SignalForwarder& signals);

}  // namespace slipway
