// slipway-monitor: the process that stays with a container. It is told
// everything by its arguments (monitor_plan.hpp) and becomes the engine again
// when the container has ended.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdio>

#include "06-engine/monitor/memory.hpp"
#include "06-engine/monitor/serve.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"

using namespace slipway;

namespace {

ChildProcess child_of(pid_t pid) {
    return {pid,
            UniqueFd(check(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)),
                           "pidfd_open ", pid))};
}

bool is_end(int signal) {
    return signal == SIGTERM || signal == SIGINT || signal == SIGHUP ||
           signal == SIGQUIT;
}

// Before a restart. False: somebody has asked for the end.
bool wait_out(std::uint64_t wait_ms, const SignalForwarder& signals) {
    using std::chrono::milliseconds;
    auto end = std::chrono::steady_clock::now() + milliseconds(wait_ms);
    release_unused_memory();
    while (true) {
        auto left = std::chrono::ceil<milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return true;
        pollfd source{signals.fd(), POLLIN, 0};
        ::poll(&source, 1,
               static_cast<int>(std::min<std::int64_t>(left.count(), INT_MAX)));
        if (source.revents != 0 && is_end(signals.take().number)) return false;
    }
}

// False: there is nothing to be done afterwards.
bool look_after(const MonitorPlan& plan) {
    SignalForwarder signals;
    if (plan.init == 0) return wait_out(plan.wait_ms, signals);
    ChildProcess init = child_of(plan.init);
    LocalClient nobody;
    nobody.signals = &signals;
    serve(plan, init, &nobody);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        MonitorPlan plan = parse_monitor_arguments({argv, argv + argc});
        if (!look_after(plan) || plan.next.empty()) return 0;
        exec_file(plan.next[0], plan.next, own_environment());
    } catch (const Error& error) {
        std::fprintf(stderr, "slipway-monitor: %s\n", error.message().c_str());
        return exit_engine_error;
    }
}
