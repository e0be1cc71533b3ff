// step5-run: one RUN of a build, in the container that steps 1 to 4 make.
//
// step5-build has threads, and a process with threads must not clone into
// namespaces; so it starts this program for each RUN, and tells it what to do
// in file 3. Nobody else needs it.
#include <poll.h>
#include <sched.h>

#include "02-namespaces/id_map.hpp"
#include "02-namespaces/isolate.hpp"
#include "03-cgroups/cgroup.hpp"
#include "03-cgroups/options.hpp"
#include "04-images/overlay.hpp"
#include "04-images/run_image.hpp"
#include "05-build/exec_mounts.hpp"
#include "05-build/exec_request.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/program.hpp"

using namespace slipway;

namespace {

constexpr int request_file = 3;
constexpr std::size_t largest_request = 64 << 20;

IsolationOptions isolation_for(const ExecRequest& request) {
    IsolationOptions options;
    std::vector<std::string> words = {request.place, "--"};
    words.insert(words.end(), request.command.begin(), request.command.end());
    if (request.network == ExecNetwork::Host)
        options.without = NamespaceSet{CLONE_NEWNET};
    if (in_user_namespace()) options.id_maps = same_ids();
    options.hostname = request.hostname;
    options.environment = request.environment;
    options.workdir = request.workdir;
    finish_options(options, std::move(words));
    return options;
}

// A build that is given up does not ask its commands: a shell that is number 1
// would not hear SIGTERM.
ExitStatus wait_or_kill(Isolated& isolated, const SignalForwarder& signals) {
    pollfd ready[] = {{isolated.child.pidfd(), POLLIN, 0},
                      {signals.fd(), POLLIN, 0}};
    while (::poll(ready, 2, -1) < 0 || ready[0].revents == 0)
        if (signals.take().number != 0) isolated.child.send_signal(SIGKILL);
    return isolated.child.wait();
}

//@ begin run-step
int run(const ExecRequest& request) {
    die_with_parent(::getppid());
    IsolationOptions isolation = isolation_for(request);
    CgroupLimits limits;
    limits.memory = request.memory;
    limits.pids = request.pids;
    finish_limits(limits);

    SignalForwarder signals;
    CgroupLayout layout = read_cgroup_layout();
    Cgroup group = Cgroup::create(layout, limits);
    OverlayPlan overlay{request.layers, request.upper, request.work,
                        request.user_xattr, true};
    isolation.rootfs.mount_root = [&](const std::string& root) {
        attach_mount(make_overlay(overlay), root);
    };
    isolation.rootfs.more_mounts = [&](int root) {
        mount_cgroups(root, layout);
        mount_for_exec(root, request.mounts, request.user_xattr);
    };
    //@ end run-step
    //@ begin run-wait
    StartHooks hooks{group.fd(), [&] { group.join(); },
                     [&](auto& who, auto& environment) {
                         Inside inside = prepare_inside(
                             request.user, request.workdir, environment);
                         who = inside.user;
                         environment = inside.environment;
                     }};
    Isolated isolated = start_isolated(isolation, signals, hooks);
    ExitStatus status = wait_or_kill(isolated, signals);
    std::string killed = memory_kill_text(group.stats(), limits,
                                          status.exit_code() == 128 + SIGKILL);
    if (!killed.empty())
        std::fprintf(stderr, "step5-build: %s\n", killed.c_str());
    group.remove();
    return status.exit_code();
}
//@ end run-wait

}  // namespace

int main(int argc, char** argv) {
    CommandLine line("step5-build", "", "The part of step5-build for RUN.");
    return run_program(line, argc, argv, [](auto&) {
        return run(parse_exec_request(read_all(request_file, largest_request)));
    });
}
