#include "06-engine/engine/container_network.hpp"

#include <fcntl.h>

#include <algorithm>

#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/events.hpp"
#include "06-engine/engine/free_port.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/engine/user_namespace.hpp"
#include "06-engine/network/endpoint.hpp"
#include "06-engine/network/name_files.hpp"
#include "06-engine/network/ports.hpp"
#include "06-engine/network/traces.hpp"
#include "06-engine/network/user_network.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"

namespace slipway {

namespace {

bool has_own_network(const ContainerRecord& record) {
    const std::string& mode = record.host.network_mode;
    return mode != "host" && mode != "none" && !mode.starts_with("container:");
}

std::vector<Network> read_networks(const NetworkStore& store,
                                   const ContainerRecord& record) {
    std::vector<Network> networks;
    const std::string& mode = record.host.network_mode;
    if (mode == "host" || mode == "none")
        networks.push_back(get_network(store, mode));
    for (const NetworkRequest& request : networks_of(record))
        networks.push_back(get_network(store, request.network));
    return networks;
}

// In place: it is mounted into a container that may be running.
void write_in_place(const std::string& path, const std::string& text) {
    UniqueFd file(check(
        ::open(path.c_str(),
               O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644),
        "open ", path));
    write_all(file.get(), text);
}

EndpointRequest request_for(const ContainerRecord& record,
                            const NetworkRequest& wanted, std::size_t number,
                            const UniqueFd& space) {
    EndpointRequest request;
    request.container = record.id;
    request.name = record.name;
    request.hostname = record.hostname;
    request.aliases = wanted.aliases;
    request.ip = wanted.ip;
    request.ip6 = wanted.ip6;
    request.mac = wanted.mac;
    request.interface = cat("eth", number);
    request.dns_servers = record.host.dns;
    request.default_route = number == 0;
    request.network_namespace = space.get();
    return request;
}

// "eth1" for 1: the first number that no interface of ours has.
std::size_t free_interface(const std::vector<Endpoint>& endpoints) {
    std::size_t number = 0;
    auto is_taken = [&](const Endpoint& endpoint) {
        return endpoint.interface == cat("eth", number);
    };
    while (std::any_of(endpoints.begin(), endpoints.end(), is_taken)) ++number;
    return number;
}

std::vector<PortMapping> mappings_of(const ContainerRecord& record) {
    std::vector<PortMapping> mappings;
    for (const PortBinding& port : choose_ports(record.host.ports))
        mappings.push_back(
            {port.container_port, port.protocol, port.host_ip, port.host_port});
    return mappings;
}

}  // namespace

NetworkStore network_store(const Engine& engine) {
    NetworkStore store{engine.root, engine.state};
    store.of_user = engine.user_xattr && network_is_borrowed();
    return store;
}

std::vector<NetworkRequest> networks_of(const ContainerRecord& record) {
    if (!has_own_network(record)) return {};
    if (!record.host.networks.empty()) return record.host.networks;
    const std::string& mode = record.host.network_mode;
    NetworkRequest request;
    request.network = mode.empty() || mode == "default" ? "bridge" : mode;
    return {request};
}

void prepare_name_files(const Engine& engine, const ContainerRecord& record) {
    read_networks(network_store(engine), record);
    if (record.host.network_mode.starts_with("container:")) return;
    std::string folder = engine.folder_of(record.id);
    write_in_place(folder + "/hostname", hostname_file(record.hostname));
    write_name_files(engine, record);
}

namespace {

// --link CONTAINER:ALIAS, as lines of /etc/hosts: "alias:ip".
std::vector<std::string> linked_hosts(const Engine& engine,
                                      const ContainerRecord& record) {
    std::vector<std::string> hosts = record.host.extra_hosts;
    for (const std::string& link : record.host.links) {
        std::size_t colon = link.find(':');
        std::string name = link.substr(0, colon),
                    alias = link.substr(colon + 1);
        std::string id = find_container(engine, name);
        std::vector<Endpoint> endpoints =
            endpoints_of(network_store(engine), id);
        if (endpoints.empty())
            throw Error(ErrorKind::Conflict,
                        cat("cannot link to ", name, ": it is on no network"))
                .advise("start it first, on a network of its own");
        hosts.push_back(cat(alias, ":", endpoints[0].ip));
        if (alias != name) hosts.push_back(cat(name, ":", endpoints[0].ip));
    }
    return hosts;
}

}  // namespace

void write_name_files(const Engine& engine, const ContainerRecord& record) {
    NetworkStore store = network_store(engine);
    std::vector<Network> networks = read_networks(store, record);
    std::string folder = engine.folder_of(record.id);
    write_in_place(folder + "/hosts",
                   hosts_file(endpoints_of(store, record.id), record.hostname,
                              record.domainname, linked_hosts(engine, record)));
    write_in_place(folder + "/resolv.conf",
                   resolv_conf(networks, host_resolv_conf(),
                               {record.host.dns, record.host.dns_search,
                                record.host.dns_options}));
}

namespace {

void record_network_event(const Engine& engine, const char* action,
                          const Network& network, const std::string& id) {
    record_event(engine, {"network",
                          action,
                          network.id,
                          {{"container", id},
                           {"name", network.name},
                           {"type", network.driver}}});
}

}  // namespace

namespace {

// Of one that runs: what reaches these ports of the host reaches it there.
void publish_at(const Engine& engine, const NetworkStore& store,
                const Network& network, const Endpoint& endpoint,
                const std::vector<PortMapping>& ports) {
    if (ports.empty() || network.internal) return;
    std::vector<HeldPort> held;
    if (store.of_user) held = hold_ports(store, network, ports);
    in_bridge_network(store, engine.warn, [&] {
        if (store.of_user)
            publish_held(store, endpoint, held);
        else
            publish(store, network, endpoint, ports);
    });
}

// The network that it was on first has gone: the next one is its way out, and
// its ports lead there.
void move_way_out(const Engine& engine, const NetworkStore& store,
                  const ContainerRecord& record, pid_t init,
                  const std::vector<PortMapping>& ports) {
    Network network = get_network(store, record.host.network_mode);
    for (const Endpoint& endpoint : endpoints_on(store, network)) {
        if (endpoint.container != record.id) continue;
        lead_out(network, endpoint, open_network_namespace(init).get());
        publish_at(engine, store, network, endpoint, ports);
    }
}

}  // namespace

//@ begin connect-container
void connect_container(const Engine& engine, const ContainerRecord& record,
                       pid_t init) {
    std::vector<NetworkRequest> wanted = networks_of(record);
    if (wanted.empty()) return;
    NetworkStore store = network_store(engine);
    std::vector<HeldPort> held;
    if (store.of_user && !record.host.ports.empty())
        held = hold_ports(store, get_network(store, wanted[0].network),
                          mappings_of(record));
    UniqueFd space = open_network_namespace(init);
    in_bridge_network(store, engine.warn, [&] {
        ScopeGuard undo([&] {
            try {
                detach_everywhere(store, record.id, Link::LeftToTheKernel);
            } catch (const Error& error) {
                engine.warn(error.message());
            }
        });
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            Network network = get_network(store, wanted[i].network);
            if (network.driver != "bridge") continue;
            Endpoint endpoint = attach(
                store, network, request_for(record, wanted[i], i, space));
            record_network_event(engine, "connect", network, record.id);
            if (i != 0 || record.host.ports.empty()) continue;
            if (store.of_user)
                publish_held(store, endpoint, held);
            else
                publish(store, network, endpoint, mappings_of(record));
            for (const std::string& warning : firewall_warnings())
                engine.warn(warning);
        }
        undo.dismiss();
    });
    write_name_files(engine, record);
}
//@ end connect-container

