#include "common/signals.hpp"

#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/process.hpp"
#include "common/text.hpp"

namespace slipway {

std::string signal_name(int signal) {
    if (const char* name = ::sigabbrev_np(signal)) return cat("SIG", name);
    if (signal == SIGRTMIN) return "SIGRTMIN";
    if (signal > SIGRTMIN && signal <= SIGRTMAX)
        return cat("SIGRTMIN+", signal - SIGRTMIN);
    return cat("signal ", signal);
}

int parse_signal(std::string_view text) {
    std::string name(text);
    if (!name.empty() && std::isdigit(static_cast<unsigned char>(name[0]))) {
        auto number = parse_unsigned(name, static_cast<unsigned>(SIGRTMAX));
        if (number && *number > 0) return static_cast<int>(*number);
    }
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return static_cast<char>(std::toupper(c));
    });
    if (!name.starts_with("SIG")) name = "SIG" + name;
    std::vector<std::string> known;
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        known.push_back(signal_name(signal));
        if (known.back() == name) return signal;
    }
    std::string guess = nearest(name, known);
    throw Error(ErrorKind::InvalidArgument, cat("unknown signal ", quote(text)))
        .advise(guess.empty() ? "kill -l lists the names"
                              : cat("did you mean ", guess, "?"));
}

void let_signals_in() {
    sigset_t none;
    ::sigemptyset(&none);
    check(::sigprocmask(SIG_SETMASK, &none, nullptr), "unblock signals");
}

HeldSigpipe::HeldSigpipe() {
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::sigemptyset(&only_);
    ::sigaddset(&only_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &only_, &before_);
}

HeldSigpipe::~HeldSigpipe() {
    const timespec at_once{};
    if (!was_pending_) ::sigtimedwait(&only_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

SignalForwarder::SignalForwarder() {
    sigset_t taken;
    ::sigfillset(&taken);
    for (int kept : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT,
                     SIGCHLD, SIGPIPE, SIGURG, SIGTSTP, SIGTTIN, SIGTTOU})
        ::sigdelset(&taken, kept);
    check(::sigprocmask(SIG_BLOCK, &taken, &previous_), "block signals");
    fd_.reset(
        check(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"));
}

SignalForwarder::~SignalForwarder() {
    restore_in_child();
}

void SignalForwarder::restore_in_child() const {
    ::sigprocmask(SIG_SETMASK, &previous_, nullptr);
}

SignalForwarder::Taken SignalForwarder::take() const {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != sizeof info) return {};
    return {static_cast<int>(info.ssi_signo), info.ssi_code == SI_KERNEL};
}

ExitStatus SignalForwarder::wait(ChildProcess& child) const {
    pollfd sources[] = {{child.pidfd(), POLLIN, 0}, {fd_.get(), POLLIN, 0}};
    while (true) {
        if (::poll(sources, 2, -1) < 0) {
            if (errno == EINTR) continue;
            throw_errno(errno, "poll");
        }
        if (sources[0].revents != 0) return child.wait();
        if (sources[1].revents == 0) continue;
        Taken signal = take();
        // The terminal sends Ctrl-C to the whole foreground process group:
        // the child has it already, and a second one would be one too many.
        // That it is gone it tells the first process of its session only.
        if (signal.number == SIGHUP ||
            (signal.number != 0 && !signal.from_terminal))
            child.send_signal(signal.number);
    }
}

}  // namespace slipway
