#include "06-engine/engine/free_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "common/error.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

bool can_bind(const sockaddr* address, socklen_t size, int kind) {
    UniqueFd probe(::socket(address->sa_family, kind | SOCK_CLOEXEC, 0));
    return probe && ::bind(probe.get(), address, size) == 0;
}

bool is_free(const PortBinding& port) {
    int kind = port.protocol == "udp" ? SOCK_DGRAM : SOCK_STREAM;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port.host_port);
    if (port.host_ip.empty() ||
        ::inet_pton(AF_INET, port.host_ip.c_str(), &v4.sin_addr) == 1)
        return can_bind(reinterpret_cast<sockaddr*>(&v4), sizeof v4, kind);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port.host_port);
    ::inet_pton(AF_INET6, port.host_ip.c_str(), &v6.sin6_addr);
    return can_bind(reinterpret_cast<sockaddr*>(&v6), sizeof v6, kind);
}

}  // namespace

std::vector<PortBinding> choose_ports(std::vector<PortBinding> ports) {
    for (std::size_t i = 0; i < ports.size(); ++i) {
        PortBinding& port = ports[i];
        auto taken_before = [&] {
            return std::any_of(ports.begin(),
                               ports.begin() + static_cast<std::ptrdiff_t>(i),
                               [&](const PortBinding& other) {
                                   return other.host_port == port.host_port &&
                                          other.protocol == port.protocol;
                               });
        };
        std::uint16_t first = port.host_port;
        while (port.host_port_last != 0 && (taken_before() || !is_free(port))) {
            if (port.host_port == port.host_port_last)
                throw Error(ErrorKind::Conflict,
                            cat("all ports from ", first, " to ",
                                port.host_port_last, " are in use"))
                    .advise(
                        "publish others, or leave the host's port out: "
                        "any that is free is taken");
            ++port.host_port;
        }
        port.host_port_last = 0;
    }
    return ports;
}

}  // namespace slipway
