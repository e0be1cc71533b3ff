// TCP connections from one socket to another, by splice(2): what passes through
// is never copied into this process.
#pragma once

#include <list>

#include "06-engine/network/event_loop.hpp"
#include "06-engine/network/proxy.hpp"

namespace slipway {

/// One way of a connection, with a pipe in the middle.
struct ProxyStream {
    int from, to;
    UniqueFd pipe_read, pipe_write;
    std::size_t held = 0;  ///< bytes in the pipe
    bool ended = false;    ///< `from` sends no more
    bool closed = false;   ///< and `to` has been told
};

struct ProxyConnection {
    UniqueFd client, server;
    ProxyStream there, back;
};

class TcpProxy {
  public:
    TcpProxy(EventLoop& loop, UniqueFd listener, SocketAddress target);
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;
    ~TcpProxy() = default;

  private:
    void accept_all();
    void listen_again();
    void start(UniqueFd client);
    void carry(std::list<ProxyConnection>::iterator connection);

    EventLoop& loop_;
    UniqueFd listener_;
    SocketAddress target_;
    bool listening_ = false;
    std::list<ProxyConnection> connections_;
};

}  // namespace slipway
