// -p and --expose.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "06-engine/engine/record.hpp"

namespace slipway {

/// [IP:][HOST[-LAST]:]PORT[-LAST][/tcp|udp], an IPv6 address in brackets. Two
/// ranges are as long as each other and make a binding for each port; a range
/// of the host's for one port means one of them that is free. No port of the
/// host's: any that is free. Also "target=80,published=8080,protocol=udp".
/// Throws InvalidArgument.
/// Source: docker/go-connections, nat.ParsePortSpec.
std::vector<PortBinding> parse_publish(std::string_view text);

/// 80, 53/udp, 8000-8010/tcp
void add_exposed(std::set<std::string>& ports, std::string_view text);

}  // namespace slipway
