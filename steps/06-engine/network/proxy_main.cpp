// slipway-proxy MARK (PROTOCOL ADDRESS PORT)...: holds the published ports of a
// container, whose sockets it gets as descriptors 3, 4, …, and carries what
// arrives there to it. Started and stopped by ports.cpp.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "06-engine/network/helper_process.hpp"
#include "06-engine/network/proxy.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"

using namespace slipway;

namespace {

std::vector<ProxiedPort> read_ports(int argc, char** argv) {
    std::vector<ProxiedPort> ports;
    int fd = STDERR_FILENO + 1;
    for (int i = 2; i + 2 < argc; i += 3) {
        auto port = static_cast<std::uint16_t>(
            parse_unsigned(argv[i + 2], 65535).value_or(0));
        ports.push_back({argv[i], UniqueFd(fd++), {argv[i + 1], port}});
    }
    return ports;
}

// Six descriptors for each connection: as many as we may have.
void allow_many_files() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 2)
        throw Error(ErrorKind::InvalidArgument, "slipway starts this itself");
    std::vector<ProxiedPort> ports = read_ports(argc, argv);
    allow_many_files();
    // splice(2) has no MSG_NOSIGNAL: who hangs up ends a connection, not all.
    ::signal(SIGPIPE, SIG_IGN);
    go_to_background(argv[1]);
    become_nobody();
    run_proxy(std::move(ports));
} catch (const Error& error) {
    write_all(STDERR_FILENO, error.message());
    return exit_engine_error;
}
