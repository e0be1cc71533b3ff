// DNS over UDP: one datagram asks, one answers.
#pragma once

#include <cstdint>
#include <list>

#include "06-engine/network/dns_directory.hpp"
#include "06-engine/network/event_loop.hpp"

namespace slipway {

class DnsUdp {
  public:
    DnsUdp(EventLoop& loop, DnsDirectory& directory, UniqueFd socket);
    DnsUdp(const DnsUdp&) = delete;
    DnsUdp& operator=(const DnsUdp&) = delete;
    ~DnsUdp() = default;

    /// Asks the next server where one has been silent. Milliseconds to the next
    /// time; -1: nothing is open.
    int expire();

  private:
    // A query that another server has been asked, by a socket of its own: the
    // kernel gives it a port that nobody can guess, and takes answers from that
    // server only.
    struct Asked {
        std::string client;  // its sockaddr
        std::string query;
        DnsDirectory::Decision decision;
        UniqueFd server;
        std::int64_t deadline = 0;
    };
    using AskedAt = std::list<Asked>::iterator;

    void take_queries();
    void ask_next(AskedAt asked);
    void take_answer(AskedAt asked);
    void finish(AskedAt asked, const std::string& answer);
    void send_to(const std::string& client, const std::string& answer);

    EventLoop& loop_;
    DnsDirectory& directory_;
    UniqueFd socket_;
    std::list<Asked> asked_;
};

}  // namespace slipway
