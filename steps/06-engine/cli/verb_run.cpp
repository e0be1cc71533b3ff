// run and create.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "04-images/platform.hpp"
#include "06-engine/cli/attached.hpp"
#include "06-engine/cli/create_options.hpp"
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/monitored_start.hpp"
#include "06-engine/engine/new_container.hpp"
#include "06-engine/engine/remove.hpp"
#include "06-engine/security/own_program.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"
#include "common/spawn.hpp"

namespace slipway {

namespace {

using Words = std::vector<std::string>;

// Fetching needs libraries that take longer to load than a container to start:
// so it is another program's work.
void pull(const Engine& engine, const CreateCommandLine& line) {
    SpawnPlan plan;
    plan.program = program_beside("slipway-transfer");
    plan.arguments = {"slipway", "--root",     engine.root,
                      "--state", engine.state, "pull"};
    if (line.quiet) plan.arguments.emplace_back("--quiet");
    if (!line.request.platform.empty())
        plan.arguments.insert(plan.arguments.end(),
                              {"--platform", line.request.platform});
    plan.arguments.push_back(line.request.image);
    plan.files = {{STDERR_FILENO, STDOUT_FILENO}};  // stdout is the container's
    ExitStatus status = spawn(std::move(plan)).wait();
    if (!status.ok())
        throw Error(ErrorKind::NotFound,
                    cat("image ", quote(line.request.image),
                        " is not here and could not be pulled"));
}

// One that is here for another platform is none.
void check_platform(const std::string& wanted, const StoredImage& image) {
    if (wanted.empty() ||
        platform_rank(parse_platform(wanted), image.config.platform))
        return;
    throw Error(ErrorKind::NotFound,
                cat("image with reference ", image.name.name,
                    " was found but does not provide the specified platform (",
                    wanted, "): it is for ", image.config.platform.text()))
        .advise("leave --platform out, or pull the one that you want");
}

// Not through a link that somebody else has put there.
void write_cid_file(const std::string& path, const std::string& id) {
    if (path.empty()) return;
    UniqueFd file(::open(path.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                         0644));
    if (!file && errno == EEXIST)
        throw Error(ErrorKind::Conflict,
                    cat("--cidfile ", path, ": the file is there already"))
            .advise("remove it, or name another one");
    if (!file) throw_errno(errno, cat("--cidfile ", path));
    write_all(file.get(), id);
}

ContainerRecord create(const Engine& engine, const CreateCommandLine& line) {
    const std::string& policy = line.request.pull;
    ImageStore images(engine.root);
    if (policy == "always") pull(engine, line);
    try {
        StoredImage image = image_of(images, line.request);
        check_platform(line.request.platform, image);
        check_command(line, image.config.config);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound || policy != "missing") throw;
        std::fprintf(stderr, "Unable to find image '%s' locally\n",
                     line.request.image.c_str());
        pull(engine, line);
    }
    ContainerRecord record = new_container(engine, images, line.request);
    record_container_event(engine, record, "create");
    try {
        write_cid_file(line.cid_file, record.id);
    } catch (const Error&) {
        remove_container(engine, record.id, true, RemoveVolumes::Anonymous);
        throw;
    }
    return record;
}

void finish_line(const CommandLine& typed, CreateCommandLine& line,
                 const Words& words) {
    finish_create_options(typed, line, words);
    for (const std::string& warning : line.warnings)
        std::fprintf(stderr, "slipway: warning: %s\n", warning.c_str());
}

void say_why_it_ended(const EndNote& end) {
    if (end.oom_killed)
        std::fprintf(stderr, "slipway: %s\n", end.reason.c_str());
}

int run_in_foreground(const Engine& engine, const ContainerRecord& record) {
    SignalForwarder signals;
    LocalClient client;
    client.in = record.attach_stdin ? STDIN_FILENO : -1;
    client.out = record.attach_stdout ? STDOUT_FILENO : -1;
    client.err = record.attach_stderr ? STDERR_FILENO : -1;
    client.signals = &signals;
    AfterEnd after = run_here(engine, record.id, client);
    say_why_it_ended(after.end);
    return after.end.exit_code;
}

int run_with_client(const Engine& engine, const CreateCommandLine& line,
                    const ContainerRecord& record) {
    AttachedRun run;
    run.input = record.attach_stdin;
    run.output = record.attach_stdout;
    run.errors = record.attach_stderr;
    run.proxy_signals = line.run.sig_proxy;
    run.detach_keys = line.run.detach_keys;
    return start_attached(engine, record.id, run);
}

// Somebody may leave such a container, or it may be started again: then this
// process cannot be its monitor.
bool needs_monitor(const CreateCommandLine& line,
                   const ContainerRecord& record) {
    return record.tty || !line.run.sig_proxy ||
           record.host.restart.name != "no";
}

int run(const Engine& engine, const CreateCommandLine& line) {
    const HostConfig& host = line.request.host;
    if (line.request.tty && line.request.open_stdin && !line.run.detach &&
        !::isatty(STDIN_FILENO))
        throw Error(ErrorKind::InvalidArgument, "the input device is not a TTY")
            .advise("leave -t out when the input is a file or a pipe")
            .exit_with(1);
    ContainerRecord record = create(engine, line);
    try {
        if (line.run.detach) {
            start_detached(engine, record.id);
            std::puts(record.id.c_str());
            return 0;
        }
        int code = needs_monitor(line, record)
                       ? run_with_client(engine, line, record)
                       : run_in_foreground(engine, record);
        return code;
    } catch (const Error&) {
        // As Docker: what could not be started stays, unless --rm.
        if (host.auto_remove) try {
                remove_container(engine, record.id, true,
                                 RemoveVolumes::Anonymous);
                empty_trash(engine);
            } catch (const Error& error) {
                engine.warn(error.message());
            }
        throw;
    }
}

}  // namespace

Verb run_container_verb(const EngineSettings& settings, char** argv) {
    auto line = std::make_shared<CreateCommandLine>();
    auto typed = std::make_shared<CommandLine*>(nullptr);
    return {"run",
            "[OPTION...] IMAGE [COMMAND [ARG...]]",
            "Create and run a new container from an image",
            [=](CommandLine& options) {
                declare_create_options(options, *line);
                declare_run_options(options, *line);
                *typed = &options;
            },
            [&settings, line, typed, argv](auto& words) {
                become_unwritable(argv);
                finish_line(**typed, *line, words);
                return run(settings.open(), *line);
            },
            true};
}

Verb create_container_verb(const EngineSettings& settings) {
    auto line = std::make_shared<CreateCommandLine>();
    auto typed = std::make_shared<CommandLine*>(nullptr);
    return {"create",
            "[OPTION...] IMAGE [COMMAND [ARG...]]",
            "Create a new container",
            [=](CommandLine& options) {
                declare_create_options(options, *line);
                *typed = &options;
            },
            [&settings, line, typed](auto& words) {
                finish_line(**typed, *line, words);
                std::puts(create(settings.open(), *line).id.c_str());
                return 0;
            },
            true};
}

}  // namespace slipway
