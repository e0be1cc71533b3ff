#include "06-engine/runtime/create.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "02-namespaces/clone.hpp"
#include "02-namespaces/id_map.hpp"
#include "02-namespaces/isolate.hpp"
#include "02-namespaces/namespaces.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/container_init.hpp"
#include "06-engine/runtime/container_limits.hpp"
#include "06-engine/runtime/hooks.hpp"
#include "06-engine/runtime/seccomp_listener.hpp"
#include "06-engine/terminal/console.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/scope_guard.hpp"
#include "common/times.hpp"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace slipway {

namespace {

std::string real_folder(const std::string& path) {
    char real[PATH_MAX];
    if (!::realpath(path.c_str(), real))
        throw Error(kind_of_errno(errno), cat("bundle ", path), errno)
            .advise("--bundle names a folder with config.json in it");
    return real;
}

std::string read_config(const std::string& bundle) {
    return with_context(cat("bundle ", bundle), [&] {
        try {
            return read_file(bundle + "/config.json", largest_spec);
        } catch (Error& error) {
            if (error.kind() == ErrorKind::NotFound)
                error.set_advice(
                    "a bundle is a folder with config.json and a root "
                    "filesystem: slipway-oci spec writes an example");
            throw;
        }
    });
}

void check_can_be_done(const Spec& spec, const CreateOptions& options,
                       bool has_terminal) {
    if (!spec.process)
        throw Error(ErrorKind::InvalidArgument,
                    "config.json: process is missing: nothing to run");
    if (!spec.find_namespace(CLONE_NEWNS))
        throw Error(ErrorKind::Unsupported,
                    "config.json: linux.namespaces: a container needs a mount "
                    "namespace");
    bool wants = spec.process->terminal;
    if (wants && options.console_socket.empty() && !has_terminal)
        throw Error(ErrorKind::InvalidArgument,
                    "config.json: process.terminal: nobody takes the terminal")
            .advise(
                "give a --console-socket, or set process.terminal to false");
    if (!wants && !options.console_socket.empty())
        throw Error(ErrorKind::InvalidArgument,
                    "--console-socket without process.terminal");
    for (const std::string& label :
         {spec.process->apparmor_profile, spec.process->selinux_label,
          spec.mount_label})
        if (!label.empty() && label != "unconfined")
            throw Error(ErrorKind::Unsupported,
                        cat("config.json: the security label ", quote(label)))
                .advise(
                    "this kernel or this build has neither AppArmor nor "
                    "SELinux");
}

ProcessPlan plan_process(const RuntimeContext& context,
                         const CreateOptions& options, const Spec& spec) {
    ProcessPlan plan{.process = *spec.process};
    if (spec.seccomp) {
        plan.seccomp =
            cached_seccomp(*spec.seccomp, context.root + "/.seccomp");
        check_can_start(*plan.seccomp);
    }
    plan.personality = spec.personality;
    if (options.new_keyring) plan.keyring = "_ses." + options.id;
    plan.preserved_files = options.preserved_files;
    plan.has_user_namespace =
        spec.find_namespace(CLONE_NEWUSER) || in_user_namespace();
    return plan;
}

//@ begin make-fifos
StartFifos make_fifos(const ContainerFolder& folder) {
    auto make = [&](const char* name) {
        std::string path = folder.file(name);
        check(::mkfifo(path.c_str(), 0600), "make fifo ", path);
        return UniqueFd(
            check(::open(path.c_str(), O_RDWR | O_CLOEXEC), "open ", path));
    };
    return {make("start"), make("started")};
}
//@ end make-fifos

//@ begin open-joins
// Namespaces to join, but for those that would take our own view of the host:
// a mount namespace the child enters. A user namespace is entered before the
// child is cloned, so that its new ones belong to it.
struct Joins {
    std::vector<NamespaceJoin> by_parent, by_child, user;
};
Joins open_joins(const Spec& spec) {
    Joins joins;
    for (const NamespaceSpec& each : spec.namespaces) {
        if (each.path.empty()) continue;
        auto& list = each.flag == CLONE_NEWNS     ? joins.by_child
                     : each.flag == CLONE_NEWUSER ? joins.user
                                                  : joins.by_parent;
        for (const NamespaceKind& kind : namespace_kinds())
            if (kind.flag == each.flag)
                list.push_back(open_namespace(cat(kind.name, "=", each.path)));
    }
    return joins;
}
//@ end open-joins

// To go back to: what the parent does next, hooks included, is not for the
// namespaces that it has joined for its child.
std::vector<NamespaceJoin> own_namespaces(
    const std::vector<NamespaceJoin>& joined) {
    std::vector<NamespaceJoin> own;
    own.reserve(joined.size());
    for (const NamespaceJoin& each : joined)
        own.push_back(open_namespace(
            cat(each.kind.name, "=/proc/self/ns/", each.kind.name)));
    return own;
}

// A path may lead to the host's own namespace: what is set in it would be the
// host's, too. Only with both open can that be seen.
void refuse_to_change_own(const Spec& spec,
                          const std::vector<NamespaceJoin>& joined) {
    for (const NamespaceJoin& each : joined) {
        struct stat theirs {
        }, ours{};
        check(::fstat(each.fd.get(), &theirs), "stat namespace");
        std::string own = cat("/proc/self/ns/", each.kind.name);
        check(::stat(own.c_str(), &ours), "stat ", own);
        if (theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev)
            continue;
        for (const Sysctl& one : spec.sysctl)
            if (one.flag == each.kind.flag)
                throw Error(ErrorKind::InvalidArgument,
                            cat("config.json: linux.sysctl: ", one.name,
                                ": the host's namespace would be changed"));
        if (each.kind.flag == CLONE_NEWUTS &&
            !(spec.hostname.empty() && spec.domainname.empty()))
            throw Error(ErrorKind::InvalidArgument,
                        "config.json: hostname: the host would get it, whose "
                        "uts namespace is joined");
    }
}

NamespaceSet cloned_namespaces(const Spec& spec) {
    int flags = 0;
    for (const NamespaceSpec& each : spec.namespaces)
        if (each.path.empty()) flags |= each.flag;
    return {flags & ~(CLONE_NEWCGROUP | CLONE_NEWTIME)};  // the child's to make
}

ContainerState first_state(const CreateOptions& options, const Spec& spec,
                           const std::string& bundle,
                           const CgroupLayout& layout) {
    ContainerState state;
    state.oci_version = spec.oci_version;
    state.id = options.id;
    state.bundle = bundle;
    state.rootfs = spec.root_path.starts_with('/')
                       ? spec.root_path
                       : cat(bundle, "/", spec.root_path);
    state.created = now_text();
    state.owner = cat(::geteuid());
    state.creator = ProcessId::of(::getpid());
    state.cgroups = place_cgroups(layout, spec.cgroups_path, options.id);
    state.cgroups_above = missing_above(state.cgroups);
    state.annotations = spec.annotations;
    state.has_user_namespace = spec.find_namespace(CLONE_NEWUSER) != nullptr;
    state.has_later_hooks =
        !spec.hooks.poststart.empty() || !spec.hooks.poststop.empty();
    return state;
}

UniqueFd who_gets_terminal(const CreateOptions& options, const Spec& spec,
                           int terminal) {
    if (!options.console_socket.empty())
        return connect_console(options.console_socket);
    if (!spec.process->terminal) return {};
    return UniqueFd(check(::fcntl(terminal, F_DUPFD_CLOEXEC, 0), "dup"));
}

// An undo that must not throw: what it cannot take away, it tells.
template <class Body>
auto undo(const RuntimeContext& context, Body body) {
    return ScopeGuard([&context, body] {
        try {
            body();
        } catch (const Error& error) {
            context.warn(error.message());
        }
    });
}

// Not from a user namespace: the child has no right to enter a group later. Nor
// from another's mount namespace, where it has no path to it. And who wants it
// explained reads one after the other.
bool mounts_beside_us(const Spec& spec) {
    return !spec.find_namespace(CLONE_NEWUSER) && spec.is_new(CLONE_NEWNS) &&
           !ledger::recording();
}

// Clones the first process and talks with it until it waits, or runs.
ChildProcess clone_init(const RuntimeContext& context,
                        const CreateOptions& options, InitPlan& plan,
                        const ContainerFolder& folder, ContainerState& state,
                        const std::function<void()>& make_groups) {
    const Spec& spec = plan.spec;
    if (!spec.is_new(CLONE_NEWPID)) hide_from_tracers();
    Joins joins = open_joins(spec);
    refuse_to_change_own(spec, joins.by_parent);
    std::vector<NamespaceJoin> ours = own_namespaces(joins.by_parent);
    join_namespaces(joins.by_parent);
    ScopeGuard go_back = undo(context, [&] { join_namespaces(ours); });
    auto take_file = [&](UniqueFd listener) {
        send_listener(*plan.process.seccomp, std::move(listener), state);
    };
    //@ begin clone-init
    auto in_parent = [&](const ChildProcess& child) {
        join_namespaces(ours);  // what follows is for where we were
        if (plan.cgroups_made) {
            make_groups();
            check(::eventfd_write(plan.cgroups_made.get(), 1), "eventfd");
        }
        if (spec.is_new(CLONE_NEWUSER))
            write_id_maps(child.pid(), {spec.uid_mappings, spec.gid_mappings});
        limit_process(child.pid(), *spec.process, context.warn);
        schedule_process(child.pid(), *spec.process);
        state.init = ProcessId::of(child.pid());
        folder.write(state);  // from here on, others can take it away
        if (options.in_namespaces) options.in_namespaces(child.pid());
    };
    auto in_child = [&](ParentLink& parent) {
        if (!joins.by_child.empty()) {
            join_cgroups(plan.cgroups);  // their paths are the host's
            plan.cgroups.clear();
        }
        join_namespaces(joins.by_child);
        run_container_init(plan, parent);
    };
    auto answer = [&](const ChildProcess&, const std::string&) {
        std::string text = state_json(state, ContainerStatus::Creating, false);
        run_hooks("prestart", spec.hooks.prestart, text);
        run_hooks("createRuntime", spec.hooks.create_runtime, text);
        return text;
    };
    //@ end clone-init
    //@ begin clone-init-call
    Why why{"the container's first process, in namespaces of its own"};
    UniqueFd group = open_unified(plan.cgroups);
    CloneOptions clone{.namespaces = cloned_namespaces(spec),
                       .cgroup_fd = group.get(),
                       .begins_at_once = bool(plan.cgroups_made),
                       .says_started = bool(plan.start.wait)};
    auto enter_users = [&](ParentLink& parent) {
        join_cgroups(plan.cgroups);  // no right to it any more afterwards
        plan.cgroups.clear();
        join_namespaces(joins.user);
        become_root_inside();
        parent.die_with_parent();
    };
    ChildProcess init =
        joins.user.empty()
            ? clone_process(why, clone, in_parent, in_child, take_file, answer)
            : clone_through(why, clone, enter_users, in_parent, in_child,
                            take_file, answer);
    //@ end clone-init-call
    go_back.dismiss();
    return init;
}

}  // namespace

