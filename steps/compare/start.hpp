// Starting a subject, and watching the host until it ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/exit_status.hpp"
#include "common/process.hpp"
#include "common/signals.hpp"
#include "compare/canaries.hpp"
#include "compare/terminal.hpp"
#include "compare/verdict.hpp"
#include "compare/workplace.hpp"

namespace slipway::compare {

struct Started {
    Observed observed;
    ExitStatus status;
    double milliseconds = 0;  ///< from before the fork until it was reaped
    long kibibytes = 0;       ///< its largest process, or a child's of it
};

/// One more start of a subject, which lives beside the one that is watched.
class Neighbour {
  public:
    /// Returns when the probe in it waits to be reached. Throws what was said
    /// instead.
    Neighbour(const Command& command, int leaked_folder,
              const std::string& mark, const SignalForwarder& signals);
    Neighbour(const Neighbour&) = delete;
    Neighbour& operator=(const Neighbour&) = delete;
    ~Neighbour();

    /// Whether it can still be reached.
    bool lives() const;
    /// NAME=VALUE words that say where its things are.
    const std::vector<std::string>& plan() const { return plan_; }
    pid_t process() const { return child_->pid(); }

  private:
    Terminal terminal_;
    UniqueFd output_;
    std::optional<ChildProcess> child_;
    std::vector<std::string> plan_;
};

/// Runs a command to its end, and ends what it has left behind: this process
/// must be a subreaper. `canaries` may be nullptr, before there are any. The
/// child has their leaked folder open. Throws Cancelled when a signal arrives.
Started start(const Command& command, Canaries* canaries,
              const std::string& mark, const SignalForwarder& signals,
              const Neighbour* neighbour = nullptr);

/// Ends all children of this process but those, and theirs, which become
/// ours by that. What runs in a container goes first, so that the program that
/// has started it can clean up.
void end_children(const std::vector<pid_t>& spared);

}  // namespace slipway::compare
