// What a DNS forwarder does with a query, whichever way it came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "06-engine/network/dns_names.hpp"
#include "06-engine/network/event_loop.hpp"

namespace slipway {

class DnsDirectory {
  public:
    /// `leases`: the folder of all networks' leases. It is opened now, by who
    /// may, and read again whenever a file in it changes.
    DnsDirectory(EventLoop& loop, std::string network,
                 const std::string& leases);
    DnsDirectory(const DnsDirectory&) = delete;
    DnsDirectory& operator=(const DnsDirectory&) = delete;
    ~DnsDirectory() = default;

    struct Decision {
        std::string answer;  ///< to be sent back; empty: ask one of …
        std::vector<std::string> servers = {};  ///< … these; none: say nothing
        DnsQuestion question = {};
    };
    /// `address`: whose query it is.
    Decision decide(const std::string& query, const std::string& address);

  private:
    void read_names();

    std::string network_;
    UniqueFd folder_, changes_;
    DnsNames names_;
    unsigned turn_ = 0;
};

}  // namespace slipway
