// Networks of an ordinary user, who may not touch the host's.
//
//      container         the user's network namespace           host
//     ┌──────────┐  veth  ┌───────────────────────────┐
//     │ eth0 ────┼────────┼─ slipway0 ─ NAT ─ tap ────┼─ pasta ─ sockets
//     │          │        │      ▲                    │
//     └──────────┘        │  slipway-proxy ◀──────────┼─ published ports
//                         └───────────────────────────┘
//
// It plays the host: bridges, firewall table and name servers are in it, by the
// same code. pasta(1) carries what leaves it, as the user's own connections.
// Published ports are listened at on the host, by sockets that are opened there
// and served inside.
//
// The namespace is there as long as slipway-pasta is, which starts pasta again
// when it dies; it ends with the last endpoint.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "06-engine/network/network_config.hpp"

namespace slipway {

/// Runs `body` where the bridges are: here, or for a user in a child that has
/// joined the user's network (so what it changes must be on the disk). An Error
/// of its leaves this. `warn` is told when the outside cannot be reached.
void in_bridge_network(const NetworkStore& store,
                       const std::function<void(const std::string&)>& warn,
                       const std::function<void()>& body);

/// The same for what only takes away: when a user has no such network, there is
/// nothing to enter, and `body` runs here. It asks has_bridge_network() before
/// it changes links or rules.
void in_bridge_network_if_any(
    const NetworkStore& store,
    const std::function<void(const std::string&)>& warn,
    const std::function<void()>& body);
bool has_bridge_network(const NetworkStore& store);

/// The processes that serve its networks: who keeps the namespace, first, name
/// servers, proxies. Those that live.
std::vector<pid_t> network_helpers(const NetworkStore& store);

/// Of slipway-pasta: the descriptor that others find the namespace by.
constexpr int user_network_descriptor = 3;

}  // namespace slipway
