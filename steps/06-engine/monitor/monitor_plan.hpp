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

#include "common/unique_fd.hpp"

namespace slipway {

struct HealthPlan {
    std::vector<std::string> command = {};  ///< empty: no checks
    std::uint64_t interval_ms = 30'000, start_interval_ms = 5'000,
                  start_period_ms = 0;
};

struct MonitorPlan {
    pid_t init = 0;  ///< our child; 0: only wait `wait_ms`, then `next`
    /// Descriptors of ours; -1: none. Of a terminal there is one for all.
    int in = -1, out = -1, err = -1, terminal = -1;
    int listener = -1;          ///< where others attach (attach_protocol.hpp)
    int client = -1;            ///< somebody who is attached already
    bool stdin_once = false;    ///< input ends with the first client's
    std::string log_path = {};  ///< empty: no log
    std::uint64_t log_max_size = 10 << 20;
    unsigned log_max_files = 3;
    std::string log_attributes = {};  ///< a JSON object, or empty
    std::string exit_path = {};       ///< gets an exit record
    HealthPlan health = {};
    std::uint64_t wait_ms = 0;
    std::vector<std::string> next = {};  ///< what to become at the end
};

/// As arguments of slipway-monitor, the first being its name; and back. The
/// latter throws InvalidArgument.
std::vector<std::string> monitor_arguments(const MonitorPlan& plan);
MonitorPlan parse_monitor_arguments(const std::vector<std::string>& arguments);

/// Becomes the slipway-monitor beside this program. The plan's descriptors stay
/// open, all others are closed, 0 to 2 are /dev/null. Throws when it cannot.
[[noreturn]] void become_monitor(const MonitorPlan& plan);

}  // namespace slipway
