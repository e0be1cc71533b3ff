// start, stop, restart, kill, rm, wait, pause, unpause, rename.
#include <cstdio>
#include <memory>

#include "06-engine/cli/attached.hpp"
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_network.hpp"
#include "06-engine/engine/monitored_start.hpp"
#include "06-engine/engine/remove.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/engine/stop.hpp"
#include "06-engine/network/endpoint.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "06-engine/security/own_program.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/signals.hpp"

namespace slipway {

namespace {

// -1: wait for as long as it takes.
int parse_seconds(const std::string& text) {
    if (text == "-1") return -1;
    auto seconds = parse_unsigned(text, 1'000'000'000);
    if (!seconds)
        throw Error(ErrorKind::InvalidArgument, cat("--time ", quote(text)))
            .advise("seconds: a whole number, or -1 to wait for ever");
    return static_cast<int>(*seconds);
}

void declare_stop(CommandLine& line, StopRequest& request) {
    line.value("-s,--signal", "SIGNAL", "in place of the container's own",
               [&](auto& text) { request.signal = parse_signal(text); });
    line.value("-t,--timeout,--time", "SECONDS", "before it is killed",
               [&](auto& text) { request.timeout_s = parse_seconds(text); });
}

void say_remark(const std::string& name, const StopResult& result) {
    if (!result.remark.empty())
        std::fprintf(stderr, "slipway: %s: %s; killed (run it with --init)\n",
                     name.c_str(), result.remark.c_str());
}

// A container that does not run is stopped already.
void stop_named(const Engine& engine, const std::string& name,
                const StopRequest& request) {
    std::string id = find_container(engine, name);
    try {
        say_remark(name, stop_container(engine, id, request));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotModified) throw;
    }
}

void rename_container(const Engine& engine, const std::string& old_name,
                      const std::string& name) {
    std::string id = find_container(engine, old_name);
    ContainerLock lock(engine, id);
    ContainerRecord record = read_container(engine, id);
    if (record.name == name)
        throw Error(ErrorKind::InvalidArgument,
                    "renaming a container with the same name as its current "
                    "name");
    claim_name(engine, name, id);
    std::string before = record.name;
    record.name = name;
    write_container(engine, record);
    // Before: the next one to have the old name is to be found by it alone.
    rename_endpoints(network_store(engine), id, name, record.hostname);
    release_name(engine, before, id);
    record_container_event(engine, record, "rename", {{"oldName", before}});
}

void check_runs(const Engine& engine, const std::string& id,
                const std::string& name) {
    if (phase_of(engine, id, read_run(engine, id)) != Phase::Running)
        throw Error(ErrorKind::Conflict,
                    cat("container ", name, " is not running"));
}

}  // namespace

Verb start_container_verb(const EngineSettings& settings, char** argv) {
    struct Options {
        bool attach = false, interactive = false;
        std::string detach_keys;
    };
    auto options = std::make_shared<Options>();
    return {"start", "[OPTION...] CONTAINER...", "Start stopped containers",
            [options](CommandLine& line) {
                line.flag("-a,--attach", "show its output, pass signals on",
                          options->attach);
                line.flag("-i,--interactive", "pass our input on, too",
                          options->interactive);
                line.value("--detach-keys", "KEYS", "to leave it running",
                           [=](auto& text) { options->detach_keys = text; });
            },
            [&settings, options, argv](auto& words) {
                become_unwritable(argv);
                Engine engine = settings.open();
                if (options->attach || options->interactive) {
                    std::string name = only_word(words, "CONTAINER");
                    AttachedRun run;
                    run.input = options->interactive;
                    run.detach_keys = options->detach_keys;
                    return start_attached(engine, find_container(engine, name),
                                          run);
                }
                return for_each_word(words, "CONTAINER", [&](auto& name) {
                    try {
                        start_detached(engine, find_container(engine, name));
                    } catch (const Error& error) {
                        if (error.kind() != ErrorKind::NotModified) throw;
                    }
                });
            }};
}

Verb stop_container_verb(const EngineSettings& settings) {
    auto request = std::make_shared<StopRequest>();
    return {"stop", "[OPTION...] CONTAINER...", "Stop running containers",
            [=](CommandLine& line) { declare_stop(line, *request); },
            [&settings, request](auto& words) {
                Engine engine = settings.open();
                return for_each_word(words, "CONTAINER", [&](auto& name) {
                    stop_named(engine, name, *request);
                });
            }};
}

Verb restart_container_verb(const EngineSettings& settings, char** argv) {
    auto request = std::make_shared<StopRequest>();
    request->by = by_restart;
    return {"restart", "[OPTION...] CONTAINER...", "Restart containers",
            [=](CommandLine& line) { declare_stop(line, *request); },
            [&settings, request, argv](auto& words) {
                become_unwritable(argv);
                Engine engine = settings.open();
                return for_each_word(words, "CONTAINER", [&](auto& name) {
                    std::string id = find_container(engine, name);
                    stop_named(engine, id, *request);
                    start_detached(engine, id);
                    record_container_event(engine, read_container(engine, id),
                                           "restart");
                });
            }};
}

Verb kill_container_verb(const EngineSettings& settings) {
    auto signal = std::make_shared<int>(SIGKILL);
    return {"kill", "[OPTION...] CONTAINER...",
            "Kill running containers, or send them another signal",
            [=](CommandLine& line) {
                line.value("-s,--signal", "SIGNAL", "in place of KILL",
                           [=](auto& text) { *signal = parse_signal(text); });
            },
            [&settings, signal](auto& words) {
                Engine engine = settings.open();
                return for_each_word(words, "CONTAINER", [&](auto& name) {
                    signal_container(engine, find_container(engine, name),
                                     *signal);
                });
            }};
}

Verb remove_container_verb(const EngineSettings& settings) {
    struct Options {
        bool force = false, volumes = false, link = false;
    };
    auto options = std::make_shared<Options>();
    return {"rm", "[OPTION...] CONTAINER...", "Remove containers",
            [=](CommandLine& line) {
                line.flag("-f,--force", "kill those that run", options->force);
                line.flag("-v,--volumes", "and their anonymous volumes",
                          options->volumes);
            },
            [&settings, options](auto& words) {
                Engine engine = settings.open();
                auto remove = [&](const std::string& name) {
                    remove_container(engine, find_container(engine, name),
                                     options->force,
                                     options->volumes ? RemoveVolumes::Anonymous
                                                      : RemoveVolumes::None);
                };
                int status = for_each_word(words, "CONTAINER", remove,
                                           {.absent_is_fine = options->force});
                empty_trash(engine);
                return status;
            }};
}

Verb wait_container_verb(const EngineSettings& settings) {
    return {"wait", "CONTAINER...",
            "Wait until containers have ended, and print their exit codes",
            [](CommandLine&) {},
            [&settings](auto& words) {
                Engine engine = settings.open();
                return for_each_word(
                    words, "CONTAINER",
                    [&](auto& name) {
                        std::string id = find_container(engine, name);
                        KeptFolder kept(engine, id);
                        std::printf("%d\n", wait_for_end(engine, id, kept));
                    },
                    {.quiet = true});
            }};
}

Verb pause_container_verb(const EngineSettings& settings) {
    return {"pause", "CONTAINER...", "Stop all processes of containers",
            [](CommandLine&) {},
            [&settings](auto& words) {
                Engine engine = settings.open();
                return for_each_word(words, "CONTAINER", [&](auto& name) {
                    std::string id = find_container(engine, name);
                    check_runs(engine, id, name);
                    pause_container(engine.runtime(), id);
                    record_container_event(engine, read_container(engine, id),
                                           "pause");
                });
            }};
}

Verb unpause_container_verb(const EngineSettings& settings) {
    return {"unpause", "CONTAINER...", "Let them go on", [](CommandLine&) {},
            [&settings](auto& words) {
                Engine engine = settings.open();
                return for_each_word(words, "CONTAINER", [&](auto& name) {
                    std::string id = find_container(engine, name);
                    check_runs(engine, id, name);
                    resume_container(engine.runtime(), id);
                    record_container_event(engine, read_container(engine, id),
                                           "unpause");
                });
            }};
}

Verb rename_container_verb(const EngineSettings& settings) {
    return {"rename", "CONTAINER NAME", "Rename a container",
            [](CommandLine&) {},
            [&settings](auto& words) {
                if (words.size() != 2)
                    throw Error(ErrorKind::InvalidArgument,
                                "rename takes a CONTAINER and its new NAME");
                rename_container(settings.open(), words[0], words[1]);
                return 0;
            }};
}

}  // namespace slipway
