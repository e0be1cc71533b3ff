#include "06-engine/network/ports.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "06-engine/network/bridge.hpp"
#include "06-engine/network/flows.hpp"
#include "06-engine/network/helper_process.hpp"
#include "06-engine/network/network_store.hpp"
#include "06-engine/network/port_owner.hpp"
#include "06-engine/network/port_records.hpp"
#include "06-engine/network/sockets.hpp"
#include "06-engine/network/user_network.hpp"
#include "common/error.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t short_id = 12;

bool is_any(const std::string& address) {
    return address == "0.0.0.0" || address == "::";
}

// IPv4 and IPv6 are apart: our sockets are of one family only.
bool collide(const PortRule& one, const PortRule& other) {
    return one.protocol == other.protocol && one.host_port == other.host_port &&
           is_ipv6(one.host_address) == is_ipv6(other.host_address) &&
           (one.host_address == other.host_address ||
            is_any(one.host_address) || is_any(other.host_address));
}

std::string container_text(const NetworkStore& store,
                           const std::string& container) {
    std::string id = container.substr(0, short_id);
    std::vector<Endpoint> endpoints = endpoints_of(store, container);
    return endpoints.empty() || endpoints[0].name.empty()
               ? cat("container ", id)
               : cat("container ", endpoints[0].name, " (", id, ")");
}

std::string container_with(const NetworkStore& store, const PortRule& wanted) {
    for (const std::string& container : names_in_state(store, "ports"))
        for (const PortRule& rule : read_port_record(store, container).rules)
            if (collide(rule, wanted)) return container;
    return "";
}

[[noreturn]] void throw_taken(const PortRule& rule, const std::string& owner) {
    std::string bind = cat("Bind for ", rule.host_address, ":", rule.host_port,
                           " failed: port is already allocated");
    throw Error(ErrorKind::Conflict,
                owner.empty() ? bind : cat(bind, ": ", owner, " has it"))
        .advise("publish another port of the host, or stop who has this one");
}

[[noreturn]] void throw_not_bound(const NetworkStore& store,
                                  const PortRule& rule, int error) {
    if (error == EADDRINUSE) {
        std::string container = container_with(store, rule);
        throw_taken(rule, container.empty()
                              ? find_listener(rule.protocol, rule.host_port)
                              : container_text(store, container));
    }
    Error failure(error == EADDRNOTAVAIL ? ErrorKind::InvalidArgument
                                         : kind_of_errno(error),
                  cat("listen at ", rule.host_address, ":", rule.host_port, "/",
                      rule.protocol),
                  error);
    if (error == EADDRNOTAVAIL)
        failure.set_advice("this host does not have that address");
    if (error == EACCES)
        failure.set_advice(
            "ports below net.ipv4.ip_unprivileged_port_start are root's: "
            "publish a higher one, or let root lower that number (sysctl)");
    throw failure;
}

// Empty: taken by somebody else (errno).
std::optional<HeldPort> hold_port(const PortMapping& wanted) {
    UniqueFd socket =
        listen_at(wanted.protocol, {wanted.host_ip, wanted.host_port});
    if (!socket) return std::nullopt;
    HeldPort held{wanted, std::move(socket)};
    held.mapping.host_port = bound_port(held.socket.get());
    return held;
}

// Where the container is reached from an address of this family.
std::string target_of(const Endpoint& endpoint,
                      const std::string& host_address) {
    return is_ipv6(host_address) && !endpoint.ip6.empty() ? endpoint.ip6
                                                          : endpoint.ip;
}

PortRule rule_for(const PortMapping& held, const std::string& target) {
    return {held.protocol, held.host_ip, held.host_port, target,
            held.container_port};
}

