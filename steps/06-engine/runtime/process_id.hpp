// ProcessId: a process, as a file remembers it.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "common/document.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// A process that may have ended meanwhile, and its number been given away.
struct ProcessId {
    pid_t pid = 0;
    /// In clock ticks since boot, /proc/PID/stat field 22; with it, a number is
    /// never taken for another process's.
    std::uint64_t start_time = 0;

    static ProcessId of(pid_t pid);
    /// It is there and has not ended. A zombie has.
    bool is_alive() const;
    /// Held: no signal can hit another one. Empty when it has ended.
    UniqueFd open() const;
};

/// As state files have it, and back.
nlohmann::ordered_json process_json(const ProcessId& process);
ProcessId read_process_id(const DocumentField& field);

/// To a process that is held (a pidfd). One that has ended, or none, is fine:
/// there is nobody to tell.
void send_signal(const UniqueFd& process, int signal);

}  // namespace slipway
