// Starting a subject, and watching the host until it ends.
#pragma once

#include <string>
#include <vector>

#include "common/exit_status.hpp"
#include "common/signals.hpp"
#include "compare/canaries.hpp"
#include "compare/verdict.hpp"
#include "compare/workplace.hpp"

namespace slipway::compare {

struct Started {
    Observed observed;
    ExitStatus status;
    bool timed_out = false;
    double milliseconds = 0;  ///< from before the fork until it was reaped
    long kibibytes = 0;       ///< its largest process, or a child's of it
};

/// Runs a command to its end, and ends what it has left behind: this process
/// must be a subreaper. `canaries` may be nullptr, before there are any. The
/// child has their leaked folder open. Throws Cancelled when a signal arrives.
Started start(const Command& command, Canaries* canaries,
              const std::string& mark, const SignalForwarder& signals);

/// Ends all children of this process but `spared`, and theirs, which become
/// ours by that. What runs in a container goes first, so that the program that
/// has started it can clean up.
void end_children(pid_t spared);

}  // namespace slipway::compare