bool no_ipv6(int error) {
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

//@ begin bind-mapping
// One port of all addresses is two sockets with the same number.
void hold_mapping(const NetworkStore& store, const Network& network,
                  PortMapping wanted, std::vector<HeldPort>& held) {
    if (wanted.host_ip.empty()) {
        auto found =
            network.options.find("com.docker.network.bridge.host_binding_ipv4");
        if (found != network.options.end()) wanted.host_ip = found->second;
    }
    bool both = wanted.host_ip.empty();
    if (both) wanted.host_ip = "0.0.0.0";
    constexpr int most_tries = 100;
    for (int i = 0;; ++i) {
        auto four = hold_port(wanted);
        if (!four) throw_not_bound(store, rule_for(wanted, ""), errno);
        if (!both) return held.push_back(std::move(*four));
        PortMapping other = four->mapping;
        other.host_ip = "::";
        auto six = hold_port(other);
        int error = six ? 0 : errno;
        // A number that the kernel chose for IPv4 may be taken in IPv6.
        if (error == EADDRINUSE && wanted.host_port == 0 && i < most_tries)
            continue;
        if (error != 0 && !no_ipv6(error))
            throw_not_bound(store, rule_for(other, ""), error);
        held.push_back(std::move(*four));
        if (six) held.push_back(std::move(*six));
        return;
    }
}
//@ end bind-mapping

void start_proxy(const NetworkStore& store, const std::string& container,
                 const std::vector<const UniqueFd*>& sockets,
                 const std::vector<PortRule>& rules) {
    HelperPlan plan{.program = "slipway-proxy",
                    .arguments = {state_path(store, "proxy", container)}};
    for (const UniqueFd* socket : sockets) plan.files.push_back(socket->get());
    for (const PortRule& rule : rules)
        plan.arguments.insert(
            plan.arguments.end(),
            {rule.protocol, rule.address, as_text(rule.port)});
    run_helper(store, plan);
}

// Under lock_state().
void withdraw(const NetworkStore& store, const std::string& container) {
    PortRecord record = read_port_record(store, container);
    if (record.rules.empty()) return;
    if (has_bridge_network(store)) remove_elements(port_elements(record));
    stop_helper(state_path(store, "proxy", container));
    delete_port_record(store, container);
}

PortMapping mapping_of(const PortRule& rule) {
    return {.container_port = rule.port,
            .protocol = rule.protocol,
            .host_ip = rule.host_address,
            .host_port = rule.host_port};
}

// Under lock_state().
void publish_now(const NetworkStore& store, const Endpoint& endpoint,
                 const std::vector<HeldPort>& held) {
    //@ begin publish
    PortRecord record;
    std::vector<const UniqueFd*> sockets;
    for (const HeldPort& port : held) {
        PortRule rule =
            rule_for(port.mapping, target_of(endpoint, port.mapping.host_ip));
        // A proxy that was killed holds nothing, but the port is given.
        std::string owner = container_with(store, rule);
        if (!owner.empty()) throw_taken(rule, container_text(store, owner));
        record.rules.push_back(rule);
        sockets.push_back(&port.socket);
    }
    write_port_record(store, endpoint.container, record);
    ScopeGuard undo([&] {
        try {
            withdraw(store, endpoint.container);
        } catch (const Error&) {
            // The first failure is the one to tell.
        }
    });
    start_proxy(store, endpoint.container, sockets, record.rules);
    add_to_firewall(store, port_elements(record));
    forget_udp_flows(record.rules);
    undo.dismiss();
    //@ end publish
}

}  // namespace

std::vector<HeldPort> hold_ports(const NetworkStore& store,
                                 const Network& network,
                                 const std::vector<PortMapping>& wanted) {
    std::vector<HeldPort> held;
    for (const PortMapping& mapping : wanted)
        hold_mapping(store, network, mapping, held);
    return held;
}

void publish_held(const NetworkStore& store, const Endpoint& endpoint,
                  const std::vector<HeldPort>& held) {
    UniqueFd lock = lock_state(store);
    withdraw(store, endpoint.container);
    publish_now(store, endpoint, held);
}

std::vector<PortMapping> publish(const NetworkStore& store,
                                 const Network& network,
                                 const Endpoint& endpoint,
                                 const std::vector<PortMapping>& wanted) {
    if (wanted.empty() || network.internal) return {};
    UniqueFd lock = lock_state(store);
    withdraw(store, endpoint.container);
    publish_now(store, endpoint, hold_ports(store, network, wanted));
    return published_ports(store, endpoint.container);
}

void unpublish(const NetworkStore& store, const std::string& container) {
    UniqueFd lock = lock_state(store);
    withdraw(store, container);
}

std::vector<PortMapping> published_ports(const NetworkStore& store,
                                         const std::string& container) {
    std::vector<PortMapping> ports;
    for (const PortRule& rule : read_port_record(store, container).rules)
        ports.push_back(mapping_of(rule));
    return ports;
}

std::vector<HeldPort> hold_published(const NetworkStore& store,
                                     const std::string& container) {
    std::vector<HeldPort> held;
    for (const PortRule& rule : read_port_record(store, container).rules) {
        auto port = hold_port(mapping_of(rule));
        if (!port) throw_not_bound(store, rule, errno);
        held.push_back(std::move(*port));
    }
    return held;
}

void restart_proxy(const NetworkStore& store, const std::string& container,
                   const std::vector<HeldPort>& held) {
    std::vector<PortRule> rules = read_port_record(store, container).rules;
    // Published anew meanwhile: that has a proxy.
    if (held.empty() || held.size() != rules.size()) return;
    std::vector<const UniqueFd*> sockets;
    sockets.reserve(held.size());
    for (const HeldPort& port : held) sockets.push_back(&port.socket);
    start_proxy(store, container, sockets, rules);
}

}  // namespace slipway