CreatedContainer create_container(const RuntimeContext& context,
                                  const CreateOptions& options, int terminal,
                                  const SignalForwarder* signals) {
    std::string bundle = real_folder(options.bundle);
    std::string config =
        options.config.empty() ? read_config(bundle) : options.config;
    Spec spec = parse_spec(config);
    for (const std::string& warning : spec.warnings) context.warn(warning);
    check_can_be_done(spec, options, terminal >= 0);
    CgroupLayout layout = read_cgroup_layout();

    //@ begin create-noted
    ContainerFolder folder = ContainerFolder::create(context.root, options.id);
    ScopeGuard remove_folder = undo(context, [&] { folder.remove(); });
    ContainerState state = first_state(options, spec, bundle, layout);
    refuse_used_cgroups(state.cgroups);  // or a `delete` would kill them
    folder.write(state);
    write_file_atomic(folder.file("config.json"), config, 0600, ToDisk::Later);
    //@ end create-noted

    InitPlan plan{.spec = spec,
                  .mounts = prepare_mounts(spec, bundle, layout, state.cgroups,
                                           options.root),
                  .process = plan_process(context, options, spec),
                  .cgroups = state.cgroups,
                  .cgroups_made = {},
                  .start = {},
                  .pivot = options.pivot,
                  .dies_with_parent = options.dies_with_parent};
    plan.process.console = who_gets_terminal(options, spec, terminal);
    if (signals)
        plan.process.before_program = [&] { signals->restore_in_child(); };
    if (!options.start_now) plan.start = make_fifos(folder);

    //@ begin create-done
    std::vector<CgroupPath> made;
    ScopeGuard remove_groups =
        undo(context, [&] { remove_cgroups(made, state.cgroups_above); });
    // The child begins in v2's group; those of v1 are made while it mounts.
    std::vector<CgroupFolder> groups = make_cgroups(state.cgroups, 2, made);
    auto make_groups = [&] {
        for (CgroupFolder& group : make_cgroups(state.cgroups, 1, made))
            groups.push_back(std::move(group));
        apply_resources(groups, layout, spec.resources);
        apply_device_rules(groups, layout, spec.resources.devices);
    };
    if (mounts_beside_us(spec))
        plan.cgroups_made.reset(check(::eventfd(0, EFD_CLOEXEC), "eventfd"));
    else
        make_groups();

    ChildProcess init =
        clone_init(context, options, plan, folder, state, make_groups);
    state.creator = {};
    folder.write(state);
    if (!options.pid_file.empty())
        write_file_atomic(options.pid_file, cat(state.init.pid), 0644,
                          ToDisk::Later);
    remove_groups.dismiss();
    remove_folder.dismiss();
    return {std::move(folder), std::move(state), std::move(spec),
            std::move(init)};
    //@ end create-done
}

}  // namespace slipway
