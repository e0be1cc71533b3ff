// What can be done to a container that is there. Each function takes its lock
// and looks at its true state first. Source: OCI runtime specification,
// runtime.md "Operations".
#pragma once

#include <string>

#include "06-engine/runtime/create.hpp"
#include "06-engine/runtime/resources.hpp"
#include "06-engine/runtime/spec.hpp"

namespace slipway {

/// Lets the program of a created container run, then runs the poststart hooks.
/// Throws Conflict when it is not in that state, and what the program's start
/// has failed with: then the container has ended.
void start_container(const RuntimeContext& context, const std::string& id);

/// Sends a signal to the first process, or, with `all`, to every process of the
/// group. Throws Conflict ("container not running") when it has ended.
void kill_container(const RuntimeContext& context, const std::string& id,
                    int signal, bool all);

/// Takes away what create made, and runs the poststop hooks, whose failure is
/// only a warning. Throws Conflict for a container that runs, unless `force`:
/// then it is killed. With `force` one that does not exist is fine.
void delete_container(const RuntimeContext& context, const std::string& id,
                      bool force);

/// Stops all processes of the group, or lets them go on. Throws Conflict.
void pause_container(const RuntimeContext& context, const std::string& id);
void resume_container(const RuntimeContext& context, const std::string& id);

/// Other limits for a container that has not ended.
void update_container(const RuntimeContext& context, const std::string& id,
                      const Resources& resources);

/// The numbers, on the host, of all its processes.
std::vector<pid_t> container_processes(const RuntimeContext& context,
                                       const std::string& id);

/// config.json as it was at create.
Spec spec_of(const ContainerFolder& folder);

}  // namespace slipway
