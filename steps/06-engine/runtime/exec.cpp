#include "06-engine/runtime/exec.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "02-namespaces/clone.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "06-engine/runtime/process_setup.hpp"
#include "06-engine/runtime/seccomp_listener.hpp"
#include "06-engine/terminal/console.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"

namespace slipway {

namespace {

void check_runs(const ContainerFolder& folder, const ContainerState& state) {
    ContainerStatus status = status_of(folder, state);
    if (status == ContainerStatus::Running ||
        status == ContainerStatus::Created)
        return;
    bool paused = status == ContainerStatus::Paused;
    throw Error(ErrorKind::Conflict,
                cat(paused ? "cannot exec in a paused container: "
                           : "cannot exec in a container that is not running: ",
                    quote(state.id)))
        .advise(paused ? "resume it first" : "state tells how it is");
}

int namespaces_of(const Spec& spec) {
    int flags = 0;
    for (const NamespaceSpec& each : spec.namespaces) flags |= each.flag;
    return flags;
}

void join(const char* reason, const UniqueFd& init, int flags) {
    if (flags != 0)
        act(Why{reason}, "setns", ::setns, init,
            shown(flags, NamespaceSet{flags}.text()));
}

struct ExecPlan {
    ProcessPlan process;
    UniqueFd init, console;
    std::vector<CgroupFolder> cgroups;
    int namespaces = 0;  // for the child to join
    std::function<void()> in_child;
};

// Situation: in the container's pid namespace, so its processes see us; for the
// rest still on the host.
//@ begin exec-child
void run_exec_child(ExecPlan& plan, ParentLink& parent) {
    join_cgroups(plan.cgroups);
    join("all the rest of the container's world", plan.init, plan.namespaces);
    parent.die_with_parent();  // again: ids that have changed undid it
    const ProcessSpec& process = plan.process.process;
    if (plan.console) {
        auto size =
            process.console_size.value_or(ProcessSpec::ConsoleSize{0, 0});
        give_terminal(plan.console.get(), size.height, size.width,
                      process.user.uid, ConsoleFile::Leave);
        plan.console.reset();
    } else {
        act(Why{"no terminal of ours can be typed into"}, "setsid", ::setsid);
    }
    std::string program = confine_process(plan.process, [&](UniqueFd listener) {
        parent.send_file(std::move(listener));
    });
    plan.in_child();
    check(::prctl(PR_SET_PDEATHSIG, 0), "prctl PR_SET_PDEATHSIG");
    exec_file(program, process.args, process.env);
}
//@ end exec-child

}  // namespace

ChildProcess exec_in_container(const RuntimeContext& context,
                               const ExecOptions& options,
                               const ProcessSpec& process, int terminal,
                               const SignalForwarder* signals) {
    ContainerFolder folder = ContainerFolder::look(context.root, options.id);
    ContainerState state = folder.state_or_remains();
    check_runs(folder, state);
    Spec spec = spec_of(folder);
    ExecPlan plan{.process = {.process = process},
                  .init = state.init.open(),
                  .console = {},
                  .cgroups = open_cgroups(state.cgroups),
                  .namespaces = namespaces_of(spec),
                  .in_child = [&] {
                      if (signals) signals->restore_in_child();
                  }};
    check_runs(folder, state);  // it may have ended while we looked
    if (spec.seccomp)
        plan.process.seccomp =
            cached_seccomp(*spec.seccomp, context.root + "/.seccomp");
    plan.process.personality = spec.personality;
    plan.process.keyring = "_ses." + options.id;
    plan.process.preserved_files = options.preserved_files;
    plan.process.has_user_namespace = state.has_user_namespace;
    if (!options.console_socket.empty())
        plan.console = connect_console(options.console_socket);
    else if (process.terminal && terminal >= 0)
        plan.console.reset(check(::fcntl(terminal, F_DUPFD_CLOEXEC, 0), "dup"));
    else if (process.terminal)
        throw Error(ErrorKind::InvalidArgument,
                    "process.terminal: nobody takes the terminal")
            .advise("give a --console-socket");

    //@ begin exec-joins
    hide_from_tracers();
    if (state.has_user_namespace && ::geteuid() != 0) {
        join("without rights of our own: those of its user namespace first",
             plan.init, CLONE_NEWUSER);
        plan.namespaces &= ~CLONE_NEWUSER;
    }
    if ((plan.namespaces & CLONE_NEWPID) != 0)
        join("counts for our children: the child is in it from the beginning",
             plan.init, CLONE_NEWPID);
    plan.namespaces &= ~CLONE_NEWPID;
    //@ end exec-joins

    UniqueFd listener;
    pid_t pid = 0;
    ChildProcess child = clone_process(
        Why{"one more process for the container"},
        {.namespaces = {}, .cgroup_fd = unified_fd(plan.cgroups)},
        [&](const ChildProcess& cloned) {
            pid = cloned.pid();
            limit_process(pid, process, context.warn);
        },
        [&](ParentLink& parent) { run_exec_child(plan, parent); },
        [&](UniqueFd file) { listener = std::move(file); });
    if (listener)
        send_listener(*plan.process.seccomp, std::move(listener), state);
    if (!options.pid_file.empty())
        write_file_atomic(options.pid_file, cat(pid), 0644, ToDisk::Later);
    return child;
}

}  // namespace slipway
