#include "06-engine/network/endpoint.hpp"

#include <fcntl.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>

#include "06-engine/network/bridge.hpp"
#include "06-engine/network/dns_process.hpp"
#include "06-engine/network/leases.hpp"
#include "06-engine/network/links.hpp"
#include "06-engine/network/netlink.hpp"
#include "06-engine/network/network_store.hpp"
#include "06-engine/network/ports.hpp"
#include "06-engine/network/user_network.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t short_id = 12;
// A link's name has up to 15 letters.
constexpr char link_prefix[] = "veth";
constexpr std::size_t link_digits = 7;

// Of the address: who gets an address that another one had before is not taken
// for it by neighbours who remember.
std::string mac_of(Ipv4 address) {
    std::string mac = "02:42";
    for (int shift = 24; shift >= 0; shift -= 8) {
        constexpr char digits[] = "0123456789abcdef";
        unsigned byte = address.value >> shift & 255;
        mac += {':', digits[byte >> 4], digits[byte & 15]};
    }
    return mac;
}

void check_mac(const std::string& mac) {
    constexpr std::size_t length = 17;
    bool plain = mac.size() == length;
    for (std::size_t i = 0; plain && i < length; ++i)
        plain = i % 3 == 2 ? mac[i] == ':' : std::isxdigit(mac[i]) != 0;
    if (!plain)
        throw Error(ErrorKind::InvalidArgument,
                    cat("invalid MAC address: ", quote(mac)))
            .advise("write six bytes, as in 02:42:ac:11:00:02");
}

// Names stand in the leases' file, whose fields end at blanks and commas.
void check_dns_name(const std::string& name) {
    bool plain = !name.empty() && name.size() <= 255 &&
                 std::all_of(name.begin(), name.end(), [](unsigned char c) {
                     return c > ' ' && c < 127 && c != ',' && c != '=';
                 });
    if (!plain)
        throw Error(ErrorKind::InvalidArgument,
                    cat("network alias ", quote(name.substr(0, 255))))
            .advise("a name has no blanks, commas or control characters");
}

std::vector<std::string> dns_names_of(const EndpointRequest& request) {
    std::vector<std::string> names;
    auto add = [&](const std::string& name) {
        if (name.empty()) return;
        check_dns_name(name);
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    };
    add(request.name);
    for (const std::string& alias : request.aliases) add(alias);
    add(request.container.substr(0, short_id));
    add(request.hostname);
    return names;
}

// The same number behind the IPv6 prefix as the IPv4 address has in its subnet.
std::string address6_of(const Network& network, Ipv4 address) {
    std::uint32_t number =
        address.value - parse_subnet(network.subnet).base.value;
    std::string base = network.subnet6.substr(0, network.subnet6.find('/'));
    std::string digits;
    for (int shift = 12; shift >= 0; shift -= 4)
        digits += "0123456789abcdef"[number >> shift & 15];
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    return base + digits;
}

Endpoint plan_endpoint(const Network& network, const EndpointRequest& request,
                       const std::vector<Endpoint>& others) {
    Ipv4 address = choose_address(network, others, request.ip);
    if (!request.mac.empty()) check_mac(request.mac);
    Endpoint endpoint{.id = random_hex(64),
                      .network = network.name,
                      .network_id = network.id,
                      .container = request.container,
                      .name = request.name,
                      .ip = address.text(),
                      .gateway = network.gateway,
                      .prefix = parse_subnet(network.subnet).prefix};
    if (!network.subnet6.empty()) {
        endpoint.ip6 =
            request.ip6.empty() ? address6_of(network, address) : request.ip6;
        endpoint.gateway6 = network.gateway6;
        endpoint.prefix6 = prefix6_of(network);
        if (!is_ipv6(endpoint.ip6))
            throw Error(ErrorKind::InvalidArgument,
                        cat("invalid IPv6 address: ", request.ip6));
    }
    endpoint.mac = request.mac.empty() ? mac_of(address) : request.mac;
    endpoint.interface = request.interface;
    endpoint.host_interface = link_prefix + random_hex(link_digits);
    endpoint.aliases = request.aliases;
    endpoint.dns_names = dns_names_of(request);
    endpoint.dns_servers = request.dns_servers;
    return endpoint;
}

// Under lock_state(): what the container has on the network goes.
void give_up(const NetworkStore& store, const std::string& network,
             const std::string& container, Link link) {
    NetworkLeases leases = read_leases(store, network);
    bool remove = link == Link::RemovedNow && has_bridge_network(store);
    for (const Endpoint& endpoint : leases.endpoints)
        if (endpoint.container == container && remove)
            delete_link(open_netlink(NETLINK_ROUTE).get(),
                        endpoint.host_interface);
    std::size_t gone =
        std::erase_if(leases.endpoints, [&](const Endpoint& endpoint) {
            return endpoint.container == container;
        });
    if (gone != 0) write_leases(store, network, leases);
    if (leases.endpoints.empty()) stop_dns(store, network);
}

// `inside` is a socket of the container's namespace.
void add_way_out(int inside, const Network& network, const Endpoint& endpoint) {
    if (network.internal) return;
    add_default_route(inside, *parse_ipv4(endpoint.gateway));
    if (!endpoint.ip6.empty())
        add_default_route6(inside, find_link(inside, endpoint.interface).number,
                           endpoint.gateway6);
}

