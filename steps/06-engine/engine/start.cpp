#include "06-engine/engine/start.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <map>

#include <nlohmann/json.hpp>

#include "04-images/image_user.hpp"
#include "04-images/run_image.hpp"
#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_network.hpp"
#include "06-engine/engine/container_root.hpp"
#include "06-engine/engine/container_spec.hpp"
#include "06-engine/engine/end.hpp"
#include "06-engine/engine/other_runtime.hpp"
#include "06-engine/runtime/create.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "06-engine/terminal/console.hpp"
#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/scope_guard.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

// "container:ID": a namespace of another container's first process.
std::string namespace_of(const Engine& engine, const std::string& mode,
                         const char* kind) {
    std::string id = mode.substr(mode.find(':') + 1);
    // Before we look whether it runs: whoever ends it from then on sees it.
    if (kind == std::string_view("net")) note_joined(engine, id);
    std::optional<RunNote> run = read_run(engine, id);
    if (!run || !run->init.is_alive())
        throw Error(ErrorKind::Conflict,
                    cat("container ", id.substr(0, 12), " is not running"))
            .advise(cat("its ", kind,
                        " namespace is to be shared: start it "
                        "first"));
    return cat("/proc/", run->init.pid, "/ns/", kind);
}

using Namespaces = std::map<std::string, std::string>;

Namespaces joined_namespaces(const Engine& engine, const HostConfig& host) {
    Namespaces joined;
    auto join = [&](const std::string& mode, const char* type,
                    const char* kind) {
        if (mode.starts_with("container:"))
            joined[type] = namespace_of(engine, mode, kind);
    };
    join(host.network_mode, "network", "net");
    join(host.pid_mode, "pid", "pid");
    join(host.ipc_mode, "ipc", "ipc");
    return joined;
}

// Their paths have a number in them, which may be another process's by the time
// that they are opened: a volume may have been filled first.
void check_joined(const Engine& engine, const HostConfig& host,
                  const Namespaces& joined) {
    if (joined_namespaces(engine, host) != joined)
        throw Error(ErrorKind::Conflict,
                    "the container whose namespaces are to be shared has just "
                    "been started again")
            .advise("try again");
}

