#include "02-namespaces/isolate.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "01-chroot/root.hpp"
#include "02-namespaces/clone.hpp"
#include "02-namespaces/init.hpp"
#include "02-namespaces/loopback.hpp"
#include "02-namespaces/terminal.hpp"
#include "common/exec.hpp"
#include "common/ledger.hpp"

namespace slipway {

//@ begin become-root-inside
// The kernel keeps our outside id until we ask, and an unmapped id may do
// nothing.
void become_root_inside() {
    act(Why{"the group that the map made root"},  //
        "setresgid", ::setresgid, gid_t{0}, gid_t{0}, gid_t{0});
    act(Why{"the user that the map made root"},  //
        "setresuid", ::setresuid, uid_t{0}, uid_t{0}, uid_t{0});
}
//@ end become-root-inside

namespace {

//@ begin start-command
[[noreturn]] void start_command(const IsolationOptions& options,
                                const StartHooks& hooks, ParentLink& parent,
                                const SignalForwarder& signals) {
    std::optional<User> user = options.user;
    std::vector<std::string> environment = options.environment;
    hooks.child_inside(user, environment);
    if (!options.workdir.empty()) enter_workdir(options.workdir);
    if (user) become_user(*user);
    parent.die_with_parent();  // again: ids that change undo it
    signals.restore_in_child();
    exec_program(options.command, environment);
}
//@ end start-command

//@ begin isolated
// Situation: in all new namespaces, with full rights over them and, unless
// there is a user namespace, over the host. The host's files are still visible.
void isolated(const IsolationOptions& options, const StartHooks& hooks,
              ParentLink& parent, const SignalForwarder& signals) {
    hooks.child_begins();
    const NamespaceSet& own = options.rootfs.namespaces;
    if (own.has(CLONE_NEWUSER)) become_root_inside();
    // Not with the others, by clone: it makes the group that one is in the root
    // of all groups, and clone still sees the parent's.
    if (own.has(CLONE_NEWCGROUP))
        act(Why{"the group that we are in is / from here on"},  //
            "unshare", ::unshare, shown(CLONE_NEWCGROUP, "CLONE_NEWCGROUP"));
    if (own.has(CLONE_NEWNET)) bring_loopback_up();
    set_sysctls(options.sysctls);
    if (!options.hostname.empty())
        act(Why{"a name of its own"}, "sethostname", ::sethostname,
            options.hostname, options.hostname.size());
    enter_rootfs(options.rootfs);
    if (options.terminal) {
        parent.send_file(open_new_terminal());
        take_terminal();
    }
    auto command = [&] { start_command(options, hooks, parent, signals); };
    if (!options.init) command();
    parent.die_with_parent();  // again: ids that change undo it
    ::_exit(run_init(command, [&] { parent.started(); }));
}
//@ end isolated

}  // namespace

//@ begin start-isolated
Isolated start_isolated(const IsolationOptions& options,
                        const SignalForwarder& signals,
                        const StartHooks& hooks) {
    const NamespaceSet& own = options.rootfs.namespaces;
    NamespaceSet by_clone{own.flags & ~CLONE_NEWCGROUP};
    UniqueFd terminal;
    ChildProcess child = clone_process(
        Why{"a child in namespaces of its own"}, {by_clone, hooks.cgroup_fd},
        [&](const ChildProcess& cloned) {
            if (own.has(CLONE_NEWUSER))
                write_id_maps(cloned.pid(), *options.id_maps);
        },
        [&](ParentLink& parent) { isolated(options, hooks, parent, signals); },
        [&](UniqueFd file) { terminal = std::move(file); });
    bool is_number_one = own.has(CLONE_NEWPID) && !options.init;
    return {std::move(child), std::move(terminal), is_number_one};
}
//@ end start-isolated

namespace {

//@ begin stop-together
int number_one = -1;  // its pidfd
void take_stop_signals();

// For Ctrl-Z, and for reading the terminal from the background. Number 1 has no
// default actions, so it would go on: read what is typed for the shell, or try
// to without end. What comes from outside and cannot be handled it obeys.
void stop_together(int signal) {
    int error = errno;
    ::syscall(SYS_pidfd_send_signal, number_one, SIGSTOP, nullptr, 0);
    ::raise(signal);  // by default now: we stop here, if there is a shell
    ::syscall(SYS_pidfd_send_signal, number_one, SIGCONT, nullptr, 0);
    take_stop_signals();
    errno = error;
}

void take_stop_signals() {
    struct sigaction once {};
    once.sa_handler = stop_together;
    once.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    for (int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) {
        struct sigaction before {};
        ::sigaction(signal, nullptr, &before);
        if (before.sa_handler != SIG_IGN) ::sigaction(signal, &once, nullptr);
    }
}
//@ end stop-together

}  // namespace

ExitStatus wait_isolated(Isolated& isolated, const SignalForwarder& signals) {
    if (isolated.terminal)
        return serve_terminal(isolated.terminal, isolated.child, signals);
    number_one = isolated.child.pidfd();
    if (isolated.is_number_one) take_stop_signals();
    return signals.wait(isolated.child);
}

}  // namespace slipway
