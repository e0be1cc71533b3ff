#include "compare/listeners.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "common/error.hpp"

namespace slipway::compare {
namespace {

constexpr int waiting = 16;

UniqueFd listen_at(const sockaddr* address, socklen_t size,
                   const std::string& name) {
    UniqueFd fd(check(::socket(address->sa_family,
                               SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                      "socket"));
    check(::bind(fd.get(), address, size), "bind ", name);
    check(::listen(fd.get(), waiting), "listen ", name);
    return fd;
}

}  // namespace

UniqueFd listen_abstract(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    return listen_at(reinterpret_cast<const sockaddr*>(&address),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) +
                                            1 + name.size()),
                     cat("@", name));
}

UniqueFd listen_tcp(const std::string& address) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    ::inet_pton(AF_INET, address.c_str(), &at.sin_addr);
    return listen_at(reinterpret_cast<const sockaddr*>(&at), sizeof at,
                     address);
}

int port_of(int socket) {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    check(::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size),
          "getsockname");
    return ntohs(at.sin_port);
}

bool give_secret(int listener, const std::string& secret) {
    bool any = false;
    while (true) {
        UniqueFd peer(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
        if (!peer) return any;
        any = true;
        ::send(peer.get(), secret.data(), secret.size(), MSG_NOSIGNAL);
    }
}

}  // namespace slipway::compare