// Of those who share it (--ipc shareable and container:ID) one folder. For root
// a file system of --shm-size is mounted there, which remove_run() takes away;
// an ordinary user's mount others of their commands would not see: then it is a
// folder of the state's, without a limit.
std::string shared_memory(const Engine& engine, const ContainerRecord& record) {
    const std::string& mode = record.host.ipc_mode;
    if (mode == "host") return "/dev/shm";
    bool is_owner = mode == "shareable";
    if (!is_owner && !mode.starts_with("container:")) return {};
    std::string id = is_owner ? record.id : mode.substr(mode.find(':') + 1);
    std::string folder = engine.run_folder_of(id) + "/shm";
    if (is_owner && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw_errno(errno, cat("create ", folder));
    if (!is_owner && ::access(folder.c_str(), F_OK) != 0)
        throw Error(ErrorKind::Conflict, cat("container ", id.substr(0, 12),
                                             " does not share its memory"))
            .advise("start that one with --ipc shareable");
    if (is_owner && !engine.user_xattr) {
        std::string options = cat("size=", record.host.shm_size);
        act(Why{"memory that others may share, of a size", "umount2"}, "mount",
            ::mount, "shm", folder, "tmpfs",
            shown(MS_NOSUID | MS_NODEV | MS_NOEXEC,
                  "MS_NOSUID|MS_NODEV|MS_NOEXEC"),
            options.c_str());
    }
    constexpr mode_t everybody = 01777;
    check(::chmod(folder.c_str(), everybody), "chmod ", folder);
    return folder;
}

SpecParts spec_parts(const Engine& engine, const ContainerRecord& record,
                     int root) {
    SpecParts parts;
    parts.user = find_image_user(root, record.config.user);
    for (const std::string& group : record.host.group_add)
        parts.user.groups.push_back(find_image_group(root, group));
    parts.has_user_namespace = engine.user_xattr;
    parts.joined = joined_namespaces(engine, record.host);
    parts.shm_source = shared_memory(engine, record);
    parts.mounts = container_mounts(engine, record, root);
    return parts;
}

std::string config_text(const ContainerRecord& record, const SpecParts& parts) {
    nlohmann::ordered_json spec = container_spec(record, parts);
    // There are runtimes that know no version but the first.
    if (!record.host.runtime.empty()) spec["ociVersion"] = "1.0.2";
    return spec.dump();
}

void refuse_second_start(const Engine& engine, const std::string& id) {
    std::optional<RunNote> run = read_run(engine, id);
    switch (phase_of(engine, id, run)) {
        case Phase::Created:
        case Phase::Exited:
            return;
        case Phase::Lost:
            end_lost_run(engine, id);
            return;
        case Phase::Running:
            throw Error(
                ErrorKind::NotModified,
                cat("container ", id.substr(0, 12), " is already running"));
        default:
            throw Error(ErrorKind::Conflict,
                        cat("container ", id.substr(0, 12),
                            " is just being started or ended"))
                .advise("try again in a moment");
    }
}

// What the failed start leaves for ps and inspect.
void note_failure(const Engine& engine, const std::string& id,
                  const Error& error) {
    EndNote end = read_end(engine, id).value_or(EndNote{});
    end.exit_code =
        error.exit_code() == exit_engine_error ? 128 : error.exit_code();
    end.error = error.message();
    end.finished = now_text();
    write_end(engine, id, end);
}

using InNamespaces = std::function<void(pid_t init)>;

StartedContainer run_other_init(const Engine& engine,
                                const ContainerRecord& record,
                                const ContainerRoot& root,
                                const std::string& config,
                                const InNamespaces& in_namespaces,
                                const SignalForwarder* signals) {
    OtherStart start{root.mount.get(), config, in_namespaces, signals};
    InnerStreams inner(record.open_stdin && !record.tty);
    OtherStarted started = start_with_runtime(engine, record, start);
    if (record.tty) {
        inner.ours = {};
        inner.ours.terminal = std::move(started.terminal);
    }
    return {record, std::move(started.init), std::move(inner.ours)};
}

//@ begin run-init
StartedContainer run_init(const Engine& engine, const ContainerRecord& record,
                          const ContainerRoot& root, const std::string& config,
                          const InNamespaces& in_namespaces,
                          const SignalForwarder* signals) {
    CreateOptions create;
    create.id = record.id;
    create.bundle = engine.folder_of(record.id);
    create.config = config;
    create.root = root.mount.get();
    create.start_now = true;
    create.dies_with_parent = true;
    create.in_namespaces = in_namespaces;
    SocketPair console;
    if (record.tty) console = make_socket_pair();
    InnerStreams inner(record.open_stdin && !record.tty);
    CreatedContainer created = create_container(engine.runtime(), create,
                                                console.theirs.get(), signals);
    created.folder.unlock();  // others may pause it and kill it
    if (record.tty) {
        inner.ours = {};
        inner.ours.terminal = receive_terminal(console);
    }
    return {record, std::move(created.init), std::move(inner.ours)};
}
//@ end run-init

}  // namespace

StartedContainer start_run(const Engine& engine, const ImageStore& images,
                           const std::string& id,
                           const std::optional<RunNote>& earlier,
                           const SignalForwarder* signals) {
    ContainerRecord record = read_container(engine, id);
    if (!earlier) refuse_second_start(engine, id);
    //@ begin start-run
    RunNote note = earlier.value_or(RunNote{});
    note.monitor = ProcessId::of(::getpid());
    note.init = {};
    note.back_off_ms = 0;
    write_run(engine, id, note);  // from here on, who finds it can clean up
    try {
        ContainerRoot root = mount_root(engine, images, record);
        prepare_name_files(engine, record);
        SpecParts parts = spec_parts(engine, record, root.folder.get());
        if (!record.config.working_dir.empty())
            make_folders_inside(root.folder.get(), record.config.working_dir);
        std::string config = config_text(record, parts);
        note.started = now_text();
        auto in_namespaces = [&](pid_t init) {
            check_joined(engine, record.host, parts.joined);
            connect_container(engine, record, init);
        };
        auto run = record.host.runtime.empty() ? run_init : run_other_init;
        StartedContainer started =
            run(engine, record, root, config, in_namespaces, signals);
        note.init = ProcessId::of(started.init.pid());
        write_run(engine, id, note);
        record_container_event(engine, record, "start");
        return started;
    } catch (const Error& error) {
        note_failure(engine, id, error);
        clean_up_run(engine, id);
        throw;
    }
    //@ end start-run
}

}  // namespace slipway
