// What networks leave on the host between containers, and taking it away.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "06-engine/network/network_config.hpp"

namespace slipway {

/// What a fault has taken: a proxy or forwarder that was killed is started
/// again, the firewall table is filled again. `alive` says whether a container
/// id is running; what belongs to others is given up as by
/// detach_everywhere(). Cheap when all is well: call it in `system prune`, in
/// `ps` it is not needed.
void repair_networks(const NetworkStore& store,
                     const std::function<bool(const std::string&)>& alive);

/// The helpers of one container that runs: its proxy, and the forwarders of its
/// networks. When all live that costs a few microseconds. Throws Unavailable
/// for an ordinary user's whose network has gone altogether; `warn` as in
/// in_bridge_network().
void repair_helpers(const NetworkStore& store,
                    const std::function<void(const std::string&)>& warn,
                    const std::string& container,
                    const std::vector<std::string>& networks);

/// Bridges that no container is attached to; with the last of them the firewall
/// table, and the host's forwarding is switched off again if we switched it on.
/// Networks stay created.
void remove_idle_traces(const NetworkStore& store);

/// What stores have left that are not there any more, without having been
/// emptied: bridges that nobody is on, elements of the firewall for links that
/// have gone, and published ports that lead nowhere. remove_idle_traces() calls
/// it. `socket` is of open_netlink(NETLINK_ROUTE).
void remove_stale_traces(int socket);
/// Written on a bridge (`ip link` shows it): whose it is.
std::string bridge_owner(const NetworkStore& store);

/// Sentences for the user about others' rules that swallow our packets
/// (iptables' FORWARD with policy DROP, as Docker leaves it; an INPUT that
/// drops what asks our DNS forwarder), with what to do. Empty: nothing found.
std::vector<std::string> firewall_warnings();

}  // namespace slipway
