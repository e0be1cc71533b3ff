// Serving a container while it runs: streams, log, those who are attached,
// health checks. One loop, one thread; the same for slipway-monitor and for a
// `slipway run` in the foreground.
//
//    container ── out, err ──▶ log
//              (or terminal)──▶ every client       a client that is slow makes
//              ◀── in ──────── the clients         the container wait
#pragma once

#include "06-engine/monitor/exit_record.hpp"
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
/// closed then, but for the sockets of those who are attached: they have been
/// told the exit code, and stay open until this process ends or becomes another
/// program (in a monitor: see become_monitor()). `local` may be nullptr.
///
/// It never fails because of a client, the log or the disk: these are dropped,
/// or said in the log. Throws what makes serving impossible; init lives then.
/// This process must have one thread, and no other children.
ExitStatus serve(const MonitorPlan& plan, ChildProcess& init,
                 const LocalClient* local);

}  // namespace slipway
