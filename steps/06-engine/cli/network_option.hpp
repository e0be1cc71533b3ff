// --network and what goes with it.
#pragma once

#include <string>
#include <string_view>

#include "06-engine/engine/record.hpp"

namespace slipway {

/// "front", or "name=front,alias=web,ip=10.1.0.5,ip6=…,mac-address=…,
/// driver-opt=k=v". Throws InvalidArgument.
NetworkRequest parse_network_option(std::string_view text);

/// Networks made by people, not "bridge", "none", "host" or "container:…".
bool is_user_defined(std::string_view network);

/// NAME:IP or NAME=IP, IP may be "host-gateway"; returns NAME:IP.
std::string parse_add_host(std::string_view text);
/// An address, as people write it. `option` is for the message.
std::string parse_ip_option(std::string_view option, std::string_view text);
std::string parse_ip4_option(std::string_view option, std::string_view text);
std::string parse_ip6_option(std::string_view option, std::string_view text);
/// A name that resolv.conf can have; "." for none.
std::string parse_dns_search(std::string_view text);
/// Six bytes with : or - between, or three pairs with dots:
/// "02:42:ac:11:00:02".
std::string parse_mac(std::string_view text);
/// What uname(2) can hold: up to 64 letters, digits, ., - and _.
std::string parse_host_name(std::string_view option, std::string_view text);
/// CONTAINER[:ALIAS]; returns CONTAINER:ALIAS.
std::string parse_link(std::string_view text);

}  // namespace slipway
