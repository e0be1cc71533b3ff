// What a monitor is told: by who started the container, at its exec.
//
//   slipway run -d ── fork ── starts the container ── exec ──▶ slipway-monitor
//                             (its init is a child: exec keeps that)     │
//        slipway internal ended ID ◀── exec ── init has ended ───────────┘
//
// Engine and monitor take turns in one process. What stays for as long as the
// container runs is the small one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace slipway {

/// How long a check may take, and how many failures make a container unhealthy,
/// is the check's own business: the monitor only says when.
struct HealthPlan {
    std::vector<std::string> command = {};  ///< empty: no checks
    std::uint64_t interval_ms = 30'000;
    /// In its first so many milliseconds a check that succeeds ends the
    /// container's start; until then they come at another interval.
    std::uint64_t start_period_ms = 0, start_interval_ms = 5'000;
};

struct MonitorPlan {
    std::string id = {};  ///< for the list of processes
    pid_t init = 0;       ///< our child; 0: only wait `wait_ms`, then `next`
    /// Descriptors of ours; -1: none. Of a terminal there is one for all.
    int in = -1, out = -1, err = -1, terminal = -1;
    int listener = -1;  ///< where others attach (attach_protocol.hpp)
    /// Somebody who is attached already, and gets all output from the first
    /// byte on: the other end of a make_socket_pair().
    int client = -1;
    bool stdin_once =
        false;  ///< input ends with that of the client who ends it
    std::string log_path = {};              ///< empty: no log
    std::uint64_t log_max_size = 10 << 20;  ///< 0: it grows without end
    unsigned log_max_files = 3;
    std::string log_attributes = {};  ///< a JSON object, or empty
    std::string exit_path = {};       ///< gets an exit record; empty: none
    HealthPlan health = {};
    std::uint64_t wait_ms = 0;           ///< with no init: before a restart
    std::vector<std::string> next = {};  ///< what to become at the end
};

/// As arguments of slipway-monitor, the first being its name; and back. The
/// latter throws InvalidArgument.
std::vector<std::string> monitor_arguments(const MonitorPlan& plan);
MonitorPlan parse_monitor_arguments(const std::vector<std::string>& arguments);

/// Becomes the slipway-monitor beside this program. The plan's descriptors stay
/// open, all others are closed, 0 to 2 become /dev/null. Throws when it cannot.
///
/// With an init it serves that one, writes the exit record and becomes `next`;
/// with none it waits and becomes `next`. SIGTERM ends the wait (and the
/// monitor, with 0). While there is an init, signals are passed on to that.
///
/// Those who are attached have been told the exit code before it becomes
/// `next`, and their sockets are still open then. They see the end of the
/// connection when that process ends, or becomes the monitor of another run:
/// that is how wait_until_gone() knows that all has been cleaned up.
[[noreturn]] void become_monitor(const MonitorPlan& plan);

}  // namespace slipway
