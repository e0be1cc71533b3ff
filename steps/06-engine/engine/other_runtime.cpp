#include "06-engine/engine/other_runtime.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "04-images/overlay.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/process_text.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/exec.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "common/document.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/scope_guard.hpp"
#include "common/times.hpp"
#include "common/unix_socket.hpp"

namespace slipway {

namespace {

using Words = std::vector<std::string>;
constexpr std::size_t largest_log = 1 << 20;

struct Places {
    std::string bundle;
    std::string root() const { return bundle + "/root"; }
    std::string rootfs() const { return bundle + "/rootfs"; }
};
Places places_of(const Engine& engine, const std::string& id) {
    return {engine.run_folder_of(id) + "/other"};
}

void make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        throw_errno(errno, cat("create ", path));
}

// A runtime logs as runc does: a JSON object a line. The last error counts.
std::string last_error(const std::string& log) {
    std::string message, text;
    try {
        text = read_file(log, largest_log);
    } catch (const Error&) {
        return message;  // it has written none
    }
    for (const std::string& line : split(text, '\n')) {
        auto entry = nlohmann::json::parse(line, nullptr, false);
        if (!entry.is_object() || entry.value("level", "") != "error") continue;
        message = entry.value("msg", "");
    }
    return message;
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// As Docker reads it: no runtime says it in a better way.
int code_of(const std::string& message) {
    if (holds(message, "executable file") || holds(message, "o such file"))
        return exit_command_missing;
    if (holds(message, "ermission denied") || holds(message, "s a directory"))
        return exit_cannot_run;
    return exit_engine_error;
}

[[noreturn]] void fail(const std::string& program, const std::string& verb,
                       const std::string& log, const ExitStatus& status) {
    std::string message = last_error(log);
    std::string name = program.substr(program.rfind('/') + 1);
    throw Error(
        ErrorKind::System,
        cat(name, " ", verb, ": ", message.empty() ? status.text() : message))
        .exit_with(code_of(message));
}

struct Call {
    std::string program;
    std::string root;    // where it keeps its notes
    std::string folder;  // where it runs, and leaves its log: a bundle
    Words words;         // the verb and its arguments
    const SignalForwarder* signals = nullptr;
    std::function<void()> before_program = [] {};
};

// Runs it to its end. What it has started may live on: as our child, if we are
// their reaper.
//@ begin ask-runtime
void ask(const Call& call) {
    std::string log = call.folder + "/log";
    ::unlink(log.c_str());
    Words arguments = {call.program, "--root",       call.root, "--log",
                       log,          "--log-format", "json"};
    arguments.insert(arguments.end(), call.words.begin(), call.words.end());
    pid_t parent = ::getpid();
    ChildProcess child =
        start_child(Why{"another OCI runtime makes the container"}, [&] {
            if (call.signals) call.signals->restore_in_child();
            die_with_parent(parent);  // half a container is easier to find
            call.before_program();
            check(::chdir(call.folder.c_str()), "chdir ", call.folder);
            exec_file(call.program, arguments, own_environment());
        });
    ExitStatus status = child.wait();
    if (!status.ok()) fail(call.program, call.words[0], log, status);
}
//@ end ask-runtime

// Those whose parent ends become this process's children, while it lives.
class Reaper {
  public:
    Reaper() { check(::prctl(PR_SET_CHILD_SUBREAPER, 1), "become a reaper"); }
    Reaper(const Reaper&) = delete;
    Reaper& operator=(const Reaper&) = delete;
    ~Reaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }
};

ChildProcess take_over(const std::string& pid_file) {
    std::string text = read_file(pid_file, 64);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    auto pid = parse_unsigned(text, INT_MAX);
    if (!pid || *pid == 0)
        throw Error(ErrorKind::System,
                    cat(pid_file, ": the runtime wrote ", quote(text)));
    auto child = static_cast<pid_t>(*pid);
    UniqueFd pidfd = open_pidfd(child);
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child), &info,
                 WEXITED | WNOHANG | WNOWAIT) != 0)
        throw_errno(errno, cat("take over process ", child,
                               ", which the runtime has started"));
    return {child, std::move(pidfd)};
}

// Where it sends the terminal's outer end.
struct Console {
    std::string path;
    UniqueFd listener;
    explicit Console(const std::string& folder) : path(folder + "/console") {
        ::unlink(path.c_str());
        listener = listen_unix_socket(path, SOCK_STREAM | SOCK_NONBLOCK, 1);
    }
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
    ~Console() { ::unlink(path.c_str()); }
    UniqueFd terminal() {
        UniqueFd connection = accept_unix_socket(listener);
        SocketMessage message = receive_some(connection.get());
        if (message.files.empty())
            throw Error(ErrorKind::System, "the runtime gave no terminal");
        return std::move(message.files[0]);
    }
};

