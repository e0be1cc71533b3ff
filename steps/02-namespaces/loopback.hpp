// The loopback link of a new network namespace.
#pragma once

namespace slipway {

/// Brings "lo" up; a new network namespace has it, but down, so that not even
/// 127.0.0.1 answers. One RTM_NEWLINK message over netlink: rtnetlink(7).
/// Needs CAP_NET_ADMIN over the network namespace.
void bring_loopback_up();

}  // namespace slipway
