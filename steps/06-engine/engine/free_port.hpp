// -p 8000-8010:80: one of several ports of the host that is free.
#pragma once

#include "06-engine/engine/record.hpp"

namespace slipway {

/// Bindings with a range (`host_port_last`) get the first port of it that
/// nobody listens on and that none before them has. Somebody may still take it
/// in between: then publishing fails as for a port that was named. Throws
/// Conflict when all are taken.
std::vector<PortBinding> choose_ports(std::vector<PortBinding> ports);

}  // namespace slipway
