// logs: what a container has written, and what it goes on to write.
#include <memory>

#include "06-engine/cli/logs.hpp"
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/monitored_start.hpp"
#include "06-engine/monitor/attach_protocol.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

// A socket that tells when it has ended; empty: it does not run.
UniqueFd wait_beside(const Engine& engine, const std::string& id) {
    try {
        UniqueFd socket = connect_attach(engine.run_folder_of(id) + "/attach");
        send_attach(socket.get(), attach_waits);
        return socket;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound &&
            error.kind() != ErrorKind::Unavailable)
            throw;
        return {};
    }
}

int show_log_of(const Engine& engine, const std::string& word, LogQuery query) {
    std::string id = find_container(engine, word);
    if (read_container(engine, id).host.log_driver == "none")
        throw Error(ErrorKind::Unsupported,
                    "configured logging driver does not support reading")
            .advise("it was created with --log-driver none: nothing is kept");
    UniqueFd over;
    if (query.follow) over = wait_beside(engine, id);
    query.follow = query.follow && over;
    show_log(log_path(engine, id), query, over.get());
    return 0;
}

}  // namespace

Verb logs_verb(const EngineSettings& settings) {
    auto query = std::make_shared<LogQuery>();
    return {"logs", "[OPTION...] CONTAINER",
            "Show what a container has written",
            [query](CommandLine& line) { declare_logs(line, *query); },
            [&settings, query](auto& words) {
                return show_log_of(settings.open(),
                                   only_word(words, "CONTAINER"), *query);
            }};
}

}  // namespace slipway
