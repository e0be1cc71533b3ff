// Creating, removing and pruning networks: names are checked, subnets chosen.
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sys/random.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "04-images/image_store.hpp"
#include "06-engine/network/bridge.hpp"
#include "06-engine/network/firewall.hpp"
#include "06-engine/network/leases.hpp"
#include "06-engine/network/links.hpp"
#include "06-engine/network/netlink.hpp"
#include "06-engine/network/network_config.hpp"
#include "06-engine/network/network_store.hpp"
#include "06-engine/network/user_network.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

constexpr char bridge_name_option[] = "com.docker.network.bridge.name";

void check_name(const std::string& name) {
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    constexpr std::size_t longest = 128;
    if (name == "default" || name == "bridge" || name == "host" ||
        name == "none")
        throw Error(
            ErrorKind::Forbidden,
            cat("operation is not permitted on predefined ", name, " network"))
            .advise("choose another name");
    if (name.empty() || name.size() > longest ||
        name.find_first_not_of(letters) != std::string::npos ||
        std::string_view("_.-").find(name[0]) != std::string::npos)
        throw Error(ErrorKind::InvalidArgument,
                    cat("network name ", quote(name.substr(0, longest))))
            .advise(
                "a name begins with a letter or digit; letters, digits and "
                "_.- follow, up to 128");
}

void check_driver(const std::string& driver) {
    if (driver == "bridge") return;
    if (driver == "host" || driver == "none" || driver == "null")
        throw Error(
            ErrorKind::Forbidden,
            cat("only one instance of ", quote(driver), " network is allowed"));
    throw Error(ErrorKind::NotFound,
                cat("plugin ", quote(driver), " not found"))
        .advise("there is the driver bridge");
}

void check_device(const std::string& device) {
    if (!device.empty() && device.size() < IFNAMSIZ &&
        device.find_first_of("/ \t\n:") == std::string::npos && device != "." &&
        device != "..")
        return;
    throw Error(ErrorKind::InvalidArgument,
                cat(bridge_name_option, "=", quote(device)))
        .advise("the name of a link has 1 to 15 letters, and no / : or blank");
}

std::size_t random_below(std::size_t limit) {
    std::uint32_t number = 0;
    check(::getrandom(&number, sizeof number, 0), "getrandom");
    return number % limit;
}

// Docker's pools: 16 bits each in 172.17 to 172.31, then 20 bits in 192.168.
//@ begin choose-subnet
enum class Choice { First, Any };
Subnet choose_subnet(const std::vector<Subnet>& taken, Choice choice) {
    std::vector<Subnet> pool;
    for (std::uint32_t i = 17; i < 32; ++i)
        pool.push_back({{172U << 24 | i << 16}, 16});
    for (std::uint32_t i = 0; i < 256; i += 16)
        pool.push_back({{192U << 24 | 168U << 16 | i << 8}, 20});
    std::erase_if(pool, [&](const Subnet& subnet) {
        return std::any_of(
            taken.begin(), taken.end(),
            [&](const Subnet& other) { return subnet.overlaps(other); });
    });
    if (!pool.empty())
        return pool[choice == Choice::First ? 0 : random_below(pool.size())];
    throw Error(ErrorKind::Unavailable,
                "all predefined address pools have been fully subnetted")
        .advise("remove networks, or name one with --subnet");
}
//@ end choose-subnet

std::vector<Subnet> subnets_of(const std::vector<Network>& networks) {
    std::vector<Subnet> subnets;
    for (const Network& network : networks)
        if (!network.subnet.empty())
            subnets.push_back(parse_subnet(network.subnet));
    return subnets;
}

std::vector<Subnet> taken_subnets(const std::vector<Network>& networks) {
    UniqueFd socket = open_netlink(NETLINK_ROUTE);
    std::vector<Subnet> taken = known_subnets(socket.get());
    std::vector<Subnet> ours = subnets_of(networks);
    taken.insert(taken.end(), ours.begin(), ours.end());
    return taken;
}

