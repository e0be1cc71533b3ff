#include "02-namespaces/init.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/exit_status.hpp"
#include "common/process.hpp"

namespace slipway {

namespace {

ExitStatus status_of(int status) {
    if (WIFSIGNALED(status)) return {.code = 0, .signal = WTERMSIG(status)};
    return {.code = WEXITSTATUS(status)};
}

}  // namespace

//@ begin init
int run_init(const std::function<void()>& command,
             const std::function<void()>& started) {
    sigset_t all;
    ::sigfillset(&all);
    sigset_t previous;
    ::sigprocmask(SIG_SETMASK, &all, &previous);
    ChildProcess child = start_child(Why{"number 1 stays behind to reap"}, [&] {
        ::sigprocmask(SIG_SETMASK, &previous, nullptr);
        command();
    });
    started();
    while (true) {
        int signal = 0;
        ::sigwait(&all, &signal);
        if (signal != SIGCHLD) {
            child.send_signal(signal);
            continue;
        }
        // One SIGCHLD may stand for many children: take all that are there.
        int status = 0;
        while (pid_t ended = ::waitpid(-1, &status, WNOHANG)) {
            if (ended < 0 && errno == ECHILD) break;
            if (ended == child.pid()) {
                child.forget();
                return status_of(status).exit_code();
            }
        }
    }
}
//@ end init

}  // namespace slipway
