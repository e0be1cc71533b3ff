#include "common/process.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

void exec_shell(const char* script) {
    ::execlp("sh", "sh", "-c", script, nullptr);
}

bool has_children() {
    return ::waitpid(-1, nullptr, WNOHANG) != -1;
}

}  // namespace

TEST_CASE("a child's exit status comes back as it was") {
    int code = GENERATE(0, 1, 42, 255);
    ChildProcess child = start_child(Why{"test"}, [&] {
        exec_shell(("exit " + std::to_string(code)).c_str());
    });
    ExitStatus status = child.wait();
    CHECK(status.exit_code() == code);
    CHECK(status.ok() == (code == 0));
    CHECK(status.text() == "exit status " + std::to_string(code));
}

TEST_CASE("a killed child tells the signal") {
    ChildProcess child =
        start_child(Why{"test"}, [] { exec_shell("kill -9 $$"); });
    ExitStatus status = child.wait();
    CHECK(status.signal == SIGKILL);
    CHECK(status.exit_code() == 137);
}

TEST_CASE("an Error thrown in the child is thrown in the parent, whole") {
    try {
        start_child(Why{"test"}, [] {
            throw Error(ErrorKind::Forbidden, "not here", EPERM)
                .advise("go away")
                .exit_with(126);
        });
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.message() == "not here: Operation not permitted");
        CHECK(error.advice() == "go away");
        CHECK(error.exit_code() == 126);
    }
    CHECK_FALSE(has_children());
}

TEST_CASE("other exceptions arrive too") {
    CHECK_THROWS_WITH(
        start_child(Why{"test"}, [] { throw std::runtime_error("oops"); }),
        "oops");
}

TEST_CASE("a body that returns ends its child with status 0") {
    ChildProcess child = start_child(Why{"test"}, [] {});
    CHECK(child.wait().ok());
}

TEST_CASE("a child that nobody waited for is killed and reaped") {
    {
        ChildProcess child =
            start_child(Why{"t"}, [] { exec_shell("exec sleep 99"); });
    }
    CHECK_FALSE(has_children());
}

TEST_CASE("no descriptor of ours reaches the child's program") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    UniqueFd read_end(ends[0]), write_end(ends[1]);
    ChildProcess child = start_child(Why{"test"}, [&] {
        ::dup2(write_end.get(), 1);
        exec_shell("echo; kill -STOP $$");
    });
    char newline = 0;
    REQUIRE(::read(read_end.get(), &newline, 1) == 1);
    // What whoever started this test left open is passed on; that is theirs.
    for (int fd = 3; fd < 1024; ++fd) {
        int flags = ::fcntl(fd, F_GETFD);
        bool passed_on = flags >= 0 && (flags & FD_CLOEXEC) == 0;
        std::string name = cat("/proc/", child.pid(), "/fd/", fd);
        struct stat info {};
        INFO(name);
        CHECK((::lstat(name.c_str(), &info) == 0) == passed_on);
    }
}

TEST_CASE("die_with_parent: the child does not outlive us") {
    // parent (this test) > middle > grandchild; the middle one is killed.
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    UniqueFd read_end(ends[0]), write_end(ends[1]);
    {
        ChildProcess middle = start_child(Why{"middle"}, [&] {
            pid_t self = ::getpid();
            ChildProcess child = start_child(Why{"grandchild"}, [&] {
                die_with_parent(self);
                ::dup2(write_end.get(), 1);
                exec_shell("exec sleep 99");
            });
            write_end.reset();
            exec_shell("exec sleep 99");  // keeps the pid: still the parent
        });
        write_end.reset();
    }  // kills the middle one
    // The grandchild held the last write end: an empty read says it is gone.
    char byte = 0;
    CHECK(::read(read_end.get(), &byte, 1) == 0);
}
