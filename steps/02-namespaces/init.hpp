// A process number 1: reaps, passes signals on, exits as its child did.
#pragma once

#include <functional>

namespace slipway {

/// Runs in a process that is number 1 of its pid namespace, with every signal
/// blocked by `SignalForwarder`. Forks `command`, which becomes the program,
/// and returns the exit code that number 1 must end with. Why it is needed:
/// orphans are given to number 1, and one that does not wait for them fills
/// the table with zombies; and the kernel drops signals to a number 1 that has
/// no handler for them, so that SIGTERM would do nothing.
/// `started` is called when the program runs.
int run_init(const std::function<void()>& command,
             const std::function<void()>& started);

}  // namespace slipway
