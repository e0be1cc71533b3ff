#include "06-engine/monitor/log_reader.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include <nlohmann/json.hpp>

#include "06-engine/monitor/log_parts.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t read_size = 256 << 10;
constexpr std::size_t longest_line = 1 << 20;
constexpr std::int64_t ns_per_s = 1'000'000'000, ns_per_ms = 1'000'000;

// Digits of equal number, so that lines stand below each other.
void append_padded_time(std::string& out, std::string_view time) {
    constexpr std::size_t whole =
        std::string_view("0000-00-00T00:00:00").size();
    constexpr std::size_t digits = 9;
    std::string_view fraction = time.substr(std::min(whole, time.size()));
    if (!fraction.empty()) fraction.remove_suffix(1);  // Z
    if (!fraction.empty()) fraction.remove_prefix(1);  // .
    out += time.substr(0, whole);
    out += '.';
    out += fraction;
    out.append(digits - std::min(digits, fraction.size()), '0');
    out += "Z ";
}

// {"a":"1","b":"2"} as "a=1,b=2 ".
std::string details_text(std::string_view attributes) {
    auto object = nlohmann::json::parse(attributes, nullptr, false);
    std::string text;
    if (!object.is_object()) return text;
    for (const auto& [name, value] : object.items())
        if (value.is_string())
            text += cat(text.empty() ? "" : ",", name, "=",
                        value.get_ref<const std::string&>());
    return text.empty() ? text : text + " ";
}

class Reader {
  public:
    Reader(const LogQuery& query, const LogSink& sink)
        : query_(query), sink_(sink) {}

    /// The rest of a file, from where it stands. False: enough.
    bool read(LogPart& part);
    void flush();

  private:
    bool take_lines(std::string_view& bytes);
    bool take(const LogEntry& entry);
    void add(const LogEntry& entry);

    const LogQuery& query_;
    const LogSink& sink_;
    std::string buffer_, text_;
    LogStream stream_ = LogStream::Out;
    bool begins_line_[2] = {true, true};
    std::string attributes_, details_;  // of the last line: mostly the same
};

void Reader::flush() {
    if (!text_.empty()) sink_(stream_, text_);
    text_.clear();
}

void Reader::add(const LogEntry& entry) {
    if (entry.stream != stream_ || text_.size() >= read_size) flush();
    stream_ = entry.stream;
    bool& begins = begins_line_[stream_ == LogStream::Err];
    if (begins && query_.timestamps) append_padded_time(text_, entry.time);
    if (begins && query_.details) {
        if (entry.attributes != attributes_) {
            attributes_ = entry.attributes;
            details_ = details_text(attributes_);
        }
        text_ += details_;
    }
    append_unescaped(text_, entry.text);
    begins = !text_.empty() && text_.back() == '\n';
}

bool Reader::take(const LogEntry& entry) {
    if (query_.since || query_.until) {
        auto time = log_time_ns(entry.time);
        if (time && query_.until && *time > *query_.until) return false;
        if (time && query_.since && *time < *query_.since) return true;
    }
    if (entry.stream == LogStream::Out ? query_.out : query_.err) add(entry);
    return true;
}

// Leaves a line that has no end yet.
bool Reader::take_lines(std::string_view& bytes) {
    while (true) {
        std::size_t end = bytes.find('\n');
        if (end == std::string_view::npos) return true;
        auto entry = parse_log_entry(bytes.substr(0, end));
        if (entry && !take(*entry)) return false;
        bytes.remove_prefix(end + 1);
    }
}

bool Reader::read(LogPart& part) {
    struct stat info {};
    check(::fstat(part.file.get(), &info), "stat a log");
    if (query_.since && !query_.follow &&
        info.st_mtim.tv_sec * ns_per_s + info.st_mtim.tv_nsec < *query_.since)
        return true;  // nothing was written since
    std::size_t kept = 0;
    while (true) {
        buffer_.resize(kept + read_size);
        ssize_t n = ::pread(part.file.get(), buffer_.data() + kept, read_size,
                            part.from + static_cast<off_t>(kept));
        if (n < 0 && errno == EINTR) continue;
        check(n, "read a log");
        if (n == 0) return true;  // a line without an end is read again
        std::string_view bytes(buffer_.data(),
                               kept + static_cast<std::size_t>(n));
        std::size_t before = bytes.size();
        if (!take_lines(bytes)) return false;
        part.from += static_cast<off_t>(before - bytes.size());
        kept = bytes.size();
        buffer_.erase(0, before - kept);
        if (kept > longest_line) {  // nobody's: its end makes no sense, either
            part.from += static_cast<off_t>(kept);
            kept = 0;
        }
    }
}

std::int64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * ns_per_s + now.tv_nsec;
}

// Tells when something has happened to a log: it was written to, or rotated.
class LogWatch {
  public:
    // The folder, not the file: which file it is changes.
    explicit LogWatch(const std::string& path)
        : inotify_(
              check(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify")) {
        std::string folder = path.substr(0, path.rfind('/'));
        check(::inotify_add_watch(inotify_.get(), folder.c_str(),
                                  IN_MODIFY | IN_CREATE | IN_MOVED_TO),
              "watch ", folder);
    }
    /// False: `over` is readable, or the time has come.
    bool wait(int over, const std::optional<std::int64_t>& until) {
        int timeout_ms = -1;
        if (until)
            timeout_ms = static_cast<int>(std::clamp<std::int64_t>(
                (*until - now_ns()) / ns_per_ms + 1, 0, INT_MAX));
        pollfd sources[] = {{inotify_.get(), POLLIN, 0}, {over, POLLIN, 0}};
        int ready = ::poll(sources, std::size(sources), timeout_ms);
        if (ready < 0 && errno != EINTR) throw_errno(errno, "poll");
        char events[16 << 10];
        while (::read(inotify_.get(), events, sizeof events) > 0) {
        }
        return ready != 0 && sources[1].revents == 0;
    }

  private:
    UniqueFd inotify_;
};

// All that is there now, over rotations. False: enough.
bool read_all_parts(Reader& reader, const std::string& path, LogPart& part) {
    while (true) {
        if (part.file && !reader.read(part)) return false;
        UniqueFd next = open_next_part(path, part.file);
        if (!next) return true;
        // Between our last look and its rotation more was written.
        if (part.file && !reader.read(part)) return false;
        part = {std::move(next)};
    }
}

void follow(Reader& reader, const std::string& path, LogPart part,
            LogWatch& watch, const LogQuery& query, int over) {
    bool goes_on = true;
    while (goes_on) {
        goes_on = watch.wait(over, query.until);
        if (!read_all_parts(reader, path, part)) return;
        reader.flush();
    }
}

}  // namespace

void read_log(const std::string& path, const LogQuery& query,
              const LogSink& sink, int over) {
    // Before anything is read: what is written from now on is noticed.
    std::optional<LogWatch> watch;
    if (query.follow) watch.emplace(path);
    std::vector<LogPart> parts = open_log_parts(path);
    if (query.tail) keep_tail(parts, *query.tail);
    Reader reader(query, sink);
    for (LogPart& part : parts)
        if (!reader.read(part)) return reader.flush();
    reader.flush();
    if (!watch) return;
    LogPart last = parts.empty() ? LogPart{} : std::move(parts.back());
    if (read_all_parts(reader, path, last)) {
        reader.flush();
        follow(reader, path, std::move(last), *watch, query, over);
    }
    reader.flush();
}

}  // namespace slipway
