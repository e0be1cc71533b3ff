#include "06-engine/engine/events.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/text.hpp"
#include "common/times.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

constexpr std::int64_t second = 1'000'000'000;

std::int64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * second + now.tv_nsec;
}

std::string file_of(const Engine& engine) {
    return engine.state + "/events";
}

//@ begin rotate-events
// The one who gets the lock, and still finds the same file there, moves it.
void rotate(int file, const std::string& path) {
    struct stat ours {
    }, there{};
    if (::fstat(file, &ours) != 0 || ours.st_size < longest_event_file) return;
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) return;
    if (::stat(path.c_str(), &there) == 0 && there.st_ino == ours.st_ino)
        ::rename(path.c_str(), (path + ".1").c_str());
}
//@ end rotate-events

}  // namespace

ordered_json event_json(const Event& event) {
    ordered_json object;
    if (event.type == "container" || event.type == "image") {
        object["status"] = event.action;
        object["id"] = event.id;
    }
    auto image = event.attributes.find("image");
    if (event.type == "container" && image != event.attributes.end())
        object["from"] = image->second;
    object["Type"] = event.type;
    object["Action"] = event.action;
    object["Actor"] = {{"ID", event.id}, {"Attributes", event.attributes}};
    object["scope"] = "local";
    object["time"] = event.time / second;
    object["timeNano"] = event.time;
    return object;
}

//@ begin write-event
void record_event(const Engine& engine, Event event) noexcept try {
    if (event.time == 0) event.time = now_ns();
    std::string line =
        event_json(event).dump(-1, ' ', false,
                               ordered_json::error_handler_t::replace) +
        "\n";
    std::string path = file_of(engine);
    UniqueFd file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file) return;
    // One write: lines of several processes do not mix.
    [[maybe_unused]] ssize_t written =
        ::write(file.get(), line.data(), line.size());
    rotate(file.get(), path);
} catch (const std::exception&) {
    return;  // no memory: what was done is done all the same
}
//@ end write-event

std::optional<Event> parse_event(std::string_view line) {
    ordered_json object = ordered_json::parse(line, nullptr, false);
    if (!object.is_object()) return {};
    try {
        const ordered_json& actor = object.at("Actor");
        return Event{
            object.at("Type").get<std::string>(),
            object.at("Action").get<std::string>(),
            actor.at("ID").get<std::string>(),
            actor.at("Attributes").get<std::map<std::string, std::string>>(),
            object.at("timeNano").get<std::int64_t>()};
    } catch (const ordered_json::exception&) {
        return {};
    }
}

std::string event_line(const Event& event) {
    char fraction[16];
    std::snprintf(fraction, sizeof fraction, ".%09ldZ", event.time % second);
    std::string time = format_time(event.time / second);
    time.replace(time.size() - 1, 1, fraction);
    std::vector<std::string> attributes;
    for (const auto& [key, value] : event.attributes)
        attributes.push_back(cat(key, "=", value));
    std::string line =
        cat(time, " ", event.type, " ", event.action, " ", event.id);
    if (!attributes.empty()) line += cat(" (", join(attributes, ", "), ")");
    return line;
}

Filters event_filters() {
    return Filters({"container", "daemon", "event", "image", "label", "network",
                    "scope", "type", "volume"});
}

namespace {

std::string attribute(const Event& event, const std::string& key) {
    auto found = event.attributes.find(key);
    return found == event.attributes.end() ? "" : found->second;
}

// container=NAME: events of this type, about what is called so.
bool is_about(const Filters& filters, const char* type, const Event& event) {
    if (filters.values(type).empty()) return true;
    std::string name = attribute(event, "name");
    // The image of a container is meant by image=, too.
    std::string image = std::string_view(type) == "image"
                            ? attribute(event, "image")
                            : std::string();
    return filters.any(type, [&](const std::string& wanted) {
        if (!image.empty() && image.substr(0, image.rfind(':')) == wanted)
            return true;
        return (event.type == type &&
                (event.id.starts_with(wanted) || name == wanted)) ||
               (!image.empty() && image == wanted);
    });
}

}  // namespace

