#include "02-namespaces/init.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <optional>

#include "common/exit_status.hpp"
#include "common/process.hpp"

namespace slipway {

namespace {

//@ begin reap
// One SIGCHLD may stand for many children: takes all that are there. How the
// command ended, when it was among them.
std::optional<ExitStatus> reap(ChildProcess& command) {
    siginfo_t ended{};
    while (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG) == 0 &&
           ended.si_pid != 0) {
        if (ended.si_pid == command.pid()) {
            command.forget();
            return ExitStatus::from(ended);
        }
        ended.si_pid = 0;  // WNOHANG without news leaves it as it was
    }
    return std::nullopt;
}
//@ end reap

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
        siginfo_t told{};
        int signal = ::sigwaitinfo(&all, &told);
        if (signal == SIGCHLD) {
            if (auto ended = reap(child)) return ended->exit_code();
            // From the terminal, as Ctrl-C, the command has got it, too.
        } else if (signal > 0 && told.si_code != SI_KERNEL) {
            child.send_signal(signal);
        }
    }
}
//@ end init

}  // namespace slipway
