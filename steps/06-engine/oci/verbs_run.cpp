// create, run, exec: the verbs that start processes.
#include <sys/prctl.h>
#include <unistd.h>

#include "02-namespaces/terminal.hpp"
#include "06-engine/oci/exec_options.hpp"
#include "06-engine/oci/verb.hpp"
#include "06-engine/oci/verbs.hpp"
#include "06-engine/runtime/create.hpp"
#include "06-engine/runtime/exec.hpp"
#include "06-engine/runtime/hooks.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "06-engine/security/own_program.hpp"
#include "06-engine/terminal/console.hpp"
#include "common/error.hpp"
#include "common/scope_guard.hpp"

namespace slipway {

namespace {

auto store(std::string& to) {
    return [&to](const std::string& value) { to = value; };
}

struct StartOptions {
    CreateOptions create;
    bool detach = false, no_pivot = false, keep = false, no_keyring = false,
         subreaper = true;
};

void declare_start(CommandLine& line, StartOptions& options) {
    CreateOptions& create = options.create;
    line.value("-b,--bundle", "DIR", "with config.json (default: .)",
               store(create.bundle));
    line.value("--console-socket", "PATH", "socket that gets the terminal",
               store(create.console_socket));
    line.value("--pid-file", "FILE", "gets the first process's number",
               store(create.pid_file));
    line.value("--preserve-fds", "N", "hand on descriptors 3 to 2+N",
               preserved_count(create.preserved_files));
    line.flag("--no-pivot", "chroot: for a root in the first memory disk",
              options.no_pivot);
    line.flag("--no-new-keyring", "keep the caller's session keyring",
              options.no_keyring);
}

CreateOptions finish(const StartOptions& options, const std::string& id) {
    CreateOptions create = options.create;
    create.id = id;
    create.pivot = !options.no_pivot;
    create.new_keyring = !options.no_keyring;
    return create;
}

// Its terminal, when nobody else takes it: ours is joined to it.
ExitStatus wait_for(ChildProcess& child, SocketPair& console, bool terminal,
                    const SignalForwarder& signals) {
    UniqueFd outer = terminal ? receive_terminal(console) : UniqueFd();
    return outer ? serve_terminal(outer, child, signals) : signals.wait(child);
}

int run_container(const OciSettings& settings, const StartOptions& options,
                  const std::string& id) {
    RuntimeContext context = settings.context();
    SignalForwarder signals;
    SocketPair console = make_socket_pair();
    CreateOptions create = finish(options, id);
    create.start_now = true;
    bool relayed = create.console_socket.empty() && !options.detach;
    CreatedContainer container = create_container(
        context, create, relayed ? console.theirs.get() : -1, &signals);
    container.folder.unlock();  // others may pause, kill, delete it
    const Spec& spec = container.spec;
    // A hook that fails, too, means: stop and destroy.
    ScopeGuard take_away([&] { delete_container(context, id, true); });
    run_hooks("poststart", spec.hooks.poststart,
              state_json(container.state, ContainerStatus::Running, false));
    if (options.detach) {
        take_away.dismiss();
        container.init.forget();
        return 0;
    }
    ExitStatus status = wait_for(container.init, console,
                                 relayed && spec.process->terminal, signals);
    take_away.dismiss();
    // With --force: somebody else may have taken it away.
    if (!options.keep) delete_container(context, id, true);
    return status.exit_code();
}

}  // namespace

Verb create_verb(OciSettings& settings, char** argv) {
    auto options = std::make_shared<StartOptions>();
    return {"create", "[OPTION...] ID",
            "Make a container that waits for start.",
            [options](CommandLine& line) { declare_start(line, *options); },
            logged(settings, [&settings, options, argv](auto& words) {
                become_unwritable(argv);
                expect_words(words, 1, 1, "create [OPTION...] ID");
                create_container(settings.context(), finish(*options, words[0]))
                    .init.forget();
                return 0;
            })};
}

Verb run_verb(OciSettings& settings, char** argv) {
    auto options = std::make_shared<StartOptions>();
    return {"run", "[OPTION...] ID", "Make a container, run it, take it away.",
            [options](CommandLine& line) {
                declare_start(line, *options);
                line.flag("-d,--detach", "return when the program runs",
                          options->detach);
                line.flag("--keep", "leave it for delete when it has ended",
                          options->keep);
                line.flag("--no-subreaper", "ignored", options->subreaper);
            },
            logged(settings, [&settings, options, argv](auto& words) {
                become_unwritable(argv);
                expect_words(words, 1, 1, "run [OPTION...] ID");
                return run_container(settings, *options, words[0]);
            })};
}

Verb exec_verb(OciSettings& settings, char** argv) {
    auto options = std::make_shared<ExecFlags>();
    return {
        "exec",
        "[OPTION...] ID [COMMAND [ARG...]]",
        "Run one more program in a container.",
        [options](CommandLine& line) { declare_exec(line, *options); },
        logged(settings,
               [&settings, options, argv](auto& words) {
                   become_unwritable(argv);
                   expect_words(words, 1, SIZE_MAX,
                                "exec [OPTION...] ID COMMAND [ARG...]");
                   RuntimeContext context = settings.context();
                   SignalForwarder signals;
                   SocketPair console = make_socket_pair();
                   Spec spec =
                       spec_of(ContainerFolder::look(context.root, words[0]));
                   ProcessSpec process = exec_process(spec, *options, words);
                   ExecOptions exec = options->exec;
                   exec.id = words[0];
                   bool relayed =
                       exec.console_socket.empty() && !options->detach;
                   ChildProcess child = exec_in_container(
                       context, exec, spec, process,
                       relayed ? console.theirs.get() : -1, &signals);
                   if (options->detach) {
                       child.forget();
                       return 0;
                   }
                   return wait_for(child, console, relayed && process.terminal,
                                   signals)
                       .exit_code();
               }),
        true};
}

}  // namespace slipway
