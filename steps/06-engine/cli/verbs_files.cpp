// cp and update: verbs that change a container where it is.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "06-engine/cli/exec_options.hpp"
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/check_request.hpp"
#include "06-engine/engine/container_copy.hpp"
#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/engine/spec_resources.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "06-engine/runtime/resources.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"

namespace slipway {

namespace {

// "NAME:PATH"; a path of the host that has a colon begins with / or . .
struct CopyWord {
    std::string container, path;
};
CopyWord parse_copy_word(const std::string& text) {
    std::size_t colon = text.find(':');
    if (text.starts_with('/') || text.starts_with('.') || colon == text.npos)
        return {"", text};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

CopySide side_of(const Engine& engine, const CopyWord& word) {
    if (word.container.empty()) return host_side(word.path);
    return container_side(engine, find_container(engine, word.container),
                          word.path);
}

void copy(const Engine& engine, const CopyWord& from, const CopyWord& to,
          const CopyRequest& request) {
    if (from.container.empty() == to.container.empty())
        throw Error(ErrorKind::InvalidArgument,
                    from.container.empty()
                        ? "one of both must be a container's: CONTAINER:PATH"
                        : "copying between containers is not supported")
            .advise("slipway cp web:/etc/hosts .   or   slipway cp . web:/srv");
    copy_between(side_of(engine, from), side_of(engine, to), request);
    const std::string& name =
        from.container.empty() ? to.container : from.container;
    if (from.container.empty())
        record_container_event(
            engine, read_container(engine, find_container(engine, name)),
            "extract-to-dir");
}

template <class Value>
void take(std::optional<Value>& to, const std::optional<Value>& from) {
    if (from) to = from;
}
void take(std::string& to, const std::string& from) {
    if (!from.empty()) to = from;
}

void join_resources(ResourceRequest& to, const ResourceRequest& from) {
    take(to.memory, from.memory);
    take(to.memory_swap, from.memory_swap);
    take(to.memory_reservation, from.memory_reservation);
    take(to.nano_cpus, from.nano_cpus);
    take(to.cpu_shares, from.cpu_shares);
    take(to.cpu_period, from.cpu_period);
    take(to.cpu_quota, from.cpu_quota);
    take(to.cpu_rt_period, from.cpu_rt_period);
    take(to.cpu_rt_runtime, from.cpu_rt_runtime);
    take(to.cpuset_cpus, from.cpuset_cpus);
    take(to.cpuset_mems, from.cpuset_mems);
    take(to.pids_limit, from.pids_limit);
    take(to.blkio_weight, from.blkio_weight);
}

void update(const Engine& engine, const UpdateLine& line,
            const std::string& name) {
    std::string id = find_container(engine, name);
    ContainerLock lock(engine, id);
    ContainerRecord record = read_container(engine, id);
    join_resources(record.host.resources, line.resources);
    for (const std::string& warning : check_resources(record.host.resources))
        engine.warn(warning);
    if (line.restart) {
        if (record.host.auto_remove && line.restart->name != "no")
            throw Error(ErrorKind::Conflict,
                        "a container with --rm cannot be restarted");
        record.host.restart = *line.restart;
    }
    Phase phase = phase_of(engine, id, read_run(engine, id));
    if (phase == Phase::Running) {
        std::string limits = limits_json(line.resources).dump();
        update_container(engine.runtime(), id,
                         read_resources(parse_document(limits, "limits",
                                                       limits.size() + 1)));
    }
    write_container(engine, record);
    record_container_event(engine, record, "update");
}

}  // namespace

Verb copy_verb(const EngineSettings& settings, char** argv) {
    auto request = std::make_shared<CopyRequest>();
    auto quiet = std::make_shared<bool>(false);
    return {"cp", "[OPTION...] CONTAINER:PATH PATH|- | PATH|- CONTAINER:PATH",
            "Copy files between a container and the host",
            [=](CommandLine& line) {
                line.flag("-a,--archive", "keep owners", request->keep_owner);
                line.flag("-L,--follow-link", "copy what a link leads to",
                          request->follow_link);
                line.flag("-q,--quiet", "nothing is said anyway", *quiet);
            },
            [&settings, request, argv](auto& words) {
                if (words.size() != 2)
                    throw Error(
                        ErrorKind::InvalidArgument,
                        "cp takes two paths, one of them a container's");
                // A tar is packed and unpacked by another program.
                if (words[0] == "-" || words[1] == "-")
                    become_beside("slipway-transfer", argv);
                copy(settings.open(), parse_copy_word(words[0]),
                     parse_copy_word(words[1]), *request);
                return 0;
            }};
}

Verb update_verb(const EngineSettings& settings) {
    auto line = std::make_shared<UpdateLine>();
    return {"update", "[OPTION...] CONTAINER...",
            "Change the limits of containers",
            [=](CommandLine& options) { declare_update(options, *line); },
            [&settings, line](auto& words) {
                finish_update(*line, words);
                Engine engine = settings.open();
                return for_each_word(words, "CONTAINER", [&](auto& name) {
                    update(engine, *line, name);
                });
            }};
}

}  // namespace slipway
