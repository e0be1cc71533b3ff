#include "06-engine/runtime/state.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

template <class Body>
ErrorKind kind_of(Body body) {
    try {
        body();
    } catch (const Error& error) {
        CHECK_FALSE(error.advice().empty());
        CHECK(error.message().size() < 400);
        return error.kind();
    }
    return ErrorKind::System;
}

ContainerState example() {
    ContainerState state;
    state.oci_version = "1.0.2";
    state.id = "web";
    state.bundle = "/bundle";
    state.rootfs = "/bundle/rootfs";
    state.created = "2026-01-02T03:04:05.000000006Z";
    state.owner = "0";
    state.init = ProcessId::of(::getpid());
    state.cgroups = {{1, "/sys/fs/cgroup/memory/x"}, {2, "/sys/fs/cgroup/x"}};
    state.cgroups_above = {{2, "/sys/fs/cgroup/above"}};
    state.annotations = {{"key", "value"}};
    state.has_user_namespace = true;
    state.has_later_hooks = true;
    return state;
}

}  // namespace

TEST_CASE("what can be no container's id is refused") {
    for (std::string id : {"a", "web-1", "A_b+c.d", "0", "...", "a."})
        CHECK_NOTHROW(check_container_id(id));
    CHECK_NOTHROW(check_container_id(std::string(255, 'x')));
    using namespace std::string_literals;
    for (std::string id :
         {""s, "."s, ".."s, "../x"s, "a/b"s, "/"s, "-a"s, "--root"s, "a b"s,
          "a\0b"s, "a\n"s, "é"s, std::string(256, 'x')})
        CHECK(kind_of([&] { check_container_id(id); }) ==
              ErrorKind::InvalidArgument);
}

TEST_CASE("a container's folder is there once, until it is removed") {
    TempDir root("state");
    ContainerFolder folder = ContainerFolder::create(root.path(), "web");
    CHECK(kind_of([&] { ContainerFolder::create(root.path(), "web"); }) ==
          ErrorKind::Conflict);
    CHECK(kind_of([&] { ContainerFolder::look(root.path(), "other"); }) ==
          ErrorKind::NotFound);
    CHECK(kind_of([&] { ContainerFolder::lock(root.path(), "other"); }) ==
          ErrorKind::NotFound);
    CHECK_FALSE(folder.state());
    CHECK(folder.state_or_remains().id == "web");
    folder.remove();
    CHECK(kind_of([&] { ContainerFolder::look(root.path(), "web"); }) ==
          ErrorKind::NotFound);
    CHECK_NOTHROW(ContainerFolder::create(root.path(), "web"));
}

TEST_CASE("a link in place of a container's folder is not followed") {
    TempDir root("state");
    std::filesystem::create_directory(root.path() + "/real");
    std::filesystem::create_symlink("real", root.path() + "/web");
    CHECK(kind_of([&] { ContainerFolder::look(root.path(), "web"); }) ==
          ErrorKind::NotFound);
}

