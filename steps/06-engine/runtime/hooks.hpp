// Hooks: programs that config.json names, run at fixed points of a container's
// life. Source: OCI runtime specification, config.md "POSIX-platform Hooks".
#pragma once

#include <string>
#include <vector>

#include "06-engine/runtime/spec.hpp"

namespace slipway {

/// Runs them one after the other, each with `state` on its stdin; stdout and
/// stderr are ours. Throws System when one fails, cannot be started, or takes
/// longer than its timeout (then it is killed): the message names the kind, the
/// program and how it ended.
void run_hooks(const char* kind, const std::vector<Hook>& hooks,
               const std::string& state);

}  // namespace slipway
