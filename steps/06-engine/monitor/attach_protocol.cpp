#include "06-engine/monitor/attach_protocol.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/error.hpp"

namespace slipway {

namespace {

struct Place {
    UniqueFd folder;
    sockaddr_un address{};
};

// By its folder's descriptor: a path may be longer than a socket's name can be.
Place place_of(const std::string& path) {
    std::size_t slash = path.rfind('/');
    Place place;
    place.folder.reset(check(
        ::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
        "open ", path.substr(0, slash)));
    std::string name =
        cat("/proc/self/fd/", place.folder.get(), path.substr(slash));
    place.address.sun_family = AF_UNIX;
    if (name.size() >= sizeof place.address.sun_path)
        throw Error(ErrorKind::InvalidArgument, cat("socket name ", path));
    std::memcpy(place.address.sun_path, name.c_str(), name.size() + 1);
    return place;
}

UniqueFd make_socket() {
    return UniqueFd(
        check(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket"));
}

}  // namespace

UniqueFd listen_attach(const std::string& path) {
    ::unlink(path.c_str());
    Place place = place_of(path);
    UniqueFd socket = make_socket();
    // Of a socket that is not bound yet: what bind makes has these bits.
    check(::fchmod(socket.get(), 0600), "fchmod");
    check(::bind(socket.get(), reinterpret_cast<sockaddr*>(&place.address),
                 sizeof place.address),
          "bind ", path);
    constexpr int waiting = 64;
    check(::listen(socket.get(), waiting), "listen at ", path);
    return socket;
}

UniqueFd connect_attach(const std::string& path) {
    Place place = place_of(path);
    UniqueFd socket = make_socket();
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