// From both sides: `host` is a socket of the host's namespace, `inside` one of
// the container's.
void plug_in(int host, int inside, unsigned bridge, const Network& network,
             const Endpoint& endpoint, const EndpointRequest& request) {
    make_veth(host, {.outer_name = endpoint.host_interface,
                     .inner_name = endpoint.interface,
                     .inner_mac = endpoint.mac,
                     .bridge = bridge,
                     .inner_namespace = request.network_namespace,
                     .mtu = mtu_of(network)});
    unsigned outer = find_link(host, endpoint.host_interface).number;
    bool isolated =
        !network.option("com.docker.network.bridge.enable_icc", true);
    set_bridge_port(host, outer, isolated);
    disable_link_local(host, outer);
    set_up(host, outer);

    //@ begin plug-in
    unsigned inner = find_link(inside, endpoint.interface).number;
    disable_link_local(inside, inner);
    if (!endpoint.ip6.empty()) {
        add_address6(inside, inner, endpoint.ip6, endpoint.prefix6);
        add_address6(inside, inner, link_local_of(endpoint.mac), 64);
    }
    add_address(inside, inner, *parse_ipv4(endpoint.ip), endpoint.prefix);
    set_up(inside, inner);
    // After: a route over a link that is down is refused.
    if (request.default_route) add_way_out(inside, network, endpoint);
    //@ end plug-in
}

}  // namespace

bool is_endpoint_link(std::string_view name) {
    constexpr std::string_view prefix = link_prefix;
    return name.size() == prefix.size() + link_digits &&
           name.starts_with(prefix) &&
           name.substr(prefix.size()).find_first_not_of("0123456789abcdef") ==
               name.npos;
}

UniqueFd open_network_namespace(pid_t pid) {
    std::string path = cat("/proc/", pid, "/ns/net");
    return UniqueFd(
        check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open ", path));
}

namespace {

// Under lock_state(): somebody may have removed it since it was looked up.
void check_still_there(const NetworkStore& store, const Network& network) {
    if (get_network(store, network.name).id != network.id)
        throw Error(ErrorKind::Conflict,
                    cat("network ", network.name, " was just replaced"))
            .advise("try again");
}

//@ begin attach
Endpoint attach_now(const NetworkStore& store, const Network& network,
                    const EndpointRequest& request) {
    UniqueFd host = open_netlink(NETLINK_ROUTE);
    UniqueFd inside = open_route_socket_in(request.network_namespace);
    UniqueFd lock = lock_state(store);
    check_still_there(store, network);
    give_up(store, network.name, request.container, Link::RemovedNow);
    ScopeGuard undo([&] {
        try {
            if (!lock) lock = lock_state(store);
            give_up(store, network.name, request.container, Link::RemovedNow);
        } catch (const Error&) {
            // The first failure is the one to tell; repair_networks() sees to
            // the rest.
        }
    });
    NetworkLeases leases = read_leases(store, network.name);
    leases.internal = network.internal;
    Endpoint endpoint = plan_endpoint(network, request, leases.endpoints);
    leases.endpoints.push_back(endpoint);
    write_leases(store, network.name, leases);
    unsigned bridge = ensure_bridge(store, host.get(), network);
    if (network.has_names()) ensure_dns(store, network);
    // The network is in use from here on: nobody removes its bridge.
    lock.reset();
    plug_in(host.get(), inside.get(), bridge, network, endpoint, request);
    undo.dismiss();
    return endpoint;
}
//@ end attach

}  // namespace

Endpoint attach(const NetworkStore& store, const Network& network,
                const EndpointRequest& request) {
    constexpr int most_tries = 20;
    Network now = network;
    for (int i = 1;; ++i) {
        try {
            return attach_now(store, now, request);
        } catch (const SubnetTaken&) {
            if (!now.subnet_chosen || i == most_tries || !request.ip.empty() ||
                !endpoints_on(store, now).empty())
                throw;
        }
        now = choose_other_subnet(store, now);
    }
}

void lead_out(const Network& network, const Endpoint& endpoint,
              int network_namespace) {
    add_way_out(open_route_socket_in(network_namespace).get(), network,
                endpoint);
}

void detach(const NetworkStore& store, const Network& network,
            const std::string& container, Link link) {
    UniqueFd lock = lock_state(store);
    give_up(store, network.name, container, link);
}

void detach_everywhere(const NetworkStore& store, const std::string& container,
                       Link link) {
    unpublish(store, container);
    UniqueFd lock = lock_state(store);
    for (const Endpoint& endpoint : endpoints_of(store, container))
        give_up(store, endpoint.network, container, link);
}

void rename_endpoints(const NetworkStore& store, const std::string& container,
                      const std::string& name, const std::string& hostname) {
    UniqueFd lock = lock_state(store);
    for (const std::string& network : names_in_state(store, "endpoints")) {
        NetworkLeases leases = read_leases(store, network);
        bool changed = false;
        for (Endpoint& endpoint : leases.endpoints) {
            if (endpoint.container != container) continue;
            endpoint.name = name;
            endpoint.dns_names = dns_names_of({.container = container,
                                               .name = name,
                                               .hostname = hostname,
                                               .aliases = endpoint.aliases});
            changed = true;
        }
        if (changed) write_leases(store, network, leases);
    }
}

std::vector<Endpoint> endpoints_on(const NetworkStore& store,
                                   const Network& network) {
    return read_leases(store, network.name).endpoints;
}

std::vector<Endpoint> endpoints_of(const NetworkStore& store,
                                   const std::string& container) {
    std::vector<Endpoint> found;
    for (const std::string& network : names_in_state(store, "endpoints"))
        for (Endpoint& endpoint : read_leases(store, network).endpoints)
            if (endpoint.container == container)
                found.push_back(std::move(endpoint));
    return found;
}

}  // namespace slipway
