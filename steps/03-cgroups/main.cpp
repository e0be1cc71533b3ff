// step3-cgroups: run a command in a world of its own, with limits.
#include <sched.h>

#include <cstdio>

#include "02-namespaces/isolate.hpp"
#include "02-namespaces/options.hpp"
#include "03-cgroups/cgroup.hpp"
#include "03-cgroups/options.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"

using namespace slipway;

namespace {

//@ begin report
void say(const std::string& sentence) {
    if (!sentence.empty())
        std::fprintf(stderr, "step3-cgroups: %s\n", sentence.c_str());
}

void report(const CgroupStats& stats, const CgroupLimits& limits,
            const ExitStatus& status, bool all) {
    say(memory_kill_text(stats, limits, status.exit_code() == 128 + SIGKILL));
    say(refused_forks_text(stats, limits));
    if (all) std::fputs(stats_text(stats, limits).c_str(), stderr);
}
//@ end report

//@ begin run
int run(IsolationOptions& options, const CgroupLimits& limits, bool stats) {
    SignalForwarder signals;  // from here on, signals wait for the child
    // Before joining anything: the host's trees are what limits are set in.
    CgroupLayout layout = read_cgroup_layout();
    Cgroup group = Cgroup::create(layout, limits);
    const NamespaceSet& own = options.rootfs.namespaces;
    if (own.has(CLONE_NEWNS) && own.has(CLONE_NEWCGROUP))
        options.rootfs.more_mounts = [&](int root) {
            mount_cgroups(root, layout);
        };
    join_namespaces(options.joins);
    Isolated isolated =
        start_isolated(options, signals, {group.fd(), [&] { group.join(); }});
    ExitStatus status = wait_isolated(isolated, signals);
    CgroupStats used = group.stats();
    group.remove();
    report(used, limits, status, stats);
    return status.exit_code();
}
//@ end run

}  // namespace

int main(int argc, char** argv) {
    IsolationOptions options;
    CgroupLimits limits;
    bool stats = false;
    CommandLine line("step3-cgroups",
                     "[OPTION...] ROOTFS [--] COMMAND [ARG...]",
                     "Run COMMAND in new namespaces and in a control group.");
    declare_isolation_options(line, options);
    declare_limit_options(line, limits);
    line.flag("--stats", "say at the end what was used", stats);
    line.footer(
        "The exit status is 137 when the kernel killed COMMAND for memory.\n\n"
        "Example:\n"
        "  step3-cgroups --memory 64m --pids-limit 50 --stats /tmp/rootfs sh");
    return run_program(line, argc, argv, [&](auto& words) {
        finish_options(options, words);
        finish_limits(limits);
        return run(options, limits, stats);
    });
}
