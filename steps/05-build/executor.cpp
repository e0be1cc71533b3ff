#include "05-build/executor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr int request_file = 3;

UniqueFd written_down(const ExecRequest& request) {
    UniqueFd file(check(::memfd_create("run", MFD_CLOEXEC), "memfd_create"));
    write_all(file.get(), exec_request_text(request));
    check(::lseek(file.get(), 0, SEEK_SET), "rewind");
    return file;
}

ChildProcess start(const std::string& program, int input, int output,
                   int request) {
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ScopeGuard free_files([&] { ::posix_spawn_file_actions_destroy(&files); });
    if (input >= 0)
        ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    else
        ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
                                           O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, request, request_file);

    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ScopeGuard free_attributes([&] { ::posix_spawnattr_destroy(&attributes); });
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    // A group of its own: Ctrl-C in the terminal is for the builder, which then
    // decides.
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    std::string name = program;
    char* arguments[] = {name.data(), nullptr};
    pid_t pid = -1;
    int error = ::posix_spawn(&pid, program.c_str(), &files, &attributes,
                              arguments, environ);
    if (error != 0) throw_errno(error, cat("start ", program));
    ScopeGuard undo([pid] {
        ::kill(pid, SIGKILL);  // ours and not reaped: the number is still its
        ::waitpid(pid, nullptr, 0);
    });
    UniqueFd pidfd(check(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)),
                         "pidfd_open"));
    undo.dismiss();
    return {pid, std::move(pidfd)};
}

// Hands on what the command says until its output is closed: by its end, or by
// the end of whoever it left behind.
void pass_output(int pipe, ChildProcess& child, const ExecSession& session) {
    char buffer[16 << 10];
    pollfd ready[] = {{pipe, POLLIN, 0}, {session.cancelled_fd, POLLIN, 0}};
    while (true) {
        if (::poll(ready, 2, -1) < 0) {
            if (errno == EINTR) continue;
            throw_errno(errno, "poll");
        }
        if (ready[1].revents != 0) {
            child.send_signal(SIGTERM);
            ready[1].fd = -1;
        }
        if (ready[0].revents == 0) continue;
        ssize_t count = ::read(pipe, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        check(count, "read the command's output");
        if (count == 0) return;
        session.output({buffer, static_cast<std::size_t>(count)});
    }
}

}  // namespace

//@ begin process-executor
Executor process_executor(std::string program) {
    return [program = std::move(program)](const ExecRequest& request,
                                          const ExecSession& session) {
        UniqueFd order = written_down(request);
        int ends[2];
        check(::pipe2(ends, O_CLOEXEC), "pipe");
        UniqueFd out(ends[0]), in(ends[1]);
        ChildProcess child =
            start(program, session.input, in.get(), order.get());
        in.reset();
        pass_output(out.get(), child, session);
        return child.wait();
    };
}
//@ end process-executor

}  // namespace slipway
