// Child processes: started safely, held by pidfd, never forgotten.
#pragma once

#include <sys/types.h>

#include <functional>

#include "common/exit_status.hpp"
#include "common/ledger.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// A child that has not been waited for. Holding its pidfd means that no
/// signal of ours can hit another process that got the same number.
class ChildProcess {
  public:
    ChildProcess(pid_t pid, UniqueFd pidfd)
        : pid_(pid), pidfd_(std::move(pidfd)) {}
    ChildProcess(ChildProcess&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)),
          pidfd_(std::move(other.pidfd_)) {}
    ChildProcess& operator=(ChildProcess&&) = delete;
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    /// A child that nobody waited for is killed and reaped: an exception in
    /// the parent must not leave a process behind.
    ~ChildProcess();

    pid_t pid() const { return pid_; }
    int pidfd() const { return pidfd_.get(); }
    /// A child that has ended already is fine: there is nobody to tell.
    void send_signal(int signal);
    /// Waits for its end and reaps it. Once only.
    ExitStatus wait();
    /// For who has reaped it by other means: there is no such process any more.
    void forget() { pid_ = -1; }

  private:
    pid_t pid_;
    UniqueFd pidfd_;
};

/// For a child of ours that nobody else reaps: its number cannot be another's.
UniqueFd open_pidfd(pid_t child);

/// Forks a child that runs `body` and then, normally, becomes another program.
/// Returns when it has: after a successful execve, or when `body` returned and
/// the child ended with status 0. An Error thrown by `body` is thrown here, in
/// the parent, whole; the child is gone by then.
///
/// `body` must not use exit(): the parent's buffers and guards are not the
/// child's to flush and run. It leaves by execve, by returning or by throwing.
ChildProcess start_child(Why why, const std::function<void()>& body);

/// fork(2) for a program that goes to the background: two processes return. The
/// first is expected to end at once, so that its parent need not know the
/// second, which then has none.
enum class Fork { First, Second };
Fork fork_away();

/// Everything that a child of ours does, right after fork or clone: takes its
/// name in the ledger, runs `body`, and ends in _exit. An Error that leaves the
/// body goes to `report`, as Error::encode() writes it. Never returns: that
/// would run the parent's code a second time.
[[noreturn]] void run_child(
    const std::function<void()>& body,
    const std::function<void(const std::string& failure)>& report) noexcept;

/// For a child: be killed when the parent ends, however it ends. Call it after
/// the last change of user or group, which would undo it (prctl(2)).
/// `parent` is the parent's getpid(), taken before the fork: when it is gone
/// already, the child ends here.
void die_with_parent(pid_t parent);

}  // namespace slipway