void connect_to_network(const Engine& engine, const std::string& id,
                        const NetworkRequest& request) {
    NetworkStore store = network_store(engine);
    Network network = get_network(store, request.network);
    ContainerLock lock(engine, id);
    ContainerRecord record = read_container(engine, id);
    // One that was taken off its last network is on "none".
    std::string& mode = record.host.network_mode;
    bool on_none = mode == "none";
    if ((!has_own_network(record) && !on_none) || network.driver != "bridge")
        throw Error(ErrorKind::Conflict,
                    cat("container ", record.name, " on ", network.name,
                        ": host and container: go with no other network"));
    std::vector<NetworkRequest> networks = networks_of(record);
    for (const NetworkRequest& each : networks)
        if (get_network(store, each.network).id == network.id)
            throw Error(ErrorKind::Conflict,
                        cat("endpoint with name ", record.name,
                            " already exists in network ", network.name));
    networks.push_back(request);
    if (on_none) mode = network.name;
    record.host.networks = networks;
    std::optional<RunNote> run = read_run(engine, id);
    if (phase_of(engine, id, run) == Phase::Running) {
        UniqueFd space = open_network_namespace(run->init.pid);
        std::size_t number = free_interface(endpoints_of(store, id));
        EndpointRequest wanted = request_for(record, request, number, space);
        wanted.default_route = endpoints_of(store, id).empty();
        in_bridge_network(store, engine.warn,
                          [&] { attach(store, network, wanted); });
        // A child may have done it: what it did is on the disk.
        if (wanted.default_route)
            publish_at(engine, store, network, endpoints_of(store, id).at(0),
                       mappings_of(record));
    }
    record_network_event(engine, "connect", network, id);
    write_container(engine, record);
    write_name_files(engine, record);
}

void disconnect_from_network(const Engine& engine, const std::string& id,
                             const std::string& name, bool force) {
    NetworkStore store = network_store(engine);
    Network network = get_network(store, name);
    ContainerLock lock(engine, id);
    ContainerRecord record = read_container(engine, id);
    std::vector<NetworkRequest> networks = networks_of(record);
    auto is_it = [&](const NetworkRequest& each) {
        return get_network(store, each.network).id == network.id;
    };
    bool was_first = !networks.empty() && is_it(networks[0]);
    auto gone = std::erase_if(networks, is_it);
    if (gone == 0 && !force)
        throw Error(ErrorKind::NotFound,
                    cat("container ", record.name,
                        " is not connected to network ", network.name));
    std::vector<PortMapping> ports = published_ports(store, id);
    in_bridge_network_if_any(store, engine.warn, [&] {
        // Before: the next container may get the address.
        if (was_first) unpublish(store, id);
        detach(store, network, id, Link::RemovedNow);
    });
    record_network_event(engine, "disconnect", network, id);
    record.host.networks = networks;
    record.host.network_mode = networks.empty() ? "none" : networks[0].network;
    write_container(engine, record);
    std::optional<RunNote> run = read_run(engine, id);
    if (phase_of(engine, id, run) != Phase::Running) return;
    write_name_files(engine, record);
    if (was_first && !networks.empty())
        move_way_out(engine, store, record, run->init.pid, ports);
}

void disconnect_container(const Engine& engine, const std::string& id) {
    NetworkStore store = network_store(engine);
    if (store.of_user && endpoints_of(store, id).empty() &&
        published_ports(store, id).empty())
        return;
    Link link =
        has_been_joined(engine, id) ? Link::RemovedNow : Link::LeftToTheKernel;
    in_bridge_network_if_any(store, engine.warn,
                             [&] { detach_everywhere(store, id, link); });
}

}  // namespace slipway
