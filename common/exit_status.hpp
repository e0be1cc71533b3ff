// ExitStatus: how a process ended.
#pragma once

#include <signal.h>

#include <string>

namespace slipway {

struct ExitStatus {
    int code = 0;    ///< argument of exit(), when not killed
    int signal = 0;  ///< signal that killed it, or 0
    bool core_dumped = false;

    bool ok() const { return code == 0 && signal == 0; }
    /// As the shell and Docker report it: the code, or 128 + the signal.
    int exit_code() const { return signal != 0 ? 128 + signal : code; }
    /// "exit status 3", "killed by SIGKILL (9)"
    std::string text() const;
    /// From what waitid(2) filled in.
    static ExitStatus from(const siginfo_t& info);
};

}  // namespace slipway
