// The firewall: one nftables table of our own, `inet slipway`, and nothing else
// of the host's rules is touched. `nft list table inet slipway` shows it.
//
// The rules never change: they are loaded once, as the text in firewall.cpp, by
// `slipway-nft` (libnftables is only a shared library, and no other of our
// programs needs it). What changes are sets and maps: an element for each
// network and each published port, written by netlink in some 20 µs.
#pragma once

#include <string>
#include <vector>

#include "06-engine/network/network_config.hpp"

namespace slipway {

/// One address that is rewritten to another.
struct PortRule {
    std::string protocol;      ///< "tcp", "udp"
    std::string host_address;  ///< "0.0.0.0" and "::" are all of their family
    std::uint16_t host_port;
    std::string address;  ///< of the same family
    std::uint16_t port;
    bool operator==(const PortRule&) const = default;
};

/// An element of a set or map, as the kernel has it.
struct FirewallElement {
    std::string set, key, value = {};
    std::string key_end = {};  ///< of a set of ranges: the last one
    bool operator==(const FirewallElement&) const = default;
};
std::vector<FirewallElement> network_elements(const Network& network);
FirewallElement port_element(const PortRule& rule);

/// In one transaction. False when there is no table: then load_table() first.
/// Elements that are there already are fine.
bool add_elements(const std::vector<FirewallElement>& elements);
/// Elements, or a table, that are not there are fine.
void remove_elements(const std::vector<FirewallElement>& elements);

/// Makes the table; if it is there, its sets keep their elements. `closed`: the
/// host was no router before, and what is neither to nor from a container stays
/// unforwarded.
void load_table(const NetworkStore& store, bool closed);
void delete_table();
/// What a set or map holds; nothing without a table.
std::vector<FirewallElement> list_elements(const std::string& set);
/// Of an element of network_elements(): its link's name, which its key ends
/// with.
std::string device_of(const FirewallElement& element);

/// The text that load_table() loads.
std::string firewall_rules(bool closed);

}  // namespace slipway
