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
#include "06-engine/network/user_network.hpp"
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

bool lacks_proxy(const NetworkStore& store, const std::string& container) {
    return !helper_lives(state_path(store, "proxy", container));
}

// `held`: what hold_published() says; with none of them, no proxy is started.
void repair_ports(const NetworkStore& store, const std::string& container,
                  const std::vector<HeldPort>& held) {
    PortRecord record = read_port_record(store, container);
    if (record.rules.empty()) return;
    add_to_firewall(store, port_elements(record));
    if (lacks_proxy(store, container)) restart_proxy(store, container, held);
}

// An ordinary user's ports are the host's, and we are where the bridges are.
void repair_ports_here(const NetworkStore& store,
                       const std::string& container) {
    UniqueFd lock = lock_state(store);
    std::vector<HeldPort> held;
    if (!store.of_user && lacks_proxy(store, container))
        held = hold_published(store, container);
    repair_ports(store, container, held);
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
        repair_ports_here(store, container);
}

void repair_helpers(const NetworkStore& store,
                    const std::function<void(const std::string&)>& warn,
                    const std::string& container,
                    const std::vector<std::string>& networks) {
    // A mark without a holder: somebody has killed it.
    auto is_dead = [](const std::string& mark) {
        return ::access(mark.c_str(), F_OK) == 0 && !helper_lives(mark);
    };
    std::vector<std::string> nameless;
    for (const std::string& network : networks)
        if (is_dead(state_path(store, "dns", network)))
            nameless.push_back(network);
    bool unreachable = is_dead(state_path(store, "proxy", container));
    if (nameless.empty() && !unreachable) return;
    if (!has_bridge_network(store))
        throw Error(ErrorKind::Unavailable,
                    cat("the network of container ", container.substr(0, 12),
                        " has gone with the process that kept it: it has "
                        "another one after slipway restart"));
    std::vector<HeldPort> held;
    if (store.of_user && unreachable) held = hold_published(store, container);
    in_bridge_network(store, warn, [&] {
        for (const std::string& network : nameless)
            repair_network(store, network);
        if (!unreachable) return;
        if (!store.of_user) return repair_ports_here(store, container);
        UniqueFd lock = lock_state(store);
        repair_ports(store, container, held);
    });
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
