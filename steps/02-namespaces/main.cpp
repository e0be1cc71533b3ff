// step2-namespaces: run a command in a world of its own.
#include "02-namespaces/isolate.hpp"
#include "02-namespaces/options.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"

using namespace slipway;

namespace {

//@ begin run
int run(const IsolationOptions& options) {
    SignalForwarder signals;  // from here on, signals wait for the child
    join_namespaces(options.joins);
    Isolated isolated = start_isolated(options, signals);
    return wait_isolated(isolated, signals).exit_code();
}
//@ end run

}  // namespace

int main(int argc, char** argv) {
    IsolationOptions options;
    CommandLine line("step2-namespaces",
                     "[OPTION...] ROOTFS [--] COMMAND [ARG...]",
                     "Run COMMAND in new namespaces, with ROOTFS as its root.");
    declare_isolation_options(line, options);
    line.footer(
        "TYPE is one of mnt, pid, uts, ipc, net, cgroup (new unless you say\n"
        "otherwise), user (new when you are not root) and time.\n\n"
        "Example:\n"
        "  step2-namespaces --hostname box /tmp/rootfs sh");
    return run_program(line, argc, argv, [&](auto& words) {
        finish_options(options, words);
        return run(options);
    });
}
