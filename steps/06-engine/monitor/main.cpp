// slipway-monitor: the process that stays with a container. It is told
// everything by its arguments (monitor_plan.hpp) and becomes the engine again
// when the container has ended.
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>

#include "06-engine/monitor/serve.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"

using namespace slipway;

extern char** environ;

namespace {

ChildProcess child_of(pid_t pid) {
    return {pid,
            UniqueFd(check(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)),
                           "pidfd_open ", pid))};
}

// Before a restart. False: somebody has asked for the end.
bool wait_out(std::uint64_t wait_ms, const SignalForwarder& signals) {
    pollfd source{signals.fd(), POLLIN, 0};
    int limit = static_cast<int>(std::min<std::uint64_t>(wait_ms, INT_MAX));
    return ::poll(&source, 1, limit) == 0;
}

void look_after(const MonitorPlan& plan) {
    SignalForwarder signals;
    if (plan.init == 0) {
        wait_out(plan.wait_ms, signals);  // either way it is the engine's turn
        return;
    }
    ChildProcess init = child_of(plan.init);
    LocalClient nobody;
    nobody.signals = &signals;
    serve(plan, init, &nobody);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        MonitorPlan plan = parse_monitor_arguments({argv, argv + argc});
        look_after(plan);
        if (plan.next.empty()) return 0;
        std::vector<std::string> environment;
        for (char** each = environ; *each; ++each)
            environment.emplace_back(*each);
        exec_file(plan.next[0], plan.next, environment);
    } catch (const Error& error) {
        std::fprintf(stderr, "slipway-monitor: %s\n", error.message().c_str());
        return exit_engine_error;
    }
}
