// UDP datagrams to a container and back: for each client a socket of its own,
// by which an answer finds its way.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <map>
#include <string>

#include "06-engine/network/event_loop.hpp"
#include "06-engine/network/proxy.hpp"

namespace slipway {

class UdpProxy {
  public:
    UdpProxy(EventLoop& loop, UniqueFd socket, SocketAddress target);
    UdpProxy(const UdpProxy&) = delete;
    UdpProxy& operator=(const UdpProxy&) = delete;
    ~UdpProxy() = default;

    /// Forgets clients that have been silent. In how many milliseconds to ask
    /// again; -1: there are none.
    int expire();

  private:
    struct Session {
        UniqueFd server;
        std::int64_t last_used = 0;  // milliseconds
    };
    void take_from_clients();
    void take_from_server(const std::string& client);
    void end(const std::string& client);
    Session* session_of(const std::string& client);

    EventLoop& loop_;
    UniqueFd socket_;
    SocketAddress target_;
    std::map<std::string, Session> sessions_;  // by the client's sockaddr
    std::string buffer_;
};

}  // namespace slipway
