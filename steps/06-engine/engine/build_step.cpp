#include "06-engine/engine/build_step.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "04-images/image_user.hpp"
#include "04-images/overlay.hpp"
#include "04-images/run_image.hpp"
#include "05-build/exec_mounts.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_network.hpp"
#include "06-engine/engine/container_spec.hpp"
#include "06-engine/network/endpoint.hpp"
#include "06-engine/network/name_files.hpp"
#include "06-engine/network/user_network.hpp"
#include "06-engine/runtime/create.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/scope_guard.hpp"
#include "common/signals.hpp"

namespace slipway {

namespace {

constexpr char default_network[] = "bridge";

// As if somebody had asked for such a container.
ContainerRecord record_for(const ExecRequest& request) {
    ContainerRecord record;
    record.id = new_id();
    record.hostname = request.hostname;
    record.config.entrypoint = request.command;
    record.config.env = request.environment;
    record.config.user = request.user;
    record.config.working_dir = request.workdir;
    record.host.network_mode = request.network == ExecNetwork::Host ? "host"
                               : request.network == ExecNetwork::Default
                                   ? default_network
                                   : "none";
    if (request.memory)
        record.host.resources.memory =
            static_cast<std::int64_t>(*request.memory);
    if (request.pids)
        record.host.resources.pids_limit =
            static_cast<std::int64_t>(*request.pids);
    return record;
}

void leave_mounts_of_host() {
    act(Why{"what the command is shown is mounted where only it sees it"},
        "unshare", ::unshare, shown(CLONE_NEWNS, "CLONE_NEWNS"));
    act(Why{"and nothing of it reaches the host"}, "mount", ::mount, nullptr,
        "/", nullptr, shown(MS_REC | MS_SLAVE, "MS_REC|MS_SLAVE"), nullptr);
}

SpecMount spec_mount(const ExecMount& mount, bool user_xattr) {
    if (mount.kind == ExecMount::Kind::Tmpfs) {
        std::vector<std::string> options = {"nosuid", "nodev", "mode=0755"};
        if (mount.size != 0) options.push_back(cat("size=", mount.size));
        return {mount.target, "tmpfs", "tmpfs", options};
    }
    bool read_only = mount.read_only || mount.kind == ExecMount::Kind::File;
    return {mount.target,
            "bind",
            exec_mount_source(mount, user_xattr),
            {"rbind", "rprivate", read_only ? "ro" : "rw"}};
}

void add_resolver(const Engine& engine, const ExecRequest& request,
                  std::vector<SpecMount>& mounts) {
    if (request.network != ExecNetwork::Default) return;
    std::string path = request.place + "/resolv.conf";
    Network network = get_network(network_store(engine), default_network);
    write_file_atomic(path, resolv_conf({network}, host_resolv_conf(), {}),
                      0644, ToDisk::Later);
    mounts.push_back(
        {"/etc/resolv.conf", "bind", path, {"rbind", "rprivate", "ro"}});
}

void connect(const Engine& engine, const ContainerRecord& record, pid_t init) {
    if (record.host.network_mode != default_network) return;
    NetworkStore store = network_store(engine);
    UniqueFd space = open_network_namespace(init);
    EndpointRequest request;
    request.container = record.id;
    request.name = record.id.substr(0, 12);
    request.network_namespace = space.get();
    in_bridge_network(store, engine.warn, [&] {
        attach(store, get_network(store, default_network), request);
    });
}

ExitStatus wait_or_kill(ChildProcess& init, const SignalForwarder& signals) {
    pollfd ready[] = {{init.pidfd(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
    while (::poll(ready, 2, -1) < 0 || ready[0].revents == 0)
        if (signals.take().number != 0) init.send_signal(SIGKILL);
    return init.wait();
}

}  // namespace

//@ begin build-step
int run_build_step(const Engine& engine, const ExecRequest& request) {
    die_with_parent(::getppid());
    leave_mounts_of_host();
    ContainerRecord record = record_for(request);
    UniqueFd overlay = make_overlay({request.layers, request.upper,
                                     request.work, request.user_xattr, true});
    UniqueFd root(
        check(::openat(overlay.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open the root filesystem"));
    SpecParts parts;
    parts.user = find_image_user(root.get(), request.user);
    parts.has_user_namespace = engine.user_xattr;
    for (const ExecMount& mount : request.mounts)
        parts.mounts.push_back(spec_mount(mount, request.user_xattr));
    add_resolver(engine, request, parts.mounts);
    if (!request.workdir.empty())
        make_folders_inside(root.get(), request.workdir);

    SignalForwarder signals;
    CreateOptions create;
    create.id = record.id;
    create.bundle = request.place;
    create.config = container_spec(record, parts).dump();
    create.root = overlay.get();
    create.start_now = true;
    create.dies_with_parent = true;
    create.in_namespaces = [&](pid_t init) { connect(engine, record, init); };
    ScopeGuard give_back([&] {
        try {
            delete_container(engine.runtime(), record.id, true);
            disconnect_container(engine, record.id);
        } catch (const Error& error) {
            engine.warn(error.message());
        }
    });
    CreatedContainer created =
        create_container(engine.runtime(), create, -1, &signals);
    created.folder.unlock();
    return wait_or_kill(created.init, signals).exit_code();
}
//@ end build-step

namespace {

std::optional<ContainerStatus> status_in_runtime(const Engine& engine,
                                                 const std::string& id) {
    try {
        ContainerFolder folder =
            ContainerFolder::look(engine.runtime().root, id);
        // Of one that is just being made nothing can be said.
        auto state = folder.state();
        if (state) return status_of(folder, *state);
        return ::access(folder.file("lock").c_str(), F_OK) == 0
                   ? std::optional(ContainerStatus::Stopped)
                   : std::nullopt;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
        return std::nullopt;
    }
}

}  // namespace

bool build_step_runs(const Engine& engine, const std::string& id) {
    return status_in_runtime(engine, id).value_or(ContainerStatus::Stopped) !=
           ContainerStatus::Stopped;
}

void remove_build_leftovers(const Engine& engine) {
    RuntimeContext runtime = engine.runtime();
    for (const std::string& id : list_containers(runtime.root)) {
        if (::access(engine.folder_of(id).c_str(), F_OK) == 0) continue;
        try {
            if (status_in_runtime(engine, id) != ContainerStatus::Stopped)
                continue;
            // Not by force: waits for who is making it, and leaves it alone
            // when it runs.
            delete_container(runtime, id, false);
            disconnect_container(engine, id);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::NotFound &&
                error.kind() != ErrorKind::Conflict)
                engine.warn(error.message());
        }
    }
}

}  // namespace slipway
