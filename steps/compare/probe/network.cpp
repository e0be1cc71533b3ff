// N: the host's network.
#include "compare/probe/network.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "compare/probe/probe.hpp"

namespace probe {
namespace {

int patient(int fd, const sockaddr* address, socklen_t size) {
    if (fd < 0) return -1;
    timeval patience{2, 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, address, size) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

//@ begin host-link
Answer host_link(const Plan& plan) {
    if (*plan.text("link") == '\0')
        return absent("the host has no link but lo");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    strncpy(request.ifr_name, plan.text("link"), IFNAMSIZ - 1);
    int result = ioctl(fd, SIOCGIFHWADDR, &request);
    Answer answer = of_call(result);
    close(fd);
    if (result < 0) return answer;
    char mac[18];
    auto byte = [&](int i) {
        return static_cast<unsigned char>(request.ifr_hwaddr.sa_data[i]);
    };
    snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", byte(0), byte(1),
             byte(2), byte(3), byte(4), byte(5));
    if (strcmp(mac, plan.text("mac")) == 0)
        return open_with("the host's own link is here");
    return closed_with("a link of this name, but not the host's");
}
//@ end host-link

Answer host_loopback(const Plan& plan) {
    return read_secret(connect_tcp("127.0.0.1", plan.number("port")));
}

//@ begin host-port
// The judge listens there. Whoever shares its ports cannot have this one.
Answer host_port(const Plan& plan) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<uint16_t>(plan.number("port")));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int result = bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at);
    int error = result < 0 ? errno : 0;
    close(fd);
    if (error == EADDRINUSE) return open_with("the port is taken: by the host");
    errno = error;
    if (result < 0) return of_call(result);
    return closed_with("the port is free: it is another one");
}
//@ end host-port

Answer raw_socket(const Plan&) {
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    Answer answer = of_call(fd);
    if (fd >= 0) close(fd);
    return answer;
}

Answer host_address(const Plan& plan) {
    if (*plan.text("address-ip") == '\0')
        return absent("the host has no address but 127.0.0.1");
    return read_secret(
        connect_tcp(plan.text("address-ip"), plan.number("address-port")));
}

// The line from a virtual machine to its host: no namespace has one of its own.
Answer vm_socket(const Plan&) {
    int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 && errno == EAFNOSUPPORT) return absent("no such sockets here");
    Answer answer = of_call(fd);
    if (fd >= 0) close(fd);
    return answer;
}

constexpr Row rows[] = {
    {"N1", "ioctl(SIOCGIFHWADDR, LINK)", host_link},
    {"N2", "connect(127.0.0.1:PORT)", host_loopback},
    {"N3", "bind(127.0.0.1:PORT)", host_port},
    {"N4", "socket(AF_INET, SOCK_RAW)", raw_socket},
    {"N5", "connect(ADDRESS:PORT)", host_address},
    {"N6", "socket(AF_VSOCK)", vm_socket},
};

}  // namespace

int connect_tcp(const char* address, long port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1) {
        errno = EINVAL;
        return -1;
    }
    return patient(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                   reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

int connect_abstract(const char* name) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    size_t length = strlen(name);
    memcpy(to.sun_path + 1, name, length);
    return patient(
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
        reinterpret_cast<const sockaddr*>(&to),
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length));
}

Rows network_rows() {
    return {rows, sizeof rows / sizeof *rows};
}

}  // namespace probe
