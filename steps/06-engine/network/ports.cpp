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
#include "common/error.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t short_id = 12;

// A rule, and the socket that holds its port.
struct BoundPort {
    PortRule rule;
    UniqueFd socket;
};

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
    throw failure;
}

// Empty: taken by somebody else (errno).
std::optional<BoundPort> bind_rule(const PortRule& rule) {
    UniqueFd socket =
        listen_at(rule.protocol, {rule.host_address, rule.host_port});
    if (!socket) return std::nullopt;
    BoundPort bound{rule, std::move(socket)};
    bound.rule.host_port = bound_port(bound.socket.get());
    return bound;
}

// Where the container is reached from an address of this family.
std::string target_of(const Endpoint& endpoint,
                      const std::string& host_address) {
    return is_ipv6(host_address) && !endpoint.ip6.empty() ? endpoint.ip6
                                                          : endpoint.ip;
}

PortRule rule_for(const Endpoint& endpoint, const PortMapping& wanted,
                  const std::string& address, std::uint16_t port) {
    return {wanted.protocol, address, port, target_of(endpoint, address),
            wanted.container_port};
}

bool no_ipv6(int error) {
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

//@ begin bind-mapping
// One port of all addresses is two sockets with the same number.
void bind_mapping(const NetworkStore& store, const Network& network,
                  const Endpoint& endpoint, const PortMapping& wanted,
                  std::vector<BoundPort>& bound) {
    std::string first = wanted.host_ip;
    if (first.empty()) {
        auto found =
            network.options.find("com.docker.network.bridge.host_binding_ipv4");
        if (found != network.options.end()) first = found->second;
    }
    bool both = first.empty();
    if (both) first = "0.0.0.0";
    constexpr int most_tries = 100;
    for (int i = 0;; ++i) {
        PortRule rule = rule_for(endpoint, wanted, first, wanted.host_port);
        auto four = bind_rule(rule);
        if (!four) throw_not_bound(store, rule, errno);
        if (!both) return bound.push_back(std::move(*four));
        rule = rule_for(endpoint, wanted, "::", four->rule.host_port);
        auto six = bind_rule(rule);
        int error = six ? 0 : errno;
        // A number that the kernel chose for IPv4 may be taken in IPv6.
        if (error == EADDRINUSE && wanted.host_port == 0 && i < most_tries)
            continue;
        if (error != 0 && !no_ipv6(error)) throw_not_bound(store, rule, error);
        bound.push_back(std::move(*four));
        if (six) bound.push_back(std::move(*six));
        return;
    }
}
//@ end bind-mapping

void start_proxy(const NetworkStore& store, const std::string& container,
                 const std::vector<BoundPort>& bound) {
    HelperPlan plan{.program = "slipway-proxy",
                    .arguments = {state_path(store, "proxy", container)}};
    for (const BoundPort& port : bound) {
        plan.files.push_back(port.socket.get());
        plan.arguments.insert(
            plan.arguments.end(),
            {port.rule.protocol, port.rule.address, as_text(port.rule.port)});
    }
    run_helper(store, plan);
}

// Under lock_state().
void withdraw(const NetworkStore& store, const std::string& container) {
    PortRecord record = read_port_record(store, container);
    if (record.rules.empty()) return;
    remove_elements(port_elements(record));
    stop_helper(state_path(store, "proxy", container));
    delete_port_record(store, container);
}

PortMapping mapping_of(const PortRule& rule) {
    return {.container_port = rule.port,
            .protocol = rule.protocol,
            .host_ip = rule.host_address,
            .host_port = rule.host_port};
}

}  // namespace

std::vector<PortMapping> publish(const NetworkStore& store,
                                 const Network& network,
                                 const Endpoint& endpoint,
                                 const std::vector<PortMapping>& wanted) {
    if (wanted.empty() || network.internal) return {};
    UniqueFd lock = lock_state(store);
    withdraw(store, endpoint.container);
    std::vector<BoundPort> bound;
    for (const PortMapping& mapping : wanted)
        bind_mapping(store, network, endpoint, mapping, bound);
    //@ begin publish
    PortRecord record;
    for (const BoundPort& port : bound) {
        // A proxy that was killed holds nothing, but the port is given.
        std::string owner = container_with(store, port.rule);
        if (!owner.empty())
            throw_taken(port.rule, container_text(store, owner));
        record.rules.push_back(port.rule);
    }
    write_port_record(store, endpoint.container, record);
    ScopeGuard undo([&] {
        try {
            withdraw(store, endpoint.container);
        } catch (const Error&) {
            // The first failure is the one to tell.
        }
    });
    start_proxy(store, endpoint.container, bound);
    add_to_firewall(store, port_elements(record));
    forget_udp_flows(record.rules);
    undo.dismiss();
    return published_ports(store, endpoint.container);
    //@ end publish
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

void restart_proxy(const NetworkStore& store, const std::string& container) {
    std::vector<BoundPort> bound;
    for (const PortRule& rule : read_port_record(store, container).rules) {
        auto port = bind_rule(rule);
        if (!port) throw_not_bound(store, rule, errno);
        bound.push_back(std::move(*port));
    }
    if (!bound.empty()) start_proxy(store, container, bound);
}

}  // namespace slipway
