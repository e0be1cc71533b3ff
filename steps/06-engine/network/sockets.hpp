// Sockets of the internet: bound, with errors that say where.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

#include "common/unique_fd.hpp"

namespace slipway {

struct SocketAddress {
    std::string ip;  ///< IPv4 or IPv6
    std::uint16_t port = 0;
};

/// Bound, and listening if it is "tcp"; not blocking. An IPv6 one leaves IPv4
/// alone. `device`: hears only what comes in by that link. Empty, with errno
/// set, when the kernel refuses.
UniqueFd listen_at(const std::string& protocol, const SocketAddress& address,
                   const std::string& device = {});
/// The port that it was bound to.
std::uint16_t bound_port(int socket);
/// A socket on its way to there: a TCP connection may come about later.
UniqueFd connect_to(const std::string& protocol, const SocketAddress& address);

/// The address without the port.
std::string ip_text(const sockaddr_storage& address);

}  // namespace slipway
