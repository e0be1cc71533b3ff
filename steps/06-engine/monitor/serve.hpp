// Serving a container while it runs: streams, log, those who are attached,
// health checks. One loop, one thread; the same for slipway-monitor and for a
// `slipway run` in the foreground.
//
//    container ── out, err ──▶ log
//              (or terminal)──▶ every client       a client that is slow makes
//              ◀── in ──────── the clients         the container wait
#pragma once

#include <optional>
#include <string>

#include "06-engine/monitor/monitor_plan.hpp"
#include "common/process.hpp"
#include "common/signals.hpp"

namespace slipway {

/// Who is attached in this process itself; -1: not that stream.
struct LocalClient {
    int in = -1, out = -1, err = -1;
    /// Signals that arrive are passed on to the container's first process.
    const SignalForwarder* signals = nullptr;
};

/// Serves until the first process has ended and everything that it wrote has
/// been taken. Reaps it, and writes the exit record. The plan's descriptors are
/// closed then. `local` may be nullptr.
ExitStatus serve(const MonitorPlan& plan, ChildProcess& init,
                 const LocalClient* local);

/// {"pid":1,"exitCode":137,"signal":9}
void write_exit_record(const std::string& path, pid_t pid,
                       const ExitStatus& status);
/// Empty when there is none.
std::optional<ExitStatus> read_exit_record(const std::string& path);

}  // namespace slipway