void check_subnet(const Subnet& wanted, const std::vector<Network>& networks) {
    constexpr unsigned longest_prefix = 30;
    if (wanted.prefix > longest_prefix || wanted.prefix == 0)
        throw Error(ErrorKind::InvalidArgument,
                    cat("subnet ", wanted.text(), " has no room"))
            .advise("a prefix from /1 to /30 leaves addresses for containers");
    for (const Network& network : networks)
        if (!network.subnet.empty() &&
            parse_subnet(network.subnet).overlaps(wanted))
            throw Error(ErrorKind::Conflict,
                        cat("Pool overlaps with other one on this address "
                            "space: network ",
                            network.name, " has ", network.subnet))
                .advise("choose another --subnet, or none");
}

std::string address_in(const Subnet& subnet, const std::string& text,
                       const char* what) {
    auto address = parse_ipv4(text);
    if (!address || !subnet.contains(*address))
        throw Error(
            ErrorKind::InvalidArgument,
            cat(what, " ", quote(text), " is no address of ", subnet.text()));
    return text;
}

void set_ipv4(Network& network, const NewNetwork& wanted,
              const std::vector<Network>& others) {
    Subnet subnet;
    if (wanted.subnet.empty()) {
        if (!wanted.gateway.empty() || !wanted.ip_range.empty())
            throw Error(ErrorKind::InvalidArgument,
                        "a gateway or an address range needs a subnet")
                .advise("add --subnet");
        subnet = choose_subnet(taken_subnets(others), Choice::First);
        network.subnet_chosen = true;
    } else {
        subnet = parse_subnet(wanted.subnet);
        check_subnet(subnet, others);
    }
    network.subnet = subnet.text();
    network.gateway = wanted.gateway.empty()
                          ? Ipv4{subnet.base.value + 1}.text()
                          : address_in(subnet, wanted.gateway, "gateway");
    if (wanted.ip_range.empty()) return;
    Subnet range = parse_subnet(wanted.ip_range);
    address_in(subnet, range.base.text(), "address range");
    if (range.prefix < subnet.prefix)
        throw Error(ErrorKind::InvalidArgument,
                    cat("address range ", range.text(), " is larger than ",
                        subnet.text()));
    network.ip_range = range.text();
}

// "fd12:3456:789a::" of the id's digits: RFC 4193 wants 40 random bits.
std::string own_prefix6(const std::string& id) {
    return cat("fd", id.substr(0, 2), ":", id.substr(2, 4), ":",
               id.substr(6, 4), "::");
}

void set_ipv6(Network& network, const NewNetwork& wanted) {
    if (!wanted.ipv6 && wanted.subnet6.empty()) return;
    network.subnet6 = wanted.subnet6.empty() ? own_prefix6(network.id) + "/64"
                                             : wanted.subnet6;
    std::size_t slash = network.subnet6.find('/');
    std::string base = network.subnet6.substr(0, slash);
    auto prefix = slash == std::string::npos
                      ? std::nullopt
                      : parse_unsigned(network.subnet6.substr(slash + 1), 112);
    if (!is_ipv6(base) || !base.ends_with("::") || !prefix || *prefix < 16)
        throw Error(ErrorKind::InvalidArgument,
                    cat("invalid IPv6 subnet: ", network.subnet6))
            .advise("write it as in fd00:1234::/64, up to /112");
    network.gateway6 = wanted.gateway6.empty() ? base + "1" : wanted.gateway6;
    if (!is_ipv6(network.gateway6))
        throw Error(ErrorKind::InvalidArgument,
                    cat("gateway ", quote(network.gateway6)));
}