bool is_wanted(const Filters& filters, const Event& event) {
    std::string action = event.action.substr(0, event.action.find(':'));
    for (const char* type :
         {"container", "daemon", "image", "network", "volume"})
        if (!is_about(filters, type, event)) return false;
    auto is = [](const std::string& text) {
        return [text](const std::string& wanted) { return wanted == text; };
    };
    return filters.any("type", is(event.type)) &&
           filters.any("scope", is("local")) &&
           filters.any("event",
                       [&](const std::string& wanted) {
                           return wanted == event.action || wanted == action;
                       }) &&
           filters.labels("label", event.attributes);
}

namespace {

using Show = std::function<bool(const Event&)>;

/// Reads what is appended to a file, line by line.
class EventFile {
  public:
    explicit EventFile(const std::string& path)
        : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

    explicit operator bool() const { return static_cast<bool>(file_); }
    void skip_to_end() { ::lseek(file_.get(), 0, SEEK_END); }

    /// Still the one that writers open?
    bool is_at(const std::string& path) const {
        struct stat ours {
        }, there{};
        return ::fstat(file_.get(), &ours) == 0 &&
               ::stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino;
    }

    /// False: `show` has seen enough.
    bool read(const Show& show) {
        constexpr std::size_t longest_line = 1 << 20;
        char block[1 << 16];
        for (;;) {
            ssize_t size = ::read(file_.get(), block, sizeof block);
            if (size <= 0) return true;
            rest_.append(block, static_cast<std::size_t>(size));
            if (!lines(show)) return false;
            if (rest_.size() > longest_line) rest_.clear();
        }
    }

  private:
    bool lines(const Show& show) {
        std::size_t begin = 0;
        bool goes_on = true;
        for (std::size_t end = 0;
             goes_on && (end = rest_.find('\n', begin)) != rest_.npos;
             begin = end + 1) {
            auto event =
                parse_event(std::string_view(rest_).substr(begin, end - begin));
            if (event) goes_on = show(*event);
        }
        rest_.erase(0, begin);
        return goes_on;
    }

    UniqueFd file_;
    std::string rest_;
};

// False: the time is over.
bool wait_for_change(int watch, std::optional<std::int64_t> until) {
    constexpr std::int64_t millisecond = 1'000'000;
    constexpr std::int64_t longest = 3'600'000;
    int timeout = -1;
    if (until) {
        std::int64_t left = *until - now_ns();
        if (left <= 0) return false;
        timeout = static_cast<int>(std::min(left / millisecond + 1, longest));
    }
    pollfd ready{watch, POLLIN, 0};
    if (::poll(&ready, 1, timeout) <= 0) return true;
    char block[4096];
    [[maybe_unused]] ssize_t size = ::read(watch, block, sizeof block);
    return true;
}

}  // namespace

//@ begin follow-events
void follow_events(const Engine& engine, std::optional<std::int64_t> since,
                   std::optional<std::int64_t> until, const Show& show) {
    std::string path = file_of(engine);
    // Before the file is read: what is written meanwhile is seen, too.
    UniqueFd watch(check(::inotify_init1(IN_CLOEXEC), "watch files"));
    check(::inotify_add_watch(watch.get(), engine.state.c_str(),
                              IN_CREATE | IN_MODIFY | IN_MOVED_TO | IN_ONLYDIR),
          "watch ", engine.state);
    Show in_time = [&](const Event& event) {
        if (since && event.time < *since) return true;
        if (until && event.time > *until) return true;
        return show(event);
    };
    if (since)
        if (EventFile before(path + ".1"); before && !before.read(in_time))
            return;
    EventFile file(path);
    if (file && !since) file.skip_to_end();
    for (;;) {
        if (file && !file.read(in_time)) return;
        if (!file || !file.is_at(path)) {
            EventFile next(path);
            if (next) {
                file = std::move(next);
                if (!file.read(in_time)) return;
            }
        }
        if (!wait_for_change(watch.get(), until)) return;
    }
}
//@ end follow-events

}  // namespace slipway
