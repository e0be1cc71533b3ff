// events: what happens, as it happens.
#include <cstdio>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "06-engine/cli/list_look.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/cli/moment.hpp"
#include "06-engine/engine/events.hpp"
#include "common/error.hpp"
#include "common/template.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

struct EventOptions {
    std::string format;
    Filters filters = event_filters();
    std::optional<std::int64_t> since, until;
};

void declare_events(CommandLine& line, EventOptions& options) {
    declare_filters(line, options.filters);
    declare_format(line, options.format);
    line.value("--since", "TIME",
               "those since then: 10m, 2026-01-02T15:04:05, 1767366245",
               [&](auto& text) {
                   options.since = parse_moment("--since", text, moment_now());
               });
    line.value("--until", "TIME", "end then (0s: with those that are there)",
               [&](auto& text) {
                   options.until = parse_moment("--until", text, moment_now());
               });
}

// Names as templates know them: those of Docker's Go type.
ordered_json template_object(const Event& event) {
    ordered_json json = event_json(event);
    return {{"Status", event.action},
            {"ID", event.id},
            {"From", json.value("from", "")},
            {"Type", event.type},
            {"Action", event.action},
            {"Actor", json["Actor"]},
            {"Scope", "local"},
            {"Time", json["time"]},
            {"TimeNano", json["timeNano"]}};
}

int show_events(const Engine& engine, const EventOptions& options) {
    bool as_json = options.format == "json" || options.format == "{{json .}}";
    std::optional<Template> form;
    if (!options.format.empty() && !as_json) form.emplace(options.format);
    // Only with --until there is an end: before that is what has been.
    std::optional<std::int64_t> since = options.since;
    if (!since && options.until) since = 0;
    follow_events(engine, since, options.until, [&](const Event& event) {
        if (!is_wanted(options.filters, event)) return true;
        print_text((as_json ? event_json(event).dump()
                    : form  ? form->fill(template_object(event))
                            : event_line(event)) +
                   "\n");
        // Each as it comes, also into a pipe.
        return std::fflush(stdout) == 0;
    });
    return 0;
}

}  // namespace

Verb events_verb(const EngineSettings& settings) {
    auto options = std::make_shared<EventOptions>();
    return {"events", "[OPTION...]", "Get real time events",
            [options](CommandLine& line) { declare_events(line, *options); },
            [&settings, options](auto& words) {
                if (!words.empty())
                    throw Error(ErrorKind::InvalidArgument,
                                cat("events takes no word: ", quote(words[0])));
                return show_events(settings.open(), *options);
            }};
}

}  // namespace slipway