Network make_predefined(const NetworkStore& store, const std::string& name) {
    Network network{.id = random_hex(64),
                    .name = name,
                    .driver = name,
                    .created = format_time(std::time(nullptr))};
    if (name != "bridge") return network;
    // One name for one store: another one's bridge would be taken for ours.
    UniqueFd socket = open_netlink(NETLINK_ROUTE);
    if (store.root == system_store_root &&
        find_link(socket.get(), default_device).number == 0)
        network.options[bridge_name_option] = default_device;
    std::vector<Network> others;
    for (const std::string& other : network_names(store))
        others.push_back(get_network(store, other));
    set_ipv4(network, {}, others);
    return network;
}

bool exists(const NetworkStore& store, const std::string& name) {
    return std::filesystem::exists(
        cat(networks_folder(store), "/", name, ".json"));
}

}  // namespace

void ensure_predefined(const NetworkStore& store) {
    constexpr const char* names[] = {"bridge", "host", "none"};
    auto all_there = [&] {
        return std::all_of(
            std::begin(names), std::end(names),
            [&](const char* name) { return exists(store, name); });
    };
    if (all_there()) return;
    UniqueFd lock = lock_networks(store);
    for (const char* name : names)
        if (!exists(store, name))
            write_network(store, make_predefined(store, name));
}

Network create_network(const NetworkStore& store, const NewNetwork& wanted) {
    check_name(wanted.name);
    check_driver(wanted.driver);
    ensure_predefined(store);
    UniqueFd lock = lock_networks(store);
    if (exists(store, wanted.name))
        throw Error(ErrorKind::Conflict,
                    cat("network with name ", wanted.name, " already exists"));
    Network network{.id = random_hex(64),
                    .name = wanted.name,
                    .driver = wanted.driver,
                    .created = format_time(std::time(nullptr)),
                    .internal = wanted.internal,
                    .labels = wanted.labels,
                    .options = wanted.options};
    std::vector<Network> others = list_networks(store);
    set_ipv4(network, wanted, others);
    set_ipv6(network, wanted);
    check_device(network.device());
    write_network(store, network);
    return network;
}

// Any that is free, not the first: two stores that have met would meet again.
Network choose_other_subnet(const NetworkStore& store, const Network& network) {
    UniqueFd lock = lock_networks(store);
    std::vector<Network> all = list_networks(store);
    Network now = get_network(store, network.name);
    if (now.subnet != network.subnet) return now;  // another command has
    Subnet subnet = choose_subnet(taken_subnets(all), Choice::Any);
    now.subnet = subnet.text();
    now.gateway = Ipv4{subnet.base.value + 1}.text();
    write_network(store, now);
    return now;
}

namespace {

void check_unused(const NetworkStore& store, const Network& network) {
    std::vector<Endpoint> endpoints = endpoints_on(store, network);
    if (!endpoints.empty())
        throw Error(ErrorKind::Conflict,
                    cat("network ", network.name, " id ", network.id,
                        " has active endpoints (", endpoints[0].name,
                        endpoints.size() > 1 ? ", …" : "", ")"))
            .advise(cat("network disconnect -f ", network.name, " ",
                        endpoints[0].name));
}

}  // namespace

void remove_network(const NetworkStore& store, const Network& network) {
    if (network.predefined())
        throw Error(ErrorKind::Forbidden,
                    cat(network.name,
                        " is a pre-defined network and cannot be removed"));
    UniqueFd lock = lock_networks(store);
    in_bridge_network_if_any(
        store, [](auto&) {},
        [&] {
            UniqueFd state = lock_state(store);
            check_unused(store, network);
            if (has_bridge_network(store)) remove_bridge(network);
            delete_network_file(store, network.name);
        });
}

std::vector<std::string> prune_networks(
    const NetworkStore& store,
    const std::function<bool(const Network&)>& keep) {
    std::vector<std::string> gone;
    for (const Network& network : list_networks(store)) {
        if (network.predefined() || (keep && keep(network))) continue;
        try {
            remove_network(store, network);
            gone.push_back(network.name);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::Conflict) throw;  // in use
        }
    }
    return gone;
}

}  // namespace slipway
