#include "common/unix_socket.hpp"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "common/error.hpp"

namespace slipway {

namespace {

// Room for the control message that carries the descriptors.
union Control {
    cmsghdr align;
    char bytes[CMSG_SPACE(most_files * sizeof(int))];
};

// Waits for the next message and tells its length: clearing room for the
// largest possible one would cost more page faults than this call costs time.
std::size_t length_of_next(int socket) {
    ssize_t count = -1;
    do {
        count = ::recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC);
    } while (count < 0 && receives_more(errno));
    return static_cast<std::size_t>(check(count, "receive message"));
}

//@ begin receive-message
SocketMessage receive(int socket, std::size_t length) {
    SocketMessage result;
    result.bytes.resize(length);
    if (result.bytes.empty()) return result;
    iovec part{result.bytes.data(), result.bytes.size()};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    ssize_t count = -1;
    do {
        count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (count < 0 && receives_more(errno));
    result.bytes.resize(
        static_cast<std::size_t>(check(count, "receive message")));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    std::size_t files =
        header ? (header->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
    for (std::size_t i = 0; i < files; ++i) {
        int fd = -1;
        ::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
        result.files.emplace_back(fd);
    }
    if ((message.msg_flags & MSG_CTRUNC) != 0)
        throw Error(ErrorKind::System, "receive files", EMFILE);
    return result;
}
//@ end receive-message

}  // namespace

SocketPair make_socket_pair() {
    int ends[2];
    check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends),
          "socketpair");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

UniqueFd connect_unix_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw Error(ErrorKind::InvalidArgument,
                    cat("connect to ", path, ": the path has more than ",
                        sizeof address.sun_path - 1, " bytes"));
    std::memcpy(address.sun_path, path.c_str(), path.size());
    UniqueFd fd(
        check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    check(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                    sizeof address),
          "connect to ", path);
    return fd;
}

SocketPlace place_of_socket(const std::string& path) {
    std::size_t slash = path.rfind('/');
    SocketPlace place;
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

UniqueFd listen_unix_socket(const std::string& path, int type, int waiting) {
    SocketPlace place = place_of_socket(path);
    UniqueFd fd(check(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0), "socket"));
    // Of a socket that is not bound yet: what bind makes has these bits.
    check(::fchmod(fd.get(), 0600), "fchmod");
    check(::bind(fd.get(), reinterpret_cast<sockaddr*>(&place.address),
                 sizeof place.address),
          "bind ", path);
    check(::listen(fd.get(), waiting), "listen at ", path);
    return fd;
}

UniqueFd accept_unix_socket(const UniqueFd& listener) {
    int fd = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0 && errno == EAGAIN)
        throw Error(ErrorKind::Unavailable, "nobody has connected");
    return UniqueFd(check(fd, "accept"));
}

bool receives_more(int error) {
    return error == EINTR || error == ECONNRESET;
}

//@ begin send-message
// The ancillary part of the message holds the descriptors: the kernel makes
// new ones in the receiver that mean the same open files.
void send_message(int socket, std::string_view bytes,
                  const std::vector<UniqueFd>& files) {
    if (files.size() > most_files)
        throw Error(ErrorKind::InvalidArgument,
                    cat("a message may carry ", most_files, " files, not ",
                        files.size()));
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};  // NOLINT
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!files.empty()) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(files.size() * sizeof(int));
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
        auto* numbers = reinterpret_cast<int*>(CMSG_DATA(header));
        for (const UniqueFd& file : files) *numbers++ = file.get();
    }
    check(::sendmsg(socket, &message, MSG_NOSIGNAL), "send message");
}
//@ end send-message

SocketMessage receive_message(int socket) {
    return receive(socket, length_of_next(socket));
}

SocketMessage receive_some(int socket) {
    constexpr std::size_t enough = 4096;
    return receive(socket, enough);
}

}  // namespace slipway
