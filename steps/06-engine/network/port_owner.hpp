// Who listens on a port of the host.
#pragma once

#include <cstdint>
#include <string>

namespace slipway {

/// "nginx (process 4711)", found by /proc/net/tcp and the descriptors of all
/// processes; empty when it is not to be found (no right to look, another
/// namespace).
std::string find_listener(const std::string& protocol, std::uint16_t port);

}  // namespace slipway
