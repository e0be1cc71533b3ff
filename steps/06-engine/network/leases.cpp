#include "06-engine/network/leases.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "06-engine/network/network_store.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_file = 16 << 20;

}  // namespace

NetworkLeases read_leases(const NetworkStore& store,
                          const std::string& network) {
    try {
        return parse_leases(
            read_file(state_path(store, "endpoints", network), largest_file));
    } catch (const Error& error) {
        if (error.system_errno() == ENOENT) return {};
        throw;
    }
}

void write_leases(const NetworkStore& store, const std::string& network,
                  const NetworkLeases& leases) {
    std::string path = state_path(store, "endpoints", network);
    if (!leases.endpoints.empty())
        // In memory: there is no power cut that it could survive.
        write_file_atomic(path, leases_text(leases), 0644, ToDisk::Later);
    else if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        check(-1, "remove ", path);
}

Ipv4 choose_address(const Network& network,
                    const std::vector<Endpoint>& endpoints,
                    const std::string& wanted) {
    Subnet subnet = parse_subnet(network.subnet);
    std::set<std::string> taken = {network.gateway, subnet.base.text(),
                                   subnet.last().text()};
    for (const Endpoint& endpoint : endpoints) taken.insert(endpoint.ip);
    if (!wanted.empty()) {
        auto address = parse_ipv4(wanted);
        if (!address || !subnet.contains(*address))
            throw Error(
                ErrorKind::InvalidArgument,
                cat("no configured subnet contains IP address ", wanted))
                .advise(cat("network ", network.name, " has ", network.subnet));
        if (taken.contains(wanted))
            throw Error(ErrorKind::Conflict, "Address already in use")
                .advise(cat(wanted, " belongs to another container of network ",
                            network.name, ", or to the network itself"));
        return *address;
    }
    //@ begin choose-address
    Subnet range =
        network.ip_range.empty() ? subnet : parse_subnet(network.ip_range);
    for (Ipv4 address = range.base; address.value <= range.last().value;
         ++address.value)
        if (!taken.contains(address.text())) return address;
    throw Error(ErrorKind::Unavailable,
                cat("no available IPv4 addresses on network ", network.name,
                    " (", range.text(), ")"))
        .advise(
            "detach containers, or create a network with a larger --subnet");
    //@ end choose-address
}

}  // namespace slipway
