#include "06-engine/network/dns_process.hpp"

#include <cerrno>

#include "06-engine/network/helper_process.hpp"
#include "06-engine/network/network_store.hpp"
#include "06-engine/network/sockets.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::uint16_t dns_port = 53;

// Bound here, where a failure can still be told, and where there is the right
// to: the program that gets them soon has none. To the bridge and not only its
// address: whoever else can reach that address is not answered.
UniqueFd open_socket(const Network& network, const char* protocol) {
    UniqueFd socket =
        listen_at(protocol, {network.gateway, dns_port}, network.device());
    if (!socket)
        throw Error(kind_of_errno(errno),
                    cat("name server of network ", network.name, ": listen at ",
                        network.gateway, ":", dns_port, "/", protocol),
                    errno)
            .advise(
                "another name server may listen on all addresses: let it "
                "listen on its own only");
    return socket;
}

}  // namespace

//@ begin ensure-dns
void ensure_dns(const NetworkStore& store, const Network& network) {
    std::string mark = state_path(store, "dns", network.name);
    if (helper_lives(mark)) return;
    UniqueFd udp = open_socket(network, "udp");
    UniqueFd tcp = open_socket(network, "tcp");
    run_helper(store, {.program = "slipway-dns",
                       .arguments = {network.name,
                                     state_path(store, "endpoints"), mark},
                       .files = {udp.get(), tcp.get()}});
}
//@ end ensure-dns

void stop_dns(const NetworkStore& store, const std::string& network) {
    stop_helper(state_path(store, "dns", network));
}

}  // namespace slipway
