// What the DNS forwarder of a network knows: who asks, which networks the asker
// is on, and who is there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "06-engine/network/dns_message.hpp"
#include "06-engine/network/leases.hpp"

namespace slipway {

class DnsNames {
  public:
    /// The leases of all networks, by the network's name. `own`: whose
    /// forwarder this is.
    DnsNames(std::string own, std::map<std::string, NetworkLeases> networks)
        : own_(std::move(own)), networks_(std::move(networks)) {}

    struct Asker {
        std::vector<std::string> networks;      ///< that it is on; ours first
        bool may_leave = false;                 ///< one of them is not internal
        std::vector<std::string> servers = {};  ///< --dns
    };
    /// The container with this address on our network. One that is not known
    /// is taken for one of it that is on no other.
    Asker who_asks(const std::string& address) const;

    /// The records for a name ("web", "web.blue" with the network behind it, an
    /// address to be reversed). Empty: not one of ours, ask others. A list
    /// without records: ours, but not of the type that was asked for.
    std::optional<std::vector<DnsRecord>> look_up(
        const Asker& asker, const DnsQuestion& question) const;

  private:
    std::string own_;
    std::map<std::string, NetworkLeases> networks_;
};

}  // namespace slipway
