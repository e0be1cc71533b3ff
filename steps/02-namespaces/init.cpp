#include "02-namespaces/init.hpp"

#include <signal.h>
#include <sys/wait.h>

#include "common/exit_status.hpp"
#include "common/process.hpp"

namespace slipway {

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
        siginfo_t ended{};
        while (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG) == 0 &&
               ended.si_pid != 0) {
            if (ended.si_pid == child.pid()) {
                child.forget();
                return ExitStatus::from(ended).exit_code();
            }
            ended.si_pid = 0;  // WNOHANG without news leaves it as it was
        }
    }
}
//@ end init

}  // namespace slipway
