// Ending and pausing what runs.
#pragma once

#include <optional>
#include <string>

#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/engine.hpp"

namespace slipway {

struct StopRequest {
    int signal = 0;  ///< 0: the container's own stop signal
    /// Before SIGKILL, in seconds; empty: the container's own; -1: for ever.
    std::optional<int> timeout_s = {};
    std::string by = "slipway stop";
};

struct StopResult {
    /// It ignored the signal, which is said in a sentence; empty: it did not.
    std::string remark = {};
};

/// Returns when it has ended and all that it had is given back. A restart
/// policy does not start it again. Throws NotModified when it does not run.
///
/// A first process that can provably not receive the signal is not waited for:
/// the kernel drops signals to number 1 of a pid namespace for which it has no
/// handler. It gets a moment to install one.
StopResult stop_container(const Engine& engine, const std::string& id,
                          const StopRequest& request);

/// Throws Conflict when it does not run.
void signal_container(const Engine& engine, const std::string& id, int signal);

/// Returns its exit code when it does not run any more; of one with --rm, when
/// it has been removed. 0 when it has never run. Throws NotFound when it has
/// been removed and nothing is known of its end.
int wait_for_end(const Engine& engine, const std::string& id,
                 const KeptFolder& kept);

/// Whether the process would never see the signal: it is neither caught nor
/// blocked, and no thread waits for it. Source: signal(7), pid_namespaces(7),
/// proc_pid_status(5).
bool drops_signal(pid_t pid, int signal);

}  // namespace slipway
