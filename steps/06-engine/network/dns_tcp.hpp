// DNS over TCP: messages behind their length of two bytes. For answers that are
// too long for a datagram.
#pragma once

#include <cstdint>
#include <list>

#include "06-engine/network/dns_directory.hpp"
#include "06-engine/network/event_loop.hpp"

namespace slipway {

class DnsTcp {
  public:
    DnsTcp(EventLoop& loop, DnsDirectory& directory, UniqueFd listener);
    DnsTcp(const DnsTcp&) = delete;
    DnsTcp& operator=(const DnsTcp&) = delete;
    ~DnsTcp() = default;

    /// Ends connections that take too long. As DnsUdp::expire().
    int expire();

  private:
    // One query at a time: the next one waits in `in`.
    struct Connection {
        UniqueFd client;
        std::string address, in = {}, out = {};
        UniqueFd server = {};  // open: the answer is waited for
        std::string query = {}, to_server = {}, from_server = {};
        DnsDirectory::Decision decision = {};
        std::int64_t deadline = 0;
    };
    using ConnectionAt = std::list<Connection>::iterator;

    void accept_all();
    void serve(ConnectionAt connection);
    bool step(ConnectionAt connection);
    void take_query(ConnectionAt connection, const std::string& query);
    void ask_next(ConnectionAt connection);
    bool exchange_with_server(ConnectionAt connection);
    void end(ConnectionAt connection);

    EventLoop& loop_;
    DnsDirectory& directory_;
    UniqueFd listener_;
    std::list<Connection> connections_;
};

}  // namespace slipway
