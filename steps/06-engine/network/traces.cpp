#include "06-engine/network/traces.hpp"

#include <linux/netlink.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "06-engine/network/bridge.hpp"
#include "06-engine/network/dns_process.hpp"
#include "06-engine/network/endpoint.hpp"
#include "06-engine/network/firewall.hpp"
#include "06-engine/network/helper_process.hpp"
#include "06-engine/network/links.hpp"
#include "06-engine/network/netlink.hpp"
#include "06-engine/network/network_store.hpp"
#include "06-engine/network/port_records.hpp"
#include "06-engine/network/ports.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

// All containers that have anything.
std::set<std::string> containers_of(const NetworkStore& store) {
    std::set<std::string> containers;
    for (const std::string& network : names_in_state(store, "endpoints"))
        for (const Endpoint& endpoint :
             endpoints_on(store, {.id = "", .name = network}))
            containers.insert(endpoint.container);
    for (const std::string& container : names_in_state(store, "ports"))
        containers.insert(container);
    return containers;
}

void repair_network(const NetworkStore& store, const std::string& name) {
    Network network = get_network(store, name);
    UniqueFd lock = lock_state(store);
    if (endpoints_on(store, network).empty()) return;
    UniqueFd socket = open_netlink(NETLINK_ROUTE);
    ensure_bridge(store, socket.get(), network);
    if (network.has_names()) ensure_dns(store, network);
}

void repair_ports(const NetworkStore& store, const std::string& container) {
    UniqueFd lock = lock_state(store);
    PortRecord record = read_port_record(store, container);
    if (record.rules.empty()) return;
    add_to_firewall(store, port_elements(record));
    if (!helper_lives(state_path(store, "proxy", container)))
        restart_proxy(store, container);
}

// Nobody is on the network: a link of ours is that of a container that has just
// ended, which the kernel takes away in its own time, bridge or no bridge.
// Another one somebody has plugged in by hand: then the bridge is in use.
bool is_idle(int socket, const Network& network) {
    FoundLink bridge = find_link(socket, network.device());
    if (bridge.number == 0) return true;
    std::vector<std::string> links = ports_of(socket, bridge.number);
    return std::all_of(links.begin(), links.end(), is_endpoint_link);
}

}  // namespace

void repair_networks(const NetworkStore& store,
                     const std::function<bool(const std::string&)>& alive) {
    for (const std::string& container : containers_of(store))
        if (!alive(container))
            detach_everywhere(store, container, Link::LeftToTheKernel);
    for (const std::string& network : names_in_state(store, "endpoints"))
        repair_network(store, network);
    for (const std::string& container : names_in_state(store, "ports"))
        repair_ports(store, container);
}

void repair_helpers(const NetworkStore& store, const std::string& container,
                    const std::vector<std::string>& networks) {
    // A mark without a holder: somebody has killed it.
    auto is_dead = [](const std::string& mark) {
        return ::access(mark.c_str(), F_OK) == 0 && !helper_lives(mark);
    };
    for (const std::string& network : networks)
        if (is_dead(state_path(store, "dns", network)))
            repair_network(store, network);
    if (is_dead(state_path(store, "proxy", container)))
        repair_ports(store, container);
}

void remove_idle_traces(const NetworkStore& store) {
    UniqueFd lock = lock_state(store);
    UniqueFd socket = open_netlink(NETLINK_ROUTE);
    for (const std::string& name : network_names(store)) {
        Network network = get_network(store, name);
        if (network.driver != "bridge" || !endpoints_on(store, network).empty())
            continue;
        if (is_idle(socket.get(), network)) remove_bridge(network);
    }
    remove_stale_traces(socket.get());
    if (!list_elements("bridges").empty()) return;  // another store's
    bool switched_on = !list_elements("router").empty();
    delete_table();
    stop_forwarding(store, switched_on);
}

}  // namespace slipway
