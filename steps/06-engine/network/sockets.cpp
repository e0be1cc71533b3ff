#include "06-engine/network/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "common/error.hpp"

namespace slipway {

namespace {

struct NativeAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

NativeAddress native(const SocketAddress& address) {
    NativeAddress result;
    auto* four = reinterpret_cast<sockaddr_in*>(&result.storage);
    if (::inet_pton(AF_INET, address.ip.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(address.port);
        result.size = sizeof *four;
        return result;
    }
    auto* six = reinterpret_cast<sockaddr_in6*>(&result.storage);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(address.port);
    ::inet_pton(AF_INET6, address.ip.c_str(), &six->sin6_addr);
    result.size = sizeof *six;
    return result;
}

UniqueFd new_socket(const std::string& protocol, int family) {
    int type = protocol == "udp" ? SOCK_DGRAM : SOCK_STREAM;
    return UniqueFd(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

bool set_flag(int socket, int level, int option) {
    int on = 1;
    return ::setsockopt(socket, level, option, &on, sizeof on) == 0;
}

}  // namespace

UniqueFd listen_at(const std::string& protocol, const SocketAddress& address,
                   const std::string& device) {
    NativeAddress where = native(address);
    UniqueFd socket = new_socket(protocol, where.storage.ss_family);
    if (!socket) return {};
    bool six = where.storage.ss_family == AF_INET6;
    if (six && !set_flag(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY)) return {};
    // Connections of an earlier container may still be closing.
    if (protocol == "tcp" && !set_flag(socket.get(), SOL_SOCKET, SO_REUSEADDR))
        return {};
    if (!device.empty() &&
        ::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, device.data(),
                     static_cast<socklen_t>(device.size())) != 0)
        return {};
    if (::bind(socket.get(), where.get(), where.size) != 0) return {};
    if (protocol == "tcp" && ::listen(socket.get(), SOMAXCONN) != 0) return {};
    return socket;
}

std::uint16_t bound_port(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    check(::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size),
          "getsockname");
    // At the same place in both.
    return ntohs(reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
}

UniqueFd connect_to(const std::string& protocol, const SocketAddress& address) {
    NativeAddress where = native(address);
    UniqueFd socket = new_socket(protocol, where.storage.ss_family);
    if (!socket) return {};
    if (::connect(socket.get(), where.get(), where.size) != 0 &&
        errno != EINPROGRESS)
        return {};
    return socket;
}

std::string ip_text(const sockaddr_storage& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.ss_family == AF_INET6)
        ::inet_ntop(AF_INET6,
                    &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr,
                    text, sizeof text);
    else
        ::inet_ntop(AF_INET,
                    &reinterpret_cast<const sockaddr_in&>(address).sin_addr,
                    text, sizeof text);
    return text;
}

}  // namespace slipway
