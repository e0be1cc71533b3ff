#include "06-engine/runtime/exec.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "02-namespaces/clone.hpp"
#include "02-namespaces/id_map.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "06-engine/runtime/process_setup.hpp"
#include "06-engine/runtime/seccomp_listener.hpp"
#include "06-engine/security/seccomp_answer.hpp"
#include "06-engine/terminal/console.hpp"
#include "common/error.hpp"
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

struct ExecPlan {
    ProcessPlan process;
    UniqueFd init;
    std::vector<CgroupPath> cgroups;
    int namespaces = 0;  // to join
    // A filter under which nothing can be cloned, for after that.
    std::optional<SeccompFilter> late_filter = {};
    std::string program = {};  // found by the one between
};

void run_on(const char* reason, const std::vector<unsigned>& processors) {
    if (processors.empty()) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    for (unsigned one : processors)
        if (one < CPU_SETSIZE) CPU_SET(one, &set);
    act(Why{reason}, "sched_setaffinity", ::sched_setaffinity, 0, sizeof set,
        shown(&set, cat(processors.size(), " processors")));
}

//@ begin exec-between
// Situation: on the host, with its files and all our rights, and not to be seen
// from the container. What is cloned from us will be there from its first
// moment, and whoever has CAP_SYS_PTRACE there can take it over: so it gets
// nothing that the command is not to have (CVE-2016-9962).
void enter_container(ExecPlan& plan, ParentLink& parent,
                     const RuntimeContext& context) {
    ProcessPlan& process = plan.process;
    limit_between(process.process, context.warn);
    hide_from_tracers();
    CpuAffinity affinity =
        process.process.exec_cpu_affinity.value_or(CpuAffinity{});
    run_on("until it is in its group", affinity.initial_cpus);
    join_cgroups(plan.cgroups);
    run_on("from here on", affinity.final_cpus);
    act(Why{"the container's world; of its numbers only our children get one"},
        "setns", ::setns, plan.init,
        shown(plan.namespaces, NamespaceSet{plan.namespaces}.text()));
    parent.die_with_parent();  // again: ids that have changed undid it
    make_terminal(process, ConsoleFile::Leave);
    plan.program = confine_process(process, [&](UniqueFd listener) {
        parent.send_file(std::move(listener));
    });
    close_all_but(process, {parent.socket()});
}
//@ end exec-between

//@ begin exec-child
// Situation: as the command will be. Others of the container may look on.
void run_exec_child(const ExecPlan& plan, const ParentLink& parent) {
    begin_session(plan.process);
    limit_own_number(plan.process.process);
    if (plan.late_filter)
        if (UniqueFd listener = load_seccomp(*plan.late_filter))
            parent.send_file(std::move(listener));
    become_program(plan.process, plan.program);
}
//@ end exec-child

// The filter is in force before the command's process is cloned. One that lets
// nothing be cloned comes later, which is safe where nobody may trace.
void place_filter(ExecPlan& plan, const Spec& spec) {
    ProcessPlan& process = plan.process;
    if (!process.seccomp) return;
    check_can_start(*process.seccomp);
    if (seccomp_allows(*process.seccomp, SYS_clone, sibling_flags({}))) return;
    CapabilityMask tracer = CapabilityMask{1} << CAP_SYS_PTRACE;
    bool traces = !spec.process || !spec.process->capabilities ||
                  (spec.process->capabilities->bounding & tracer) != 0;
    if (traces || !process.process.no_new_privileges)
        throw Error(ErrorKind::Unsupported,
                    "exec in a container whose seccomp filter refuses clone")
            .advise(
                "allow clone, or have no_new_privs and no CAP_SYS_PTRACE in "
                "it: otherwise what enters could be taken over");
    plan.late_filter = std::exchange(process.seccomp, std::nullopt);
}

UniqueFd who_gets_terminal(const ExecOptions& options,
                           const ProcessSpec& process, int terminal) {
    if (!options.console_socket.empty())
        return connect_console(options.console_socket);
    if (!process.terminal) return {};
    if (terminal < 0)
        throw Error(ErrorKind::InvalidArgument,
                    "process.terminal: nobody takes the terminal")
            .advise("give a --console-socket");
    return UniqueFd(check(::fcntl(terminal, F_DUPFD_CLOEXEC, 0), "dup"));
}

ExecPlan plan_exec(const RuntimeContext& context, const ExecOptions& options,
                   const Spec& spec, const ContainerState& state,
                   const ProcessSpec& process) {
    ExecPlan plan{.process = {.process = process},
                  .init = state.init.open(),
                  .cgroups = state.cgroups,
                  .namespaces = namespaces_of(spec)};
    if (spec.seccomp)
        plan.process.seccomp =
            cached_seccomp(*spec.seccomp, context.root + "/.seccomp");
    plan.process.personality = spec.personality;
    plan.process.keyring = "_ses." + options.id;
    plan.process.preserved_files = options.preserved_files;
    plan.process.has_user_namespace =
        state.has_user_namespace || in_user_namespace();
    place_filter(plan, spec);
    return plan;
}

}  // namespace

ChildProcess exec_in_container(const RuntimeContext& context,
                               const ExecOptions& options, const Spec& spec,
                               const ProcessSpec& process, int terminal,
                               const SignalForwarder* signals) {
    ContainerFolder folder = ContainerFolder::look(context.root, options.id);
    ContainerState state = folder.state_or_remains();
    check_runs(folder, state);
    ExecPlan plan = plan_exec(context, options, spec, state, process);
    check_runs(folder, state);  // it may have ended while we looked
    plan.process.console = who_gets_terminal(options, process, terminal);
    plan.process.process.terminal = bool(plan.process.console);
    if (signals)
        plan.process.before_program = [&] { signals->restore_in_child(); };

    std::optional<SeccompFilter>& filter =
        plan.late_filter ? plan.late_filter : plan.process.seccomp;
    UniqueFd group = open_unified(plan.cgroups);
    ChildProcess child = clone_through(
        Why{"one more process for the container"},
        {.namespaces = {},
         .cgroup_fd = group.get(),
         .hears_prepare = filter && filter->notifies},
        [&](ParentLink& parent) { enter_container(plan, parent, context); },
        [&](const ChildProcess& cloned) {
            schedule_process(cloned.pid(), process);
        },
        [&](ParentLink& parent) { run_exec_child(plan, parent); },
        [&](UniqueFd listener) {
            if (filter) send_listener(*filter, std::move(listener), state);
        });
    if (!options.pid_file.empty())
        write_file_atomic(options.pid_file, cat(child.pid()), 0644,
                          ToDisk::Later);
    return child;
}

}  // namespace slipway
