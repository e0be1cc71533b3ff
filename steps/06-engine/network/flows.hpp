// Flows: what the kernel's connection tracking remembers of UDP. A rule is
// asked for the first packet only; the others follow it, to a container that
// may have been replaced. Of TCP nobody needs to forget: a new connection is a
// new flow.
#pragma once

#include <vector>

#include "06-engine/network/firewall.hpp"

namespace slipway {

/// Forgets the flows to these UDP ports that lead to somebody else. A kernel
/// that tracks nothing, or cannot be asked, has nothing to forget.
void forget_udp_flows(const std::vector<PortRule>& rules);

}  // namespace slipway
