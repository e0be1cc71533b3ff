// What containers publish now: STATE/network/ports/ID.state, a line for each
// host port, "tcp 0.0.0.0 8080 172.17.0.2 80".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "06-engine/network/firewall.hpp"

namespace slipway {

struct PortRecord {
    /// From IPv6 to IPv4 as well, which only the proxy can do.
    std::vector<PortRule> rules = {};
};

/// No file: nothing.
PortRecord read_port_record(const NetworkStore& store,
                            const std::string& container);
void write_port_record(const NetworkStore& store, const std::string& container,
                       const PortRecord& record);
void delete_port_record(const NetworkStore& store,
                        const std::string& container);

std::string port_record_text(const PortRecord& record);
/// Lines that it does not understand are passed over.
PortRecord parse_port_record(std::string_view text);

/// Those that the kernel can do: from an address to one of its family.
std::vector<FirewallElement> port_elements(const PortRecord& record);

}  // namespace slipway
