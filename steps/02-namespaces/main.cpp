// step2-namespaces: run a command in a world of its own.
#include <sched.h>
#include <unistd.h>

#include <utility>

#include "01-chroot/root.hpp"
#include "01-chroot/user.hpp"
#include "02-namespaces/clone.hpp"
#include "02-namespaces/id_map.hpp"
#include "02-namespaces/init.hpp"
#include "02-namespaces/loopback.hpp"
#include "02-namespaces/options.hpp"
#include "02-namespaces/rootfs.hpp"
#include "02-namespaces/terminal.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"

using namespace slipway;

namespace {

//@ begin become-root-inside
// In a user namespace: take the id that the map gave us. The kernel keeps our
// outside id until we ask, and an unmapped id may do nothing.
void become_root_inside() {
    act(Why{"the group that the map made root"},  //
        "setresgid", ::setresgid, gid_t{0}, gid_t{0}, gid_t{0});
    act(Why{"the user that the map made root"},  //
        "setresuid", ::setresuid, uid_t{0}, uid_t{0}, uid_t{0});
}
//@ end become-root-inside

//@ begin start-command
[[noreturn]] void start_command(const IsolationOptions& options,
                                ParentLink& parent,
                                const SignalForwarder& signals) {
    if (!options.workdir.empty()) enter_workdir(options.workdir);
    if (options.user) become_user(*options.user);
    parent.die_with_parent();  // again: ids that change undo it
    signals.restore_in_child();
    exec_program(options.command, options.environment);
}
//@ end start-command

//@ begin isolated
// Situation: in all new namespaces, with full rights over them and, unless
// there is a user namespace, over the host. The host's files are still visible.
void isolated(const IsolationOptions& options, ParentLink& parent,
              const SignalForwarder& signals) {
    const NamespaceSet& own = options.rootfs.namespaces;
    if (own.has(CLONE_NEWUSER)) become_root_inside();
    if (own.has(CLONE_NEWNET)) bring_loopback_up();
    if (!options.hostname.empty())
        act(Why{"a name of its own"}, "sethostname", ::sethostname,
            options.hostname, options.hostname.size());
    enter_rootfs(options.rootfs);
    if (options.terminal) parent.send_file(take_new_terminal());
    auto command = [&] { start_command(options, parent, signals); };
    if (!options.init) command();
    ::_exit(run_init(command, [&] { parent.started(); }));
}
//@ end isolated

//@ begin run
int run(const IsolationOptions& options) {
    SignalForwarder signals;  // from here on, signals wait for the child
    UniqueFd terminal;        // the outer end, if there is one
    join_namespaces(options.joins);
    ChildProcess child = clone_process(
        Why{"a child in namespaces of its own"}, {options.rootfs.namespaces},
        [&](const ChildProcess& cloned) {
            if (options.rootfs.namespaces.has(CLONE_NEWUSER))
                write_id_maps(cloned.pid(), *options.id_maps);
        },
        [&](ParentLink& parent) { isolated(options, parent, signals); },
        [&](UniqueFd file) { terminal = std::move(file); });
    if (terminal) return serve_terminal(terminal, child, signals).exit_code();
    return signals.wait(child).exit_code();
}
//@ end run

}  // namespace

int main(int argc, char** argv) {
    IsolationOptions options;
    CommandLine line("step2-namespaces",
                     "[OPTION...] ROOTFS [--] COMMAND [ARG...]",
                     "Run COMMAND in new namespaces, with ROOTFS as its root.");
    declare_isolation_options(line, options);
    line.footer(
        "TYPE is one of mnt, pid, uts, ipc, net, cgroup (new unless you say\n"
        "otherwise), user (new when you are not root) and time.\n\n"
        "Example:\n"
        "  step2-namespaces --hostname box /tmp/rootfs sh");
    return run_program(line, argc, argv, [&](auto& words) {
        finish_options(options, words);
        return run(options);
    });
}
