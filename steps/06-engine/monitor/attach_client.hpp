// Being attached to a container: its output here, our input there.
#pragma once

#include <optional>
#include <string>

#include "common/signals.hpp"

namespace slipway {

struct AttachOptions {
    bool input = false, output = true, errors = true;
    /// The container has a terminal. If ours is one, too, it is in raw mode
    /// meanwhile, and the sizes are kept equal.
    bool terminal = false;
    /// Sent on to the container; without them they do what they do.
    const SignalForwarder* signals = nullptr;
    /// Do not send them on: all but SIGWINCH detach instead.
    bool keep_signals = false;
    std::string detach_keys = {};  ///< empty: ctrl-p,ctrl-q; only if `terminal`
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
/// whose other end is a monitor's MonitorPlan::client. Throws for detach keys
/// that make no sense, and when our own terminal fails.
AttachEnd attach(int socket, const AttachOptions& options);

/// Waits for its end. Empty: its monitor has gone without a word.
std::optional<int> wait_for_exit(int socket);

/// After the exit code: waits until what follows an end has been done, too
/// (--rm, or a restart's beginning). See keep_clients_until_exec().
void wait_until_gone(int socket);

}  // namespace slipway
