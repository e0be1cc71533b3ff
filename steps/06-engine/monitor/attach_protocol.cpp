#include "06-engine/monitor/attach_protocol.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/error.hpp"
#include "common/unix_socket.hpp"

namespace slipway {

UniqueFd listen_attach(const std::string& path) {
    ::unlink(path.c_str());
    constexpr int waiting = 64;
    return listen_unix_socket(path, SOCK_SEQPACKET, waiting);
}

UniqueFd connect_attach(const std::string& path) {
    SocketPlace place = place_of_socket(path);
    UniqueFd socket(
        check(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket"));
    check(::connect(socket.get(), reinterpret_cast<sockaddr*>(&place.address),
                    sizeof place.address),
          "connect to ", path);
    return socket;
}

bool send_attach(int socket, AttachMessage type, std::string_view data) {
    char first = type;
    std::array<iovec, 2> parts = {
        iovec{&first, 1},
        iovec{const_cast<char*>(data.data()),  // NOLINT(*-const-cast)
              data.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = data.empty() ? 1 : 2;
    while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
        if (errno == EPIPE || errno == ECONNRESET) return false;
        if (errno != EINTR) throw_errno(errno, "write to a container's socket");
    }
    return true;
}

}  // namespace slipway
