#include "06-engine/engine/events.hpp"

#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

Event start_of(const std::string& name) {
    return {"container",
            "start",
            std::string(64, 'a'),
            {{"image", "nginx:1"}, {"name", name}, {"x", "y"}}};
}

std::vector<Event> all_events(const Engine& engine) {
    std::vector<Event> events;
    follow_events(engine, 0, std::int64_t{1} << 62, [&](const Event& event) {
        events.push_back(event);
        return event.action != "end";
    });
    return events;
}

bool wanted(const std::vector<std::string>& texts, const Event& event) {
    Filters filters = event_filters();
    for (const std::string& text : texts) filters.add(text);
    return is_wanted(filters, event);
}

}  // namespace

TEST_CASE("an event is written in Docker's form and read again") {
    Event event = start_of("web");
    event.time = 1795895538'596023882;
    CHECK(event_json(event).dump() ==
          R"({"status":"start","id":")" + std::string(64, 'a') +
              R"(","from":"nginx:1","Type":"container","Action":"start",)"
              R"("Actor":{"ID":")" +
              std::string(64, 'a') +
              R"(","Attributes":{"image":"nginx:1","name":"web","x":"y"}},)"
              R"("scope":"local","time":1795895538,)"
              R"("timeNano":1795895538596023882})");
    CHECK(event_line(event) ==
          "2026-11-28T19:52:18.596023882Z container start " +
              std::string(64, 'a') + " (image=nginx:1, name=web, x=y)");
    CHECK(event_line({"volume", "create", "data", {}, 1}) ==
          "1970-01-01T00:00:00.000000001Z volume create data");
    auto again = parse_event(event_json(event).dump());
    REQUIRE(again);
    CHECK(event_json(*again) == event_json(event));
    for (const char* bad : {"", "{", "[]", "{}", "{\"Actor\":3}", "null"})
        CHECK_FALSE(parse_event(bad));
}

TEST_CASE("events are kept in their order, from several writers") {
    TempDir folder("events");
    Engine engine;
    engine.state = folder.path();
    record_event(engine, start_of("first"));
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i)
        writers.emplace_back([&] {
            for (int n = 0; n < 50; ++n) record_event(engine, start_of("x"));
        });
    for (std::thread& writer : writers) writer.join();
    record_event(engine, {"container", "end", "b"});
    std::vector<Event> events = all_events(engine);
    CHECK(events.size() == 202);
    CHECK(events.front().attributes["name"] == "first");
    CHECK(events.back().id == "b");
    CHECK(events.front().time > 0);
}

TEST_CASE(
    "the file of events does not grow for ever, and no reader loses one") {
    TempDir folder("events");
    Engine engine;
    engine.state = folder.path();
    Event large = start_of("large");
    large.attributes["fill"] = std::string(200'000, 'x');
    for (int i = 0; i < 50; ++i) {
        large.attributes["n"] = std::to_string(i);
        record_event(engine, large);
    }
    std::string path = folder.path() + "/events";
    constexpr std::size_t most = longest_event_file + (1 << 20);
    CHECK(read_file(path + ".1", most).size() < most);
    CHECK(read_file(path, most).size() < most);
    record_event(engine, {"container", "end", "b"});
    std::vector<Event> events = all_events(engine);
    CHECK(events.size() > 20);
    for (std::size_t i = 1; i + 1 < events.size(); ++i)
        CHECK(std::stoi(events[i].attributes["n"]) ==
              std::stoi(events[i - 1].attributes["n"]) + 1);
}

TEST_CASE("a follower sees what is written while it waits") {
    TempDir folder("events");
    Engine engine;
    engine.state = folder.path();
    record_event(engine, start_of("before"));
    std::vector<std::string> names;
    std::thread writer;
    follow_events(engine, 0, {}, [&](const Event& event) {
        names.push_back(event.attributes.at("name"));
        if (names.size() == 1)
            writer =
                std::thread([&] { record_event(engine, start_of("new")); });
        return names.size() < 2;
    });
    writer.join();
    CHECK(names == std::vector<std::string>{"before", "new"});
}

TEST_CASE("a half-written line is left out") {
    TempDir folder("events");
    Engine engine;
    engine.state = folder.path();
    write_file_atomic(folder.path() + "/events",
                      "{\"Type\":\"conta\nnothing\n");
    record_event(engine, {"container", "end", "b"});
    CHECK(all_events(engine).size() == 1);
}

TEST_CASE("an event that cannot be written is no failure") {
    Engine engine;
    engine.state = "/nowhere/at/all";
    record_event(engine, start_of("x"));
}

TEST_CASE("filters choose events") {
    Event event = start_of("web");
    for (const char* filter : {"type=container", "event=start", "container=web",
                               "container=aaaa", "image=nginx:1", "image=nginx",
                               "label=x", "label=x=y", "scope=local"})
        CHECK(wanted({filter}, event));
    for (const char* filter :
         {"type=image", "event=stop", "container=we", "image=nginx:2",
          "label=z", "network=web", "scope=swarm"})
        CHECK_FALSE(wanted({filter}, event));
    CHECK(wanted({"event=stop", "event=start", "type=container"}, event));
    event.action = "exec_create: sh";
    CHECK(wanted({"event=exec_create"}, event));
    CHECK(wanted({"event=exec_create: sh"}, event));
    CHECK_THROWS_AS(wanted({"nope=1"}, event), Error);
}
