#include "02-namespaces/clone.hpp"

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
