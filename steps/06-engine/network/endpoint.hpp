// A container on a network: a veth pair, one end inside, one on the bridge.
//
//        container                        host
//     ┌─────────────┐         ┌──────────────────────────┐
//     │ eth0 ───────┼── veth ─┼─ slipway0 (bridge) ── NAT ├─ eth0 …
//     │ 172.17.0.2  │         │  172.17.0.1               │
//     └─────────────┘         └──────────────────────────┘
//
// Written to rtnetlink by hand (rtnetlink(7), netlink.hpp). attach() may be
// called from any thread: it visits the container's namespace for the moment in
// which it opens a socket there.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "06-engine/network/network_config.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

struct EndpointRequest {
    std::string container;  ///< its id, 64 hexadecimal digits
    std::string name;       ///< resolved by others on the network, as are …
    std::string hostname = {};
    std::vector<std::string> aliases = {};    ///< … these and the short id
    std::string ip = {}, ip6 = {}, mac = {};  ///< empty: chosen
    std::string interface = "eth0";
    /// --dns: asked by the network's forwarder for names that it does not know.
    std::vector<std::string> dns_servers = {};
    /// This network's gateway is the container's way out. One of a container's
    /// networks has it, and not an internal one.
    bool default_route = true;
    /// The container's network namespace (open_network_namespace()); borrowed.
    int network_namespace = -1;
};

struct Endpoint {
    std::string id;  ///< 64 hexadecimal digits
    std::string network, network_id;
    std::string container;  ///< id
    std::string name = {};
    std::string ip = {}, gateway = {};
    unsigned prefix = 0;
    std::string ip6 = {}, gateway6 = {};
    unsigned prefix6 = 0;
    std::string mac = {};
    std::string interface = {};       ///< inside: "eth0"
    std::string host_interface = {};  ///< outside: "veth1a2b3c4"
    std::vector<std::string> aliases = {};
    /// All that is resolved to it: name, aliases, short id, hostname.
    std::vector<std::string> dns_names = {};
    std::vector<std::string> dns_servers = {};
    bool operator==(const Endpoint&) const = default;
};

/// /proc/PID/ns/net. Throws NotFound when the process has gone.
UniqueFd open_network_namespace(pid_t pid);

/// Puts the container on a network of driver "bridge". Makes bridge, firewall
/// table (firewall.hpp) and, for a network with names, the DNS forwarder when
/// they are missing. Attaching what is attached already begins anew. When it
/// throws, nothing of this endpoint is left. A subnet that nobody asked for,
/// and that somebody else on this host has by now, is changed for another one.
///
/// Throws Conflict for an address that another container has, InvalidArgument
/// for one outside the subnet, Unavailable when no address is free, and what
/// the kernel says, with advice where modules or rights are missing.
/// "lo" is not touched: the runtime brings it up.
Endpoint attach(const NetworkStore& store, const Network& network,
                const EndpointRequest& request);

/// The container has lost its way out: it is by this network from here on.
void lead_out(const Network& network, const Endpoint& endpoint,
              int network_namespace);

/// What becomes of the veth pair: a container that goes on running loses it
/// now, which costs a grace period of the kernel (some 10 ms). Of one that has
/// ended the kernel takes it away with the namespace, behind our back; but not
/// as long as others are in that namespace, who would keep the address.
enum class Link { RemovedNow, LeftToTheKernel };

/// The host's end of such a pair, by its name.
bool is_endpoint_link(std::string_view name);

/// Gives up address, names and link. Nothing attached is fine.
void detach(const NetworkStore& store, const Network& network,
            const std::string& container, Link link);

/// For a container that has ended, whatever it was attached to (networks that
/// have been removed, too): leases, names, published ports.
void detach_everywhere(const NetworkStore& store, const std::string& container,
                       Link link);

/// It is resolved by this name from here on, and not by the one before.
void rename_endpoints(const NetworkStore& store, const std::string& container,
                      const std::string& name, const std::string& hostname);

std::vector<Endpoint> endpoints_on(const NetworkStore& store,
                                   const Network& network);
std::vector<Endpoint> endpoints_of(const NetworkStore& store,
                                   const std::string& container);

}  // namespace slipway
