#include "common/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <exception>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"

namespace slipway {

namespace {

// linux/wait.h: waitid() on a pidfd; glibc 2.36 names it, older ones do not.
constexpr auto wait_pidfd = static_cast<idtype_t>(3);

}  // namespace

UniqueFd open_pidfd(pid_t child) {
    auto fd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    return UniqueFd(check(fd, "pidfd_open ", child));
}

void run_child(const std::function<void()>& body,
               const std::function<void(const std::string&)>& report) noexcept {
    std::string failure;
    try {
        ledger::set_process_name("child");
        body();
        ::_exit(0);
    } catch (const Error& error) {
        failure = error.encode();
    } catch (const std::exception& error) {
        failure = Error(ErrorKind::System, error.what()).encode();
    }
    try {
        report(failure);
    } catch (const Error&) {
        // The parent is gone: there is nobody to tell.
    }
    ::_exit(exit_engine_error);
}

ChildProcess::~ChildProcess() {
    if (pid_ < 0) return;
    send_signal(SIGKILL);
    siginfo_t ignored{};
    while (::waitid(wait_pidfd, static_cast<id_t>(pidfd()), &ignored, WEXITED) <
               0 &&
           errno == EINTR) {
    }
}

void ChildProcess::send_signal(int signal) {
    ::syscall(SYS_pidfd_send_signal, pidfd(), signal, nullptr, 0);
}

ExitStatus ChildProcess::wait() {
    siginfo_t info{};
    while (::waitid(wait_pidfd, static_cast<id_t>(pidfd()), &info, WEXITED) <
           0) {
        if (errno != EINTR) throw_errno(errno, cat("wait for process ", pid_));
    }
    pid_ = -1;
    return ExitStatus::from(info);
}

ChildProcess start_child(Why why, const std::function<void()>& body) {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "pipe");
    UniqueFd read_end(ends[0]), write_end(ends[1]);
    std::fflush(nullptr);  // or both processes print what is buffered

    announce(why, "fork");  // before: afterwards two processes would say so
    pid_t pid = check(::fork(), "fork");
    if (pid == 0)
        run_child(body, [&](const std::string& failure) {
            write_all(write_end.get(), failure);
        });
    ScopeGuard undo([pid] {
        ::kill(pid, SIGKILL);  // ours and not reaped: the number is still its
        ::waitpid(pid, nullptr, 0);
    });
    UniqueFd pidfd = open_pidfd(pid);
    undo.dismiss();
    ChildProcess child(pid, std::move(pidfd));

    // The pipe closes by itself when the child executes its program or ends:
    // an empty read means that all went well.
    write_end.reset();
    constexpr std::size_t longest_error = 1 << 20;
    std::string failure = read_all(read_end.get(), longest_error);
    if (!failure.empty()) {
        child.wait();
        throw Error::decode(failure);
    }
    return child;
}

Fork fork_away() {
    std::fflush(nullptr);  // or both processes print what is buffered
    return check(::fork(), "fork") == 0 ? Fork::Second : Fork::First;
}

void die_with_parent(pid_t parent) {
    check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl PR_SET_PDEATHSIG");
    // It may have died before prctl: then no signal will ever come.
    if (::getppid() != parent) ::_exit(exit_engine_error);
}

}  // namespace slipway
