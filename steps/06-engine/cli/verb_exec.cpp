// exec: one more process in a running container.
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <memory>

#include "02-namespaces/terminal.hpp"
#include "06-engine/cli/exec_options.hpp"
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/exec_process.hpp"
#include "06-engine/engine/other_runtime.hpp"
#include "06-engine/engine/standard_streams.hpp"
#include "06-engine/monitor/detach_keys.hpp"
#include "06-engine/monitor/serve.hpp"
#include "06-engine/security/own_program.hpp"
#include "06-engine/terminal/console.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/signals.hpp"

namespace slipway {

namespace {

bool has_terminal() {
    return ::isatty(STDIN_FILENO) || ::isatty(STDOUT_FILENO) ||
           ::isatty(STDERR_FILENO);
}

// What it starts. Pipes and files of ours go in as they are.
struct Started {
    ChildProcess child;
    ContainerStreams streams;  // to be served; empty: nothing is
};
using Start = std::function<ChildProcess()>;

// A terminal of ours does not go in: who has it could read what is typed here
// later, and the command may leave somebody behind.
Started start_behind_pipes(bool interactive, const Start& start) {
    InnerStreams inner(interactive);
    ChildProcess child = start();
    return {std::move(child), std::move(inner.ours)};
}

// Without -i it has no input: what is typed here is the shell's. With -d nobody
// is there for its output.
Started start_with(const ExecLine& options, const Start& start) {
    bool input = options.interactive && !options.detach;
    if (!options.tty && !options.detach && has_terminal())
        return start_behind_pipes(input, start);
    UniqueFd null = open_null();
    ReplacedStreams streams(input ? STDIN_FILENO : null.get(),
                            options.detach ? null.get() : STDOUT_FILENO,
                            options.detach ? null.get() : STDERR_FILENO);
    return {start(), {}};
}

int serve_streams(Started& started, const SignalForwarder& signals) {
    MonitorPlan plan;
    plan.init = started.child.pid();
    plan.in = started.streams.in.release();
    plan.out = started.streams.out.release();
    plan.err = started.streams.err.release();
    plan.stdin_once = true;
    LocalClient client{plan.in >= 0 ? STDIN_FILENO : -1, STDOUT_FILENO,
                       STDERR_FILENO, &signals};
    return serve(plan, started.child, &client).exit_code();
}

KeyFilter filter_of(DetachKeys& keys) {
    return [&keys](std::string_view typed) -> std::optional<std::string> {
        DetachKeys::Typed result = keys.filter(typed);
        if (result.detach) return std::nullopt;
        return std::move(result.passed);
    };
}

int run_exec(const Engine& engine, const ExecLine& options) {
    DetachKeys keys(parse_detach_keys(options.detach_keys));
    std::string id = find_container(engine, options.container);
    ContainerRecord record = read_container(engine, id);
    ExecTyped typed = {options.command,     options.user, options.workdir,
                       options.environment, options.tty,  options.privileged};
    if (typed.tty && options.interactive && !options.detach &&
        !::isatty(STDIN_FILENO))
        throw Error(ErrorKind::InvalidArgument, "the input device is not a TTY")
            .advise("leave -t out when the input is a file or a pipe")
            .exit_with(1);
    ProcessSpec process = exec_process(engine, record, typed);
    SocketPair console;
    if (typed.tty) console = make_socket_pair();
    SignalForwarder signals;
    Started started = start_with(options, [&] {
        return exec_with_runtime(engine, record, process,
                                 typed.tty ? console.theirs.get() : -1,
                                 &signals);
    });
    ChildProcess& child = started.child;
    record_container_event(engine, record,
                           cat("exec_start: ", join(typed.command, " ")));
    if (options.detach) {
        child.forget();
        return 0;
    }
    if (started.streams.out) return serve_streams(started, signals);
    if (!typed.tty) return signals.wait(child).exit_code();
    UniqueFd terminal = receive_terminal(console);
    if (!terminal)
        throw Error(ErrorKind::System, "the container gave no terminal");
    auto status = serve_terminal(terminal, child, signals, filter_of(keys));
    if (status) return status->exit_code();
    leave_terminal(terminal);
    child.forget();
    record_container_event(engine, record, "exec_detach");
    std::fputs("read escape sequence\n", stderr);
    return 0;
}

}  // namespace

Verb exec_container_verb(const EngineSettings& settings, char** argv) {
    auto options = std::make_shared<ExecLine>();
    return {"exec",
            "[OPTION...] CONTAINER COMMAND [ARG...]",
            "Execute a command in a running container",
            [options](CommandLine& line) { declare_exec(line, *options); },
            [&settings, options, argv](auto& words) {
                become_unwritable(argv);
                finish_exec(*options, words);
                return run_exec(settings.open(), *options);
            },
            true};
}

}  // namespace slipway
