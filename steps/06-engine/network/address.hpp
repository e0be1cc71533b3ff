// IPv4 addresses and subnets as numbers: what the address management reckons
// with. IPv6 addresses stay text here: they are given, never counted up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

/// In the host's byte order: `value + 1` is the next one.
struct Ipv4 {
    std::uint32_t value = 0;
    std::string text() const;  ///< "172.17.0.2"
    std::uint32_t network_order() const;
    bool operator==(const Ipv4&) const = default;
};

/// Four decimal numbers and nothing else; empty for any other text.
std::optional<Ipv4> parse_ipv4(std::string_view text);
/// Is it an IPv6 address? inet_pton(3).
bool is_ipv6(const std::string& text);

struct Subnet {
    Ipv4 base;  ///< the first address: the host's bits are 0
    unsigned prefix = 0;

    std::uint32_t mask() const;
    Ipv4 last() const;  ///< the broadcast address
    bool contains(Ipv4 address) const;
    bool overlaps(const Subnet& other) const;
    std::string text() const;  ///< "172.17.0.0/16"
    bool operator==(const Subnet&) const = default;
};

/// "172.17.0.0/16"; bits of the host behind the prefix are cleared. Throws
/// InvalidArgument that names the text.
Subnet parse_subnet(std::string_view text);

}  // namespace slipway
