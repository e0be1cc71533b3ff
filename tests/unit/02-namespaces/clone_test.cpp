#include "02-namespaces/clone.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

bool has_children() {
    return ::waitpid(-1, nullptr, WNOHANG) != -1;
}
void nothing(const ChildProcess&) {}

}  // namespace

TEST_CASE("a cloned child runs after its parent's part, and its end arrives") {
    std::string order;
    ChildProcess child = clone_process(
        Why{"test"}, {}, [&](const ChildProcess&) { order += "parent "; },
        [&](ParentLink&) { ::execlp("sh", "sh", "-c", "exit 5", nullptr); });
    CHECK(order == "parent ");
    CHECK(child.wait().exit_code() == 5);
}

TEST_CASE("an Error of either side is thrown here and leaves no child") {
    CHECK_THROWS_WITH(
        clone_process(
            Why{"test"}, {}, nothing,
            [](ParentLink&) { throw Error(ErrorKind::DataLoss, "child"); }),
        "child");
    CHECK_FALSE(has_children());
    CHECK_THROWS_WITH(
        clone_process(
            Why{"test"}, {},
            [](const ChildProcess&) {
                throw Error(ErrorKind::DataLoss, "parent");
            },
            [](ParentLink&) { ::execlp("sleep", "sleep", "99", nullptr); }),
        "parent");
    CHECK_FALSE(has_children());
}

TEST_CASE("a child that begins at once waits when it wants to") {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "pipe");
    UniqueFd from_child(ends[0]), to_parent(ends[1]);
    ChildProcess child = clone_process(
        Why{"test"}, {.namespaces = {}, .begins_at_once = true},
        [&](const ChildProcess&) {
            char byte = 0;  // it comes while we are still here
            check(::read(from_child.get(), &byte, 1), "read");
            CHECK(byte == 'b');
        },
        [&](ParentLink& parent) {
            check(::write(to_parent.get(), "b", 1), "write");
            parent.wait_for_parent();
            parent.wait_for_parent();  // once is enough
            ::execlp("sh", "sh", "-c", "exit 6", nullptr);
        });
    CHECK(child.wait().exit_code() == 6);
}

TEST_CASE(
    "of a child that has failed first, its error is the one that counts") {
    auto fail_after = [](const ChildProcess& child) {
        pollfd end{child.pidfd(), POLLIN, 0};
        check(::poll(&end, 1, -1), "poll");
        throw Error(ErrorKind::NotFound, "parent: the child is gone");
    };
    CHECK_THROWS_WITH(
        clone_process(
            Why{"test"}, {.namespaces = {}, .begins_at_once = true}, fail_after,
            [](ParentLink&) { throw Error(ErrorKind::DataLoss, "child"); }),
        "child");
    CHECK_FALSE(has_children());
}

TEST_CASE("new namespaces are new") {
    if (::geteuid() != 0) {
        WARN("skipped: namespaces without a user namespace need root");
        return;
    }
    ChildProcess child = clone_process(
        Why{"test"}, {parse_namespaces("pid,uts")}, nothing, [](ParentLink&) {
            if (::getpid() != 1) throw Error(ErrorKind::System, "not 1");
            ::execlp("true", "true", nullptr);
        });
    CHECK(child.wait().ok());
}

TEST_CASE("a process with several threads must not clone") {
    std::promise<void> done;
    std::thread other([&] { done.get_future().wait(); });
    CHECK_THROWS_WITH(
        clone_process(Why{"test"}, {}, nothing, [](ParentLink&) {}),
        ContainsSubstring("several threads"));
    done.set_value();
    other.join();
}
