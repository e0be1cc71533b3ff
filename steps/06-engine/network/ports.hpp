// Published ports: what reaches the host's port 8080 reaches the container's
// port 80.
//
// Three things for each:
// - an element in a map of our nftables table (firewall.hpp): the kernel
//   rewrites destinations, at no cost that could be measured;
// - a listening socket on the host's port, held by `slipway-proxy`, one small
//   process for each container with ports: nobody else takes the port, and what
//   no rule can rewrite (::1, and all of IPv6 when the network has only IPv4)
//   is carried by it;
// - STATE/network/ports/CONTAINER, which names them. When that file goes, the
//   proxy ends.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "06-engine/network/endpoint.hpp"

namespace slipway {

struct PortMapping {
    std::uint16_t container_port = 0;
    std::string protocol = "tcp";  ///< "tcp", "udp"
    /// Empty: all addresses, IPv4 and IPv6 ("0.0.0.0" and "::").
    std::string host_ip = {};
    std::uint16_t host_port = 0;  ///< 0: any that is free
    bool operator==(const PortMapping&) const = default;
};

/// A port of the host that is ours from now on: bound, and not published yet.
struct HeldPort {
    PortMapping mapping;  ///< `host_ip` and `host_port` are not empty
    UniqueFd socket;
};
/// For a container whose bridges are in another network namespace than the
/// published ports (user_network.hpp): first here, then there publish_held().
/// Throws as publish() does.
std::vector<HeldPort> hold_ports(const NetworkStore& store,
                                 const Network& network,
                                 const std::vector<PortMapping>& wanted);
void publish_held(const NetworkStore& store, const Endpoint& endpoint,
                  const std::vector<HeldPort>& held);

/// Publishes all of them or none; in one transaction. Returns what was bound:
/// no port is 0, and one for all addresses has become two, "0.0.0.0" and "::".
///
/// Throws Conflict for a port that is in use, in Docker's words and with its
/// owner: "Bind for 0.0.0.0:8080 failed: port is already allocated" / "the
/// container 0123456789ab has published it", "nginx (process 4711) listens
/// there". InvalidArgument for an address that the host does not have.
std::vector<PortMapping> publish(const NetworkStore& store,
                                 const Network& network,
                                 const Endpoint& endpoint,
                                 const std::vector<PortMapping>& wanted);

/// Returns when the ports are free again. Nothing published is fine.
void unpublish(const NetworkStore& store, const std::string& container);

/// The container's ports once more, whose proxy was killed: first hold them, as
/// above, then start another one, with lock_state() held. Throws as publish().
std::vector<HeldPort> hold_published(const NetworkStore& store,
                                     const std::string& container);
void restart_proxy(const NetworkStore& store, const std::string& container,
                   const std::vector<HeldPort>& held);

std::vector<PortMapping> published_ports(const NetworkStore& store,
                                         const std::string& container);

}  // namespace slipway
