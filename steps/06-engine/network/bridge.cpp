#include "06-engine/network/bridge.hpp"

#include <fcntl.h>
#include <linux/netlink.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "06-engine/network/firewall.hpp"
#include "06-engine/network/leases.hpp"
#include "06-engine/network/links.hpp"
#include "06-engine/network/netlink.hpp"
#include "06-engine/network/network_store.hpp"
#include "06-engine/network/port_records.hpp"
#include "06-engine/network/traces.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr char forwarding4[] = "/proc/sys/net/ipv4/ip_forward";
constexpr char forwarding6[] = "/proc/sys/net/ipv6/conf/all/forwarding";

std::string router_mark(const NetworkStore& store) {
    return store.state + "/network/router";
}

bool is_closed(const NetworkStore& store) {
    return std::filesystem::exists(router_mark(store));
}

std::string read_or_nothing(const char* path) {
    try {
        return read_file(path, 16);
    } catch (const Error&) {
        return "";  // a kernel without IPv6
    }
}

void set_sysctl(Why why, const std::string& path, const char* value) {
    act(why, "write", write_kernel_file, shown(AT_FDCWD, "AT_FDCWD"), path,
        value);
}

void forward_packets(const NetworkStore& store, const char* path) {
    if (read_file(path, 16).starts_with("1")) return;
    // Noted first: what we switch on, remove_idle_traces() switches off again.
    write_file_atomic(router_mark(store), "", 0600, ToDisk::Later);
    set_sysctl(Why{"the host passes packets on, from its network card to the "
                   "bridge and back",
                   "write 0"},
               path, "1");
}

void check_no_overlap(int socket, const Network& network, unsigned own_link) {
    Subnet subnet = parse_subnet(network.subnet);
    for (const Subnet& other : known_subnets(socket, own_link)) {
        if (!other.overlaps(subnet)) continue;
        SubnetTaken error(ErrorKind::Conflict,
                          cat("network ", network.name, ": its subnet ",
                              network.subnet, " overlaps ", other.text(),
                              ", to which this host has a route"));
        error.set_advice(
            "remove the network and create it again, or ask `ip route` where "
            "the other one comes from");
        throw error;
    }
}

std::string random_mac() {
    std::string digits = random_hex(8), mac = "02:42";
    for (std::size_t i = 0; i < digits.size(); i += 2)
        mac += ":" + digits.substr(i, 2);
    return mac;
}

//@ begin build-bridge
void build_bridge(const NetworkStore& store, int socket,
                  const Network& network) {
    std::string device = network.device();
    std::string mac = random_mac();
    make_bridge(socket, {device, mac, mtu_of(network)});
    ScopeGuard undo([&] {
        try {
            delete_link(socket, device);
        } catch (const Error&) {
            // The first failure is the one to tell.
        }
    });
    unsigned link = find_link(socket, device).number;
    // Never mind if it fails: then 127.0.0.1 is served by the proxy.
    set_sysctl(Why{"packets from 127.0.0.1 may leave on this link: they are "
                   "those to published ports, rewritten"},
               cat("/proc/sys/net/ipv4/conf/", device, "/route_localnet"), "1");
    disable_link_local(socket, link);
    Subnet subnet = parse_subnet(network.subnet);
    add_address(socket, link, *parse_ipv4(network.gateway), subnet.prefix);
    forward_packets(store, forwarding4);
    if (!network.subnet6.empty()) {
        add_address6(socket, link, network.gateway6, prefix6_of(network));
        add_address6(socket, link, link_local_of(mac), 64);
        forward_packets(store, forwarding6);
    }
    set_up(socket, link);  // last: who finds it up takes it for complete
    check_no_overlap(socket, network, link);  // stores share no lock
    undo.dismiss();
}
//@ end build-bridge

// Everything that the table should hold: of all networks and all containers.
std::vector<FirewallElement> all_elements(const NetworkStore& store) {
    std::vector<FirewallElement> elements;
    for (const std::string& name : names_in_state(store, "endpoints"))
        for (const FirewallElement& each :
             network_elements(get_network(store, name)))
            elements.push_back(each);
    for (const std::string& container : names_in_state(store, "ports"))
        for (const FirewallElement& each :
             port_elements(read_port_record(store, container)))
            elements.push_back(each);
    return elements;
}

}  // namespace

unsigned mtu_of(const Network& network) {
    auto found = network.options.find("com.docker.network.driver.mtu");
    if (found == network.options.end()) return 0;
    constexpr std::uint64_t largest_mtu = 65535;
    return static_cast<unsigned>(
        parse_unsigned(found->second, largest_mtu).value_or(0));
}

unsigned prefix6_of(const Network& network) {
    std::size_t slash = network.subnet6.find('/');
    return static_cast<unsigned>(
        parse_unsigned(network.subnet6.substr(slash + 1), 128).value_or(64));
}

void stop_forwarding(const NetworkStore& store, bool by_another) {
    if (!is_closed(store) && !by_another) return;
    for (const char* path : {forwarding4, forwarding6})
        if (read_or_nothing(path).starts_with("1"))
            set_sysctl(Why{"as it was before the first network"}, path, "0");
    ::unlink(router_mark(store).c_str());
}

void add_to_firewall(const NetworkStore& store,
                     const std::vector<FirewallElement>& elements) {
    if (add_elements(elements)) return;
    load_table(store, is_closed(store));
    std::vector<FirewallElement> all = all_elements(store);
    all.insert(all.end(), elements.begin(), elements.end());
    if (!add_elements(all))
        throw Error(ErrorKind::Unavailable,
                    "nftables table inet slipway was removed again")
            .advise(
                "something on this host flushes all rules: look for a "
                "service that loads a ruleset");
}

unsigned ensure_bridge(const NetworkStore& store, int socket,
                       const Network& network) {
    FoundLink found = find_link(socket, network.device());
    if (!found.up) {
        if (found.number == 0) check_no_overlap(socket, network, 0);
        delete_link(socket, network.device());  // a beginning
        build_bridge(store, socket, network);
        found = find_link(socket, network.device());
        if (std::string owner = bridge_owner(store); !owner.empty())
            set_alias(socket, found.number, owner);
    }
    add_to_firewall(store, network_elements(network));
    return found.number;
}

void remove_bridge(const Network& network) {
    UniqueFd socket = open_netlink(NETLINK_ROUTE);
    delete_link(socket.get(), network.device());
    remove_elements(network_elements(network));
}

}  // namespace slipway
