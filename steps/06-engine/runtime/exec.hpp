// One more process in a container that runs.
#pragma once

#include <string>

#include "06-engine/runtime/create.hpp"
#include "06-engine/runtime/spec.hpp"

namespace slipway {

struct ExecOptions {
    std::string id;
    std::string pid_file = {};
    std::string console_socket = {};
    unsigned preserved_files = 0;
};

/// Starts `process` in all namespaces and groups of the container, confined as
/// its first process is (`spec`, of spec_of()), and returns when its program
/// runs. It stays a child of ours. `terminal` and `signals` as for
/// create_container(). Throws Conflict for a container that has ended or is
/// paused.
ChildProcess exec_in_container(const RuntimeContext& context,
                               const ExecOptions& options, const Spec& spec,
                               const ProcessSpec& process, int terminal = -1,
                               const SignalForwarder* signals = nullptr);

}  // namespace slipway
