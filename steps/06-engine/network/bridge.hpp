// The bridge of a network: a switch in the kernel, on which the host has the
// gateway's address, and what the host must be set to for it.
#pragma once

#include <vector>

#include "06-engine/network/firewall.hpp"
#include "06-engine/network/network_config.hpp"
#include "common/error.hpp"

namespace slipway {

/// The link of network "bridge", if no other store has it.
constexpr char default_device[] = "slipway0";

/// This host has a way to the network's subnet that is not its bridge: another
/// store's network, or a VPN that came since it was created.
struct SubnetTaken : Error {
    using Error::Error;
};

/// Makes it, with its address and settings, if it is not there, and sees to it
/// that the firewall knows it. Returns its number. lock_state() must be held.
/// Throws SubnetTaken, and leaves nothing.
unsigned ensure_bridge(const NetworkStore& store, int socket,
                       const Network& network);

/// Takes it away, and what the firewall knows of it. Missing is fine.
void remove_bridge(const Network& network);

/// Switches off the host's forwarding of packets, if we switched it on, or
/// another store did that has left before us.
void stop_forwarding(const NetworkStore& store, bool by_another);

/// 0: the kernel's.
unsigned mtu_of(const Network& network);
unsigned prefix6_of(const Network& network);

/// Adds elements to the firewall's table; makes and fills the table if somebody
/// has removed it.
void add_to_firewall(const NetworkStore& store,
                     const std::vector<FirewallElement>& elements);

}  // namespace slipway
