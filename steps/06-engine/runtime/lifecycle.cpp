#include "06-engine/runtime/lifecycle.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/container_limits.hpp"
#include "06-engine/runtime/hooks.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

Spec spec_of(const ContainerFolder& folder) {
    return parse_spec(read_file(folder.file("config.json"), largest_spec));
}

namespace {

struct Locked {
    ContainerFolder folder;
    ContainerState state;
    ContainerStatus status;
};

Locked lock_container(const RuntimeContext& context, const std::string& id) {
    ContainerFolder folder = ContainerFolder::lock(context.root, id);
    ContainerState state = folder.state_or_remains();
    ContainerStatus status = status_of(folder, state);
    return {std::move(folder), std::move(state), status};
}

[[noreturn]] void refuse(const Locked& locked, std::string_view what,
                         std::string_view advice) {
    throw Error(ErrorKind::Conflict,
                cat("cannot ", what, " container ", quote(locked.state.id),
                    " that is ", status_text(locked.status)))
        .advise(std::string(advice));
}

// Whatever `started` says until init has closed it. If init has gone without a
// word, that is an end, too.
std::string wait_for_start(const UniqueFd& tell, const UniqueFd& init) {
    std::string said;
    while (true) {
        pollfd sources[] = {{tell.get(), POLLIN, 0}, {init.get(), POLLIN, 0}};
        if (::poll(sources, 2, -1) < 0 && errno != EINTR)
            throw_errno(errno, "wait for start");
        char bytes[4096];
        ssize_t size = ::read(tell.get(), bytes, sizeof bytes);
        if (size > 0)
            said.append(bytes, static_cast<std::size_t>(size));
        else if (size == 0 || sources[1].revents != 0)
            return said;
    }
}

// execve lets go of the two fifos in an order of its own: when nobody can read
// the first one any more, status_of() says so, too.
void wait_for_running(const UniqueFd& go) {
    pollfd readers{go.get(), 0, 0};  // POLLERR comes unasked
    while (::poll(&readers, 1, -1) < 0 && errno == EINTR) {
    }
}

void wait_for_end(const UniqueFd& process) {
    pollfd end{process.get(), POLLIN, 0};
    while (process && ::poll(&end, 1, -1) < 0 && errno == EINTR) {
    }
}

// A frozen process takes no signal, not even SIGKILL.
void thaw(const ContainerState& state) {
    if (is_frozen(state.cgroups)) freeze(open_cgroups(state.cgroups), false);
}

//@ begin take-away
void take_away(const RuntimeContext& context, const ContainerFolder& folder,
               const ContainerState& state) {
    std::string last = state_json(state, ContainerStatus::Stopped, false);
    remove_cgroups(state.cgroups, state.cgroups_above);
    std::vector<Hook> hooks;
    if (state.has_later_hooks) hooks = spec_of(folder).hooks.poststop;
    folder.remove();
    try {
        run_hooks("poststop", hooks, last);
    } catch (const Error& error) {
        context.warn(error.message());
    }
}
//@ end take-away

}  // namespace

void start_container(const RuntimeContext& context, const std::string& id) {
    Locked locked = lock_container(context, id);
    const auto& [folder, state, status] = locked;
    if (status != ContainerStatus::Created)
        refuse(locked, "start",
               "only a container that was created waits for it");
    //@ begin start-go
    UniqueFd init = state.init.open();
    UniqueFd tell(check(::open(folder.file("started").c_str(),
                               O_RDONLY | O_NONBLOCK | O_CLOEXEC),
                        "open ", folder.file("started")));
    UniqueFd go(check(
        ::open(folder.file("start").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC),
        "open ", folder.file("start")));
    write_all(go.get(), "s");
    std::string failure = wait_for_start(tell, init);
    if (!failure.empty()) {
        wait_for_end(init);
        throw Error::decode(failure);
    }
    wait_for_running(go);
    //@ end start-go
    if (!state.has_later_hooks) return;
    Spec spec = spec_of(folder);
    locked.folder.unlock();  // a hook may want to do something with it
    try {
        run_hooks("poststart", spec.hooks.poststart,
                  state_json(state, status_of(folder, state), false));
    } catch (const Error&) {
        send_signal(init, SIGKILL);
        throw;
    }
}

void kill_container(const RuntimeContext& context, const std::string& id,
                    int signal, bool all) {
    // Without the lock: who holds it may wait for a hook that never ends.
    ContainerFolder folder = ContainerFolder::look(context.root, id);
    ContainerState state = folder.state_or_remains();
    if (all) {
        for (pid_t pid : processes_of(open_cgroups(state.cgroups)))
            if (UniqueFd process = ProcessId::of(pid).open())
                send_signal(process, signal);
        return;
    }
    UniqueFd init = state.init.open();
    if (!init)
        throw Error(ErrorKind::Conflict,
                    cat("container not running: ", quote(id)))
            .advise("it has ended; delete takes away what is left");
    send_signal(init, signal);
    if (signal == SIGKILL) thaw(state);
}

//@ begin delete
void end_by_force(const ContainerFolder& folder) {
    ContainerState state = folder.state_or_remains();
    UniqueFd init = state.init.open();
    if (!init) return;
    send_signal(init, SIGKILL);
    thaw(state);
    wait_for_end(init);
}

void delete_container(const RuntimeContext& context, const std::string& id,
                      bool force) {
    try {
        // Before we have the lock: who holds it may wait for that.
        if (force) end_by_force(ContainerFolder::look(context.root, id));
        Locked locked = lock_container(context, id);
        const auto& [folder, state, status] = locked;
        if (status != ContainerStatus::Stopped) {
            if (!force) refuse(locked, "delete", "kill it first, or --force");
            end_by_force(folder);
        }
        take_away(context, folder, state);
    } catch (const Error& error) {
        if (!force || error.kind() != ErrorKind::NotFound) throw;
    }
}
//@ end delete

void pause_container(const RuntimeContext& context, const std::string& id) {
    Locked locked = lock_container(context, id);
    if (locked.status != ContainerStatus::Running &&
        locked.status != ContainerStatus::Created)
        refuse(locked, "pause", "only one that runs can be paused");
    freeze(open_cgroups(locked.state.cgroups), true);
}

void resume_container(const RuntimeContext& context, const std::string& id) {
    Locked locked = lock_container(context, id);
    if (locked.status != ContainerStatus::Paused)
        refuse(locked, "resume", "only one that is paused can go on");
    freeze(open_cgroups(locked.state.cgroups), false);
}

void update_container(const RuntimeContext& context, const std::string& id,
                      const Resources& resources) {
    Locked locked = lock_container(context, id);
    if (locked.status == ContainerStatus::Stopped)
        refuse(locked, "update", "it has ended");
    apply_resources(open_cgroups(locked.state.cgroups), read_cgroup_layout(),
                    resources);
}

std::vector<pid_t> container_processes(const RuntimeContext& context,
                                       const std::string& id) {
    ContainerFolder folder = ContainerFolder::look(context.root, id);
    ContainerState state = folder.state_or_remains();
    std::vector<CgroupFolder> groups = open_cgroups(state.cgroups);
    if (!groups.empty()) return processes_of(groups);
    if (state.init.is_alive()) return {state.init.pid};
    return {};
}

}  // namespace slipway