//@ begin hang-root
// In the runtime's process alone: the container's own mount namespace is a copy
// of this one, which ends with it. The host never sees the mount.
void hang_root(int root, const std::string& folder) {
    act(Why{"the root filesystem is to be seen by the runtime only"}, "unshare",
        ::unshare, shown(CLONE_NEWNS, "CLONE_NEWNS"));
    act(Why{"what we mount stays here; what the host unmounts goes here, too"},
        "mount", ::mount, "none", "/", nullptr,
        shown(MS_REC | MS_SLAVE, "MS_REC|MS_SLAVE"), nullptr);
    UniqueFd mount(check(::dup(root), "dup"));
    attach_mount(mount, folder);
}
//@ end hang-root

// Our own runtime's note of it: written before there is anything to be found.
ContainerFolder note_container(const Engine& engine, const std::string& id,
                               const Places& places, const std::string& config,
                               ContainerState& state) {
    Spec spec = parse_spec(config);
    ContainerFolder folder = ContainerFolder::create(engine.runtime().root, id);
    state.oci_version = spec.oci_version;
    state.id = id;
    state.bundle = places.bundle;
    state.rootfs = places.rootfs();
    state.created = now_text();
    state.owner = cat(::geteuid());
    state.creator = ProcessId::of(::getpid());
    state.cgroups = place_cgroups(read_cgroup_layout(), spec.cgroups_path, id);
    state.cgroups_above = missing_above(state.cgroups);
    state.annotations = spec.annotations;
    write_file_atomic(folder.file("config.json"), config, 0600, ToDisk::Later);
    folder.write(state);
    return folder;
}

}  // namespace

std::string find_runtime(const std::string& name) {
    try {
        return find_program(name, own_environment());
    } catch (Error& error) {  // the command's it is not
        error.add_context(cat("runtime ", quote(name)));
        throw std::move(error).exit_with(exit_engine_error);
    }
}

OtherStarted start_with_runtime(const Engine& engine,
                                const ContainerRecord& record,
                                const OtherStart& start) {
    Places places = places_of(engine, record.id);
    std::string program = find_runtime(record.host.runtime);
    for (const std::string& folder :
         {places.bundle, places.root(), places.rootfs()})
        make_folder(folder);
    write_file_atomic(places.bundle + "/config.json", start.config, 0600,
                      ToDisk::Later);
    ContainerState state;
    ContainerFolder folder =
        note_container(engine, record.id, places, start.config, state);

    std::optional<Console> console;
    Call create{program,
                places.root(),
                places.bundle,
                {"create", "--bundle", places.bundle, "--pid-file",
                 places.bundle + "/pid"},
                start.signals,
                [&] { hang_root(start.root, places.rootfs()); }};
    if (record.tty) {
        console.emplace(places.bundle);
        create.words.insert(create.words.end(),
                            {"--console-socket", "console"});
    }
    create.words.push_back(record.id);

    //@ begin start-with-runtime
    Reaper reaper;
    ask(create);
    OtherStarted started{take_over(places.bundle + "/pid"), {}};
    state.init = ProcessId::of(started.init.pid());
    state.creator = {};
    folder.write(state);
    if (console) started.terminal = console->terminal();
    start.in_namespaces(started.init.pid());
    ask({program,
         places.root(),
         places.bundle,
         {"start", record.id},
         start.signals});
    return started;
    //@ end start-with-runtime
}

ChildProcess exec_with_runtime(const Engine& engine,
                               const ContainerRecord& record,
                               const ProcessSpec& process, int terminal,
                               const SignalForwarder* signals) {
    if (record.host.runtime.empty()) {
        ExecOptions exec;
        exec.id = record.id;
        RuntimeContext context = engine.runtime();
        Spec spec = spec_of(ContainerFolder::look(context.root, record.id));
        return exec_in_container(context, exec, spec, process, terminal,
                                 signals);
    }
    // Several may come at once: each has a folder of its own.
    Places container = places_of(engine, record.id);
    std::string folder =
        cat(container.bundle, "/exec-", new_id().substr(0, 16));
    make_folder(folder);
    ScopeGuard remove([&] { remove_tree(folder); });
    write_file_atomic(folder + "/process.json", process_text(process), 0600,
                      ToDisk::Later);
    Call exec{find_runtime(record.host.runtime),
              container.root(),
              folder,
              {"exec", "--detach", "--process", folder + "/process.json",
               "--pid-file", folder + "/pid"},
              signals};
    std::optional<Console> console;
    if (process.terminal) {
        console.emplace(folder);
        exec.words.insert(exec.words.end(), {"--console-socket", "console"});
    }
    exec.words.push_back(record.id);
    Reaper reaper;
    ask(exec);
    ChildProcess child = take_over(folder + "/pid");
    if (console) {
        std::vector<UniqueFd> files;
        files.push_back(console->terminal());
        send_message(terminal, "terminal", files);
    }
    return child;
}

void delete_with_runtime(const Engine& engine, const std::string& id) {
    Places places = places_of(engine, id);
    if (::access(places.root().c_str(), F_OK) != 0) return;
    ask({find_runtime(read_container(engine, id).host.runtime),
         places.root(),
         places.bundle,
         {"delete", "--force", id}});
    remove_tree(places.bundle);
}

}  // namespace slipway
