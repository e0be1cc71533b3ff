// The verbs that look at containers and change their state.
#include <cstdio>

#include <nlohmann/json.hpp>

#include "06-engine/oci/verb.hpp"
#include "06-engine/oci/verbs.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/format.hpp"
#include "common/signals.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;
using Words = std::vector<std::string>;

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
}

// A verb that takes an id and nothing else.
Verb simple_verb(OciSettings& settings, const char* name, const char* summary,
                 void (*body)(const RuntimeContext&, const std::string& id)) {
    std::string usage = cat(name, " ID");
    return {name, "ID", summary, [](CommandLine&) {},
            logged(settings, [&settings, body, usage](auto& words) {
                body(settings.context(),
                     expect_words(words, 1, 1, usage.c_str())[0]);
                return 0;
            })};
}

void print_state(const RuntimeContext& context, const std::string& id) {
    ContainerFolder folder = ContainerFolder::look(context.root, id);
    ContainerState state = folder.state_or_remains();
    print(state_json(state, status_of(folder, state), true) + "\n");
}

// As runc lists them: a container that ends while we look is left out.
std::vector<ordered_json> all_states(const RuntimeContext& context) {
    std::vector<ordered_json> states;
    for (const std::string& id : list_containers(context.root)) {
        try {
            ContainerFolder folder = ContainerFolder::look(context.root, id);
            ContainerState state = folder.state_or_remains();
            states.push_back(ordered_json::parse(
                state_json(state, status_of(folder, state), true)));
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::NotFound) throw;
        }
    }
    return states;
}

void print_list(const RuntimeContext& context, const std::string& format,
                bool quiet) {
    std::vector<ordered_json> states = all_states(context);
    if (quiet) {
        for (const ordered_json& state : states)
            print(state["id"].get<std::string>() + "\n");
        return;
    }
    if (format == "json") return print(ordered_json(states).dump() + "\n");
    print(rows_text(states,
                    {{"id", "ID"},
                     {"pid", "PID"},
                     {"status", "STATUS"},
                     {"bundle", "BUNDLE"},
                     {"created", "CREATED"},
                     {"owner", "OWNER"}},
                    "table"));
}

std::string command_of(pid_t pid) {
    try {
        std::string text = read_file(cat("/proc/", pid, "/cmdline"), 1 << 20);
        for (char& c : text)
            if (c == '\0') c = ' ';
        return text;
    } catch (const Error&) {
        return "";  // it has ended
    }
}

void print_processes(const RuntimeContext& context, const std::string& id,
                     const std::string& format) {
    std::vector<pid_t> pids = container_processes(context, id);
    if (format == "json") return print(ordered_json(pids).dump() + "\n");
    std::vector<std::vector<std::string>> rows = {{"PID", "COMMAND"}};
    for (pid_t pid : pids) rows.push_back({cat(pid), command_of(pid)});
    print(table_text(rows));
}

auto format_option(std::string& to) {
    return [&to](const std::string& value) {
        if (value != "table" && value != "json")
            throw Error(ErrorKind::InvalidArgument,
                        cat("--format ", quote(value)))
                .advise("table or json");
        to = value;
    };
}

}  // namespace

Verb start_verb(OciSettings& settings) {
    return simple_verb(settings, "start", "Let a container's program run.",
                       start_container);
}
Verb state_verb(OciSettings& settings) {
    return simple_verb(settings, "state", "Print what a container is doing.",
                       print_state);
}
Verb pause_verb(OciSettings& settings) {
    return simple_verb(settings, "pause", "Stop all its processes.",
                       pause_container);
}
Verb resume_verb(OciSettings& settings) {
    return simple_verb(settings, "resume", "Let them go on.", resume_container);
}

Verb kill_verb(OciSettings& settings) {
    auto all = std::make_shared<bool>(false);
    return {"kill", "[--all] ID [SIGNAL]", "Send a signal (default: TERM).",
            [all](CommandLine& line) {
                line.flag("-a,--all", "to every process in it", *all);
            },
            logged(settings, [&settings, all](const Words& words) {
                expect_words(words, 1, 2, "kill [--all] ID [SIGNAL]");
                int signal = parse_signal(words.size() > 1 ? words[1] : "TERM");
                kill_container(settings.context(), words[0], signal, *all);
                return 0;
            })};
}

Verb delete_verb(OciSettings& settings) {
    auto force = std::make_shared<bool>(false);
    return {"delete", "[--force] ID", "Take away a container that has ended.",
            [force](CommandLine& line) {
                line.flag("-f,--force", "kill it first; no error if it is gone",
                          *force);
            },
            logged(settings, [&settings, force](const Words& words) {
                expect_words(words, 1, 1, "delete [--force] ID");
                delete_container(settings.context(), words[0], *force);
                return 0;
            })};
}

Verb list_verb(OciSettings& settings) {
    auto format = std::make_shared<std::string>("table");
    auto quiet = std::make_shared<bool>(false);
    return {"list", "[OPTION...]", "List the containers below --root.",
            [format, quiet](CommandLine& line) {
                line.value("-f,--format", "FORM", "table or json",
                           format_option(*format));
                line.flag("-q,--quiet", "ids only", *quiet);
            },
            logged(settings, [&settings, format, quiet](const Words& words) {
                expect_words(words, 0, 0, "list [OPTION...]");
                print_list(settings.context(), *format, *quiet);
                return 0;
            })};
}

Verb ps_verb(OciSettings& settings) {
    auto format = std::make_shared<std::string>("table");
    return {"ps", "[OPTION...] ID", "List the processes of a container.",
            [format](CommandLine& line) {
                line.value("-f,--format", "FORM", "table or json",
                           format_option(*format));
            },
            logged(settings, [&settings, format](const Words& words) {
                // Behind the id runc takes options of ps(1), which is not run.
                expect_words(words, 1, SIZE_MAX, "ps [OPTION...] ID");
                print_processes(settings.context(), words[0], *format);
                return 0;
            })};
}

}  // namespace slipway
