// Networks: what was created, and which there are.
//
//     ROOT/engine/networks/NAME.json   one file for each, replaced atomically
//     ROOT/engine/networks/.lock       held while the set of them changes
//     STATE/network/                   what is in use now (lease.hpp): in
//     memory
//
// Three are there without having been created: "bridge", the default, "host"
// and "none". Their files are written at first use, so that ids stay. The
// subnet of "bridge" is chosen then, too.
//
// Nothing here touches the kernel's network, but to ask which addresses and
// routes the host has: the bridge is made when the first container is attached
// (endpoint.hpp).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "06-engine/network/address.hpp"

namespace slipway {

/// Where networks are kept. Folders are made when they are needed.
struct NetworkStore {
    std::string root;   ///< as /var/lib/slipway
    std::string state;  ///< as /run/slipway
    /// The folder of our helper programs; empty: this program's own. To be set
    /// by who has become another file (06-engine/security/own_program.hpp).
    std::string programs = {};
    /// An ordinary user's: the host's network is not ours to change, and
    /// bridges are in one of the user's own (user_network.hpp).
    bool of_user = false;
};

struct Network {
    std::string id;  ///< 64 hexadecimal digits
    std::string name;
    std::string driver = "bridge";  ///< "bridge", "host", "none"
    std::string created = {};       ///< RFC 3339
    /// Of a bridge: "172.18.0.0/16", "172.18.0.1". Containers get addresses of
    /// `ip_range`, if there is one, else of the subnet.
    std::string subnet = {}, gateway = {}, ip_range = {};
    /// Nobody asked for this subnet: when somebody else on this host has it
    /// before there is a bridge, the network gets another one.
    bool subnet_chosen = false;
    /// Empty: no IPv6.
    std::string subnet6 = {}, gateway6 = {};
    bool internal = false;  ///< no way out of it, and none in
    std::map<std::string, std::string> labels = {};
    /// Docker's com.docker.network.bridge.name, .enable_icc,
    /// .enable_ip_masquerade, .host_binding_ipv4, com.docker.network.driver.mtu
    /// are followed.
    std::map<std::string, std::string> options = {};

    /// The bridge's link: "slipway0" (the default network of /var/lib/slipway),
    /// "sw-" and 12 digits of the id, or what the option says. Empty for "host"
    /// and "none".
    std::string device() const;
    /// One of the three that are always there.
    bool predefined() const;
    /// Names of its containers are resolved: all but "bridge", as in Docker.
    bool has_names() const;
    /// An option that is "true" or "false", "1" or "0".
    bool option(std::string_view name, bool otherwise) const;
    bool operator==(const Network&) const = default;
};

/// What somebody wants to have created. What is empty is chosen.
struct NewNetwork {
    std::string name;
    std::string driver = "bridge";
    std::string subnet = {}, gateway = {}, ip_range = {};
    bool ipv6 = false;
    std::string subnet6 = {}, gateway6 = {};
    bool internal = false;
    std::map<std::string, std::string> labels = {}, options = {};
};

/// Throws Conflict when the name is taken ("network with name web already
/// exists") or the subnet overlaps another network; InvalidArgument for names
/// and addresses that make no sense, and for drivers that there are not;
/// Forbidden for predefined names.
Network create_network(const NetworkStore& store, const NewNetwork& wanted);

/// All of them, the predefined ones too, by name.
std::vector<Network> list_networks(const NetworkStore& store);

/// By name, id, or the beginning of an id that is no other's. Throws NotFound
/// ("network web not found"), with the nearest name, or InvalidArgument when
/// the beginning is several networks'.
Network get_network(const NetworkStore& store, const std::string& text);

/// Throws Conflict while containers are attached ("network web has active
/// endpoints"), Forbidden for a predefined one. Takes its bridge away.
void remove_network(const NetworkStore& store, const Network& network);

/// Removes those that no container is attached to and for which `keep` does not
/// say otherwise (a stopped container wants it; a filter); names those that
/// went.
std::vector<std::string> prune_networks(
    const NetworkStore& store,
    const std::function<bool(const Network&)>& keep = {});

/// The document on disk, and back. The latter throws DataLoss: we wrote it.
nlohmann::ordered_json network_json(const Network& network);
Network parse_network(std::string_view text);

}  // namespace slipway
