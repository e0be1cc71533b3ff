#include "05-build/executor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/spawn.hpp"

namespace slipway {

namespace {

constexpr int request_file = 3;

UniqueFd written_down(const ExecRequest& request) {
    UniqueFd file(check(::memfd_create("run", MFD_CLOEXEC), "memfd_create"));
    write_all(file.get(), exec_request_text(request));
    check(::lseek(file.get(), 0, SEEK_SET), "rewind");
    return file;
}

// In a group of its own: Ctrl-C in the terminal is for the builder, which then
// decides.
ChildProcess start(const std::string& program, int input, int output,
                   int request) {
    return spawn({.arguments = {program},
                  .files = {{input, STDIN_FILENO},
                            {output, STDOUT_FILENO},
                            {output, STDERR_FILENO},
                            {request, request_file}},
                  .flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP});
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
