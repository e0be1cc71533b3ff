// Who looks after a container that has been started.
//
//   run -d     a process of its own starts it and becomes slipway-monitor
//   run        this process starts it, serves it, and sees to its end
//   restart    slipway-monitor has waited, and becomes this program again
#pragma once

#include <optional>
#include <string>

#include "06-engine/engine/end.hpp"
#include "06-engine/engine/engine.hpp"
#include "06-engine/monitor/serve.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// Of the json-file driver.
std::string log_path(const Engine& engine, const std::string& id);

/// Returns when its program runs; throws why it does not. `client`: the other
/// end of a socket on which somebody is attached from the beginning, or empty.
void start_detached(const Engine& engine, const std::string& id,
                    UniqueFd client = {});

/// Starts it as a child of this process, passes streams and signals on, and
/// returns how it ended. No restart policy, no terminal.
AfterEnd run_here(const Engine& engine, const std::string& id,
                  LocalClient& client);

/// For `slipway internal ended ID`, which slipway-monitor becomes: the end of
/// a run, and perhaps the wait for the next one.
void end_and_go_on(const Engine& engine, const std::string& id);

/// For `slipway internal restart ID`. Returns when there is nothing to be done
/// any more; otherwise it becomes the monitor of the new run.
void restart_and_go_on(const Engine& engine, const std::string& id);

}  // namespace slipway
