// top: the processes of a container, as the host sees them.
#include <nlohmann/json.hpp>

#include "06-engine/cli/list_look.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/process_view.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

constexpr std::size_t narrowest = 20;  // a column of docker top

int show_processes(const Engine& engine,
                   const std::vector<std::string>& words) {
    if (words.empty())
        throw Error(ErrorKind::InvalidArgument, "no CONTAINER given");
    std::string id = find_container(engine, words[0]);
    std::vector<ProcessColumn> columns =
        process_columns({words.begin() + 1, words.end()});
    if (phase_of(engine, id, read_run(engine, id)) != Phase::Running)
        throw Error(ErrorKind::Conflict,
                    cat("container ", words[0], " is not running"))
            .exit_with(1);
    print_text(table_text(
        process_table(container_processes(engine.runtime(), id), columns),
        narrowest));
    record_container_event(engine, read_container(engine, id), "top");
    return 0;
}

}  // namespace

Verb top_verb(const EngineSettings& settings) {
    return {"top",
            "CONTAINER [ps OPTION...]",
            "Display the running processes of a container",
            [](CommandLine& line) {
                line.footer(
                    "The options of ps that are known: -ef (what is shown "
                    "without any), aux,\n-o pid,user,%cpu,rss,etime,args and "
                    "others.");
            },
            [&settings](auto& words) {
                return show_processes(settings.open(), words);
            },
            true};
}

}  // namespace slipway
