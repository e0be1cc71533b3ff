#include "06-engine/runtime/container_init.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "02-namespaces/isolate.hpp"
#include "02-namespaces/loopback.hpp"
#include "02-namespaces/sysctl.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/container_devices.hpp"
#include "06-engine/runtime/hooks.hpp"
#include "06-engine/runtime/masks.hpp"
#include "06-engine/terminal/console.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace slipway {

namespace {

// What `ps` shows of us until the program runs: where a start hangs.
void show_stage(const char* stage) {
    ::prctl(PR_SET_NAME, stage);
}

// Its offsets can be set only while nobody is in it: so it is made by unshare,
// which leaves us outside, and joined afterwards.
void enter_time_namespace(const std::vector<TimeOffset>& offsets) {
    act(Why{"clocks of its own"}, "unshare", ::unshare,
        shown(CLONE_NEWTIME, "CLONE_NEWTIME"));
    for (const TimeOffset& offset : offsets)
        act(Why{"so far from the host's clock"}, "write", write_kernel_file,
            shown(AT_FDCWD, "AT_FDCWD"), "/proc/self/timens_offsets",
            cat(offset.clock, " ", offset.seconds, " ", offset.nanoseconds));
    UniqueFd own(
        check(::open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC),
              "open time namespace"));
    act(Why{"in it from here on"}, "setns", ::setns, own,
        shown(CLONE_NEWTIME, "CLONE_NEWTIME"));
}

void set_names(const Spec& spec) {
    if (!spec.hostname.empty())
        act(Why{"a name of its own"}, "sethostname", ::sethostname,
            spec.hostname, spec.hostname.size());
    if (!spec.domainname.empty())
        act(Why{"a domain of its own"}, "setdomainname", ::setdomainname,
            spec.domainname, spec.domainname.size());
}

//@ begin namespaces-of-init
// Once, by whoever needs it first.
void finish_namespaces(InitPlan& plan) {
    if (std::exchange(plan.are_finished, true)) return;
    const Spec& spec = plan.spec;
    eventfd_t made = 0;
    if (plan.cgroups_made)
        check(::eventfd_read(plan.cgroups_made.get(), &made),
              "wait for the groups");
    join_cgroups(plan.cgroups);
    if (spec.is_new(CLONE_NEWUSER)) become_root_inside();
    // Not by clone: it takes the group that one is in for the top, and we were
    // not in ours yet.
    if (spec.is_new(CLONE_NEWCGROUP))
        act(Why{"the group that we are in is / from here on"}, "unshare",
            ::unshare, shown(CLONE_NEWCGROUP, "CLONE_NEWCGROUP"));
    if (spec.is_new(CLONE_NEWTIME)) enter_time_namespace(spec.time_offsets);
    set_names(spec);
}

// The parent may be busy with our network until here.
void finish_network(const Spec& spec, ParentLink& parent) {
    parent.wait_for_parent();
    if (spec.is_new(CLONE_NEWNET)) bring_loopback_up();
}
//@ end namespaces-of-init

//@ begin start-later
// A byte from `start`. By a descriptor that was opened outside: whatever the
// container's /proc is, and with no more than read(2), which filters allow.
void wait_for_start(const InitPlan& plan) {
    show_stage("slipway:created");
    char byte = 0;
    while (::read(plan.start.wait.get(), &byte, 1) < 0)
        if (errno != EINTR) throw_errno(errno, "wait for start");
}

[[noreturn]] void start_now(const InitPlan& plan, const std::string& program,
                            const std::string& state) {
    run_hooks("startContainer", plan.spec.hooks.start_container, state);
    become_program(plan.process, program);
}

// Nobody but `start` listens any more.
[[noreturn]] void start_later(const InitPlan& plan, const std::string& program,
                              const std::string& state) {
    try {
        wait_for_start(plan);
        start_now(plan, program, state);
    } catch (const Error& error) {
        std::string failure = error.encode();
        [[maybe_unused]] ssize_t told =
            ::write(plan.start.tell.get(), failure.data(), failure.size());
    }
    ::_exit(exit_engine_error);
}
//@ end start-later

// The namespaces and mounts are there, the host is still in sight.
void run_create_hooks(const Spec& spec, ParentLink& parent,
                      std::string& state) {
    show_stage("slipway:hooks");
    const Hooks& hooks = spec.hooks;
    if (hooks.prestart.empty() && hooks.create_runtime.empty() &&
        hooks.create_container.empty() && hooks.start_container.empty())
        return;  // nobody wants to know the state
    state = parent.ask(ask_for_hooks);
    run_hooks("createContainer", spec.hooks.create_container, state);
}

//@ begin make-root
void make_root(InitPlan& plan, ParentLink& parent, std::string& state) {
    const Spec& spec = plan.spec;
    ::umask(0);  // modes below are meant as they are written
    UniqueFd root = mount_container(plan.mounts);
    make_devices(root.get(), spec);
    finish_namespaces(plan);
    finish_network(spec, parent);
    run_create_hooks(spec, parent, state);
    // By the host's /proc, which no image can fake; after the hooks, of which
    // one may have brought the link that a value is for.
    set_sysctls(spec.sysctl);
    enter_root_mount(root, plan.pivot);
    share_root_mount(spec.rootfs_propagation);
    ::umask(022);
}
//@ end make-root

}  // namespace

void run_container_init(InitPlan& plan, ParentLink& parent) {
    const Spec& spec = plan.spec;
    std::string state;
    //@ begin init-begin
    show_stage("slipway:init");
    plan.mounts.enter_group = [&] { finish_namespaces(plan); };
    if (!plan.cgroups_made) finish_namespaces(plan);
    if (spec.is_new(CLONE_NEWNS)) {
        make_root(plan, parent, state);
    } else {
        finish_network(spec, parent);
        run_create_hooks(spec, parent, state);
        set_sysctls(spec.sysctl);
    }
    parent.die_with_parent();  // again: ids that have changed undid it
    make_terminal(plan.process, ConsoleFile::Show);
    begin_session(plan.process);
    //@ end init-begin
    //@ begin init-end
    make_paths_read_only(spec.readonly_paths);
    mask_paths(spec.masked_paths);
    if (spec.root_read_only) make_root_read_only();
    std::string program = confine_process(plan.process, [&](UniqueFd listener) {
        parent.send_file(std::move(listener));
    });
    // From here on we outlive our parent, unless that is not wanted: then once
    // more, because the change of user undid it.
    if (plan.dies_with_parent)
        parent.die_with_parent();
    else
        check(::prctl(PR_SET_PDEATHSIG, 0), "prctl PR_SET_PDEATHSIG");
    if (!plan.start.wait) start_now(plan, program, state);
    // `exec` is allowed while we wait, and who comes in sees us.
    hide_from_tracers();
    close_all_but(plan.process, {plan.start.wait.get(), plan.start.tell.get(),
                                 parent.socket()});
    parent.started();
    start_later(plan, program, state);
    //@ end init-end
}

}  // namespace slipway
