// Being attached to a container: its output here, our input there.
#pragma once

#include <optional>
#include <string>

#include "common/signals.hpp"

namespace slipway {

struct AttachOptions {
    bool input = false, output = true, errors = true;
    /// The container has a terminal. If ours is one, too, it is in raw mode
    /// meanwhile (with `input`), and the sizes are kept equal.
    bool terminal = false;
    /// It runs already: its program shall paint its screen again.
    bool redraw = false;
    /// Sent on to the container. Without them attach() takes them itself.
    const SignalForwarder* signals = nullptr;
    /// Do not send them on: each but SIGWINCH detaches instead. With a terminal
    /// that is always so: what its keys mean arrives as bytes.
    bool keep_signals = false;
    std::string detach_keys = {};  ///< empty: ctrl-p,ctrl-q; with a terminal
};

struct AttachEnd {
    enum class How {
        Ended,     ///< with this exit code
        Detached,  ///< it goes on
        Lost,      ///< its monitor has gone without a word
    };
    How how = How::Lost;
    int exit_code = 0;
    int signal = 0;  ///< what made us detach; 0: the keys
};

/// Over a connected socket: connect_attach(), or one end of make_socket_pair()
/// whose other end is a monitor's MonitorPlan::client. Uses descriptors 0, 1
/// and 2. Throws for detach keys that make no sense, and when our own terminal
/// fails.
AttachEnd attach(int socket, const AttachOptions& options);

/// Waits for its end. Empty: its monitor has gone without a word.
std::optional<int> wait_for_exit(int socket);

/// After the exit code: waits until what follows an end has been done, too
/// (--rm, or the decision on a restart): the monitor's process has ended, or
/// has begun anew.
void wait_until_gone(int socket);

}  // namespace slipway
