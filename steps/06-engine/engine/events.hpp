// What happened: a line of JSON for each event, in Docker's form.
//
//     STATE/events      appended to, one write each
//     STATE/events.1    what was there before it became too long
//
// There is no process to ask: whoever does something writes it down, whoever
// wants to know reads the file, and waits for it to grow (inotify).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "06-engine/engine/engine.hpp"
#include "common/filters.hpp"

namespace slipway {

struct Event {
    std::string type;    ///< "container", "image", "network", "volume", …
    std::string action;  ///< "start", "die", "exec_create: sh"
    std::string id;      ///< of what it is about
    std::map<std::string, std::string> attributes = {};
    std::int64_t time = 0;  ///< nanoseconds since 1970; 0: now
};

/// A log that cannot be written, or is full, is no reason for a failure: then
/// the event is lost.
void record_event(const Engine& engine, Event event) noexcept;

/// When the file is that long it is put aside, and the one before it goes.
constexpr std::int64_t longest_event_file = 4 << 20;

/// {"status", "id", "from", "Type", "Action", "Actor", "scope", "time",
/// "timeNano"}, as Docker's API has it.
nlohmann::ordered_json event_json(const Event& event);
/// Empty for a line that is none: a write that was cut short.
std::optional<Event> parse_event(std::string_view line);
/// "2026-01-02T03:04:05.000000006Z container start ID (image=…, name=…)"
std::string event_line(const Event& event);

/// container daemon event image label network scope type volume
Filters event_filters();
/// Of "exec_create: sh" the filter event=exec_create is enough.
bool is_wanted(const Filters& filters, const Event& event);

/// Shows the events since `since`, then waits for others until `until`, both in
/// nanoseconds; without `since` only those that are still to come; without
/// `until` for ever. Returns early when `show` returns false.
void follow_events(const Engine& engine, std::optional<std::int64_t> since,
                   std::optional<std::int64_t> until,
                   const std::function<bool(const Event&)>& show);

}  // namespace slipway