TEST_CASE("the lock keeps another process out, until it is given up") {
    TempDir root("state");
    ContainerFolder folder = ContainerFolder::create(root.path(), "web");
    int done[2];
    REQUIRE(::pipe(done) == 0);
    UniqueFd read_end(done[0]), write_end(done[1]);
    pid_t other = ::fork();
    REQUIRE(other >= 0);
    if (other == 0) {
        ContainerFolder::lock(root.path(), "web");
        [[maybe_unused]] ssize_t told = ::write(write_end.get(), "x", 1);
        ::_exit(0);
    }
    write_end.reset();
    pollfd word{read_end.get(), POLLIN, 0};
    CHECK(::poll(&word, 1, 50) == 0);  // it waits
    folder.unlock();
    CHECK(::poll(&word, 1, 10'000) == 1);
    CHECK(::waitpid(other, nullptr, 0) == other);
}

TEST_CASE("what is written of a container is read again") {
    TempDir root("state");
    ContainerFolder folder = ContainerFolder::create(root.path(), "web");
    ContainerState state = example();
    folder.write(state);
    ContainerState read = folder.state().value();
    CHECK(state_json(read, ContainerStatus::Running, true) ==
          state_json(state, ContainerStatus::Running, true));
    CHECK(read.init.start_time == state.init.start_time);
    CHECK(read.cgroups.size() == 2);
    CHECK(read.cgroups[1].path == "/sys/fs/cgroup/x");
    CHECK(read.cgroups_above[0].version == 2);
    CHECK(read.has_user_namespace);
    CHECK(read.has_later_hooks);
}

TEST_CASE("a damaged state is an error that names the file") {
    TempDir root("state");
    ContainerFolder folder = ContainerFolder::create(root.path(), "web");
    for (const char* text : {"", "{", "{}", "[]", R"({"id":7})"}) {
        write_file_atomic(folder.file("state.json"), text);
        CHECK(kind_of([&] { folder.state(); }) == ErrorKind::InvalidArgument);
    }
}

TEST_CASE("a process is known by its number and when it began") {
    ProcessId own = ProcessId::of(::getpid());
    CHECK(own.start_time > 0);
    CHECK(own.is_alive());
    CHECK(own.open());
    ProcessId other{own.pid, own.start_time + 1};  // the number given again
    CHECK_FALSE(other.is_alive());
    CHECK_FALSE(other.open());
    CHECK_FALSE(ProcessId{}.is_alive());
    CHECK_FALSE(ProcessId{}.open());
}

TEST_CASE("a zombie has ended") {
    ChildProcess child = start_child(Why{"to end at once"}, [] {});
    siginfo_t info{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child.pid()), &info,
                     WEXITED | WNOWAIT) == 0);
    CHECK_FALSE(ProcessId::of(child.pid()).is_alive());
    child.wait();
}

TEST_CASE("the status is that of the processes, whatever the folder says") {
    TempDir root("state");
    ContainerFolder folder = ContainerFolder::create(root.path(), "web");
    ContainerState state = example();
    state.cgroups = {};
    CHECK(status_of(folder, state) == ContainerStatus::Running);
    state.creator = ProcessId::of(::getpid());
    CHECK(status_of(folder, state) == ContainerStatus::Creating);
    state.creator = {};
    REQUIRE(::mkfifo(folder.file("start").c_str(), 0600) == 0);
    // Nobody reads it: the program runs already.
    CHECK(status_of(folder, state) == ContainerStatus::Running);
    UniqueFd reader(::open(folder.file("start").c_str(), O_RDWR | O_CLOEXEC));
    CHECK(status_of(folder, state) == ContainerStatus::Created);
    state.init.start_time += 1;
    CHECK(status_of(folder, state) == ContainerStatus::Stopped);
    state.creator = {1 << 22, 1};  // killed before it was done
    CHECK(status_of(folder, state) == ContainerStatus::Stopped);
}

TEST_CASE("state as the specification has it, for hooks and for people") {
    ContainerState state = example();
    auto hooks = nlohmann::json::parse(
        state_json(state, ContainerStatus::Created, false));
    CHECK(hooks["ociVersion"] == "1.0.2");
    CHECK(hooks["id"] == "web");
    CHECK(hooks["status"] == "created");
    CHECK(hooks["pid"] == ::getpid());
    CHECK(hooks["bundle"] == "/bundle");
    CHECK(hooks["annotations"]["key"] == "value");
    CHECK_FALSE(hooks.contains("rootfs"));
    auto all = nlohmann::json::parse(
        state_json(state, ContainerStatus::Stopped, true));
    CHECK(all["pid"] == 0);
    CHECK(all["rootfs"] == "/bundle/rootfs");
}

TEST_CASE("what is no container is not listed") {
    TempDir root("state");
    for (const char* id : {"b", "a"})
        ContainerFolder::create(root.path(), id).unlock();
    std::filesystem::create_directory(root.path() + "/.seccomp");
    write_file_atomic(root.path() + "/file", "");
    CHECK(list_containers(root.path()) == std::vector<std::string>{"a", "b"});
    CHECK(list_containers(root.path() + "/missing").empty());
}
