// Carrying what arrives at a port of the host to a container, in user space:
// for what the kernel cannot rewrite. `slipway-proxy` is made of it.
#pragma once

#include <string>
#include <vector>

#include "06-engine/network/sockets.hpp"

namespace slipway {

struct ProxiedPort {
    std::string protocol;  ///< "tcp", "udp"
    UniqueFd socket;       ///< of listen_at()
    SocketAddress target;
};

/// For ever.
[[noreturn]] void run_proxy(std::vector<ProxiedPort> ports);

}  // namespace slipway
