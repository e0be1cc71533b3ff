// slipway-init -- COMMAND...: number 1 of a container with --init. It is shown
// inside as /sbin/docker-init, and needs nothing there.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "02-namespaces/init.hpp"
#include "common/error.hpp"
#include "common/signals.hpp"

using namespace slipway;

int main(int argc, char** argv) {
    char** command = argv + 1;
    if (argc > 1 && std::strcmp(*command, "--") == 0) ++command;
    if (!*command) {
        std::fputs("slipway-init: no command given\n", stderr);
        return exit_engine_error;
    }
    SignalForwarder signals;
    auto become_command = [&] {
        signals.restore_in_child();
        ::execvp(*command, command);
        int error = errno;
        std::fprintf(stderr, "slipway-init: %s: %s\n", *command,
                     std::strerror(error));
        ::_exit(error == ENOENT ? exit_command_missing : exit_cannot_run);
    };
    return run_init(become_command, [] {});
}
