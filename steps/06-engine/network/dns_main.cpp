// slipway-dns NETWORK LEASES MARK: the name server of a network's containers.
// Gets its sockets as descriptors 3 (UDP) and 4 (TCP). Started and stopped by
// dns_process.cpp.
#include <unistd.h>

#include "06-engine/network/dns_directory.hpp"
#include "06-engine/network/dns_tcp.hpp"
#include "06-engine/network/dns_udp.hpp"
#include "06-engine/network/event_loop.hpp"
#include "06-engine/network/helper_process.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

using namespace slipway;

int main(int argc, char** argv) try {
    constexpr int udp_socket = 3, tcp_socket = 4;
    if (argc != 4)
        throw Error(ErrorKind::InvalidArgument, "slipway starts this itself");
    EventLoop loop;
    DnsDirectory directory(loop, argv[1], argv[2]);
    DnsUdp udp(loop, directory, UniqueFd(udp_socket));
    DnsTcp tcp(loop, directory, UniqueFd(tcp_socket));
    go_to_background(argv[3]);
    become_nobody();
    loop.run([&] {
        int one = udp.expire(), other = tcp.expire();
        return one < 0 ? other : other < 0 ? one : std::min(one, other);
    });
} catch (const Error& error) {
    write_all(STDERR_FILENO, error.message());
    return exit_engine_error;
}
