// One RUN of a build, in a container as the engine makes them: its
// capabilities, its filter of system calls, its network. 05 knows only that
// there is an Executor.
#pragma once

#include <string>

#include "05-build/exec_request.hpp"
#include "06-engine/engine/engine.hpp"

namespace slipway {

/// In a process with one thread that does nothing else: it gets a mount
/// namespace of its own. Returns the command's exit code. SIGTERM, or the end
/// of the parent, kills the command.
int run_build_step(const Engine& engine, const ExecRequest& request);

/// Nothing but the runtime's folder knows of it.
bool build_step_runs(const Engine& engine, const std::string& id);

/// What killed build steps left: groups and addresses without a container.
void remove_build_leftovers(const Engine& engine);

}  // namespace slipway
