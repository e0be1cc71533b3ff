// Signals: names and numbers, and passing them on to a child.
#pragma once

#include <signal.h>

#include <string>
#include <string_view>

#include "common/exit_status.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

class ChildProcess;

/// "SIGTERM" for 15; "SIGRTMIN+2" for real-time signals.
std::string signal_name(int signal);
/// 15 for "15", "TERM", "SIGTERM" and "term". Throws InvalidArgument, with a
/// suggestion for a misspelt name.
int parse_signal(std::string_view text);

/// For a process that goes its own way: signals that its parent holds back
/// (SignalForwarder) would be held back in it for ever, and in what it
/// executes.
void let_signals_in();

/// While it lives, to write where nobody reads any more is an error, EPIPE, and
/// no signal: SIGPIPE is held back and taken away again, so that the program's
/// own way with it stays as it is.
class HeldSigpipe {
  public:
    HeldSigpipe();
    HeldSigpipe(const HeldSigpipe&) = delete;
    HeldSigpipe& operator=(const HeldSigpipe&) = delete;
    ~HeldSigpipe();

  private:
    bool was_pending_ = false;
    sigset_t only_{}, before_{};
};

/// While it lives, signals wait in a descriptor instead of killing us, so that
/// they can be handed to a child. Make it before the child: a signal that
/// arrives between fork and wait is then kept, not lost.
///
/// Not taken: SIGKILL and SIGSTOP (cannot be), faults of our own code, SIGCHLD,
/// SIGPIPE, SIGURG, and the stop signals of the terminal, which reach the
/// child's process group directly.
class SignalForwarder {
  public:
    SignalForwarder();
    SignalForwarder(const SignalForwarder&) = delete;
    SignalForwarder& operator=(const SignalForwarder&) = delete;
    ~SignalForwarder();

    /// In the child, before exec: a signal mask survives execve(2), and a
    /// command that is deaf to SIGTERM would be a nasty present.
    void restore_in_child() const;
    /// For event loops: readable when a signal has arrived …
    int fd() const { return fd_.get(); }
    /// … which this returns.
    struct Taken {
        int number = 0;              ///< 0: there was none
        bool from_terminal = false;  ///< Ctrl-C, hang-up, a new window size
    };
    Taken take() const;
    /// Sends on what arrives until `child` ends; returns how it ended.
    ExitStatus wait(ChildProcess& child) const;

  private:
    sigset_t previous_{};
    UniqueFd fd_;
};

}  // namespace slipway
