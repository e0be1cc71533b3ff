#include "06-engine/monitor/container_log.hpp"

#include <string.h>
#include <time.h>

#include <algorithm>
#include <chrono>

#include "06-engine/monitor/json_text.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_line = 16 << 10;
constexpr std::size_t batch_size = 256 << 10;

void append_digits(std::string& out, unsigned value, unsigned width) {
    std::size_t begin = out.size();
    out.resize(begin + width);
    for (std::size_t at = begin + width; at-- > begin; value /= 10)
        out[at] = static_cast<char>('0' + value % 10);
}

void append_date(std::string& out, const std::chrono::year_month_day& date) {
    append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
}

void append_clock(std::string& out, unsigned second_of_day) {
    constexpr unsigned hour = 3600, minute = 60;
    append_digits(out, second_of_day / hour, 2);
    out += ':';
    append_digits(out, second_of_day % hour / minute, 2);
    out += ':';
    append_digits(out, second_of_day % minute, 2);
}

}  // namespace

// Not by gmtime(3) and strftime(3): these bring half of the C library's
// locales with them, and the monitor is to be small.
std::string log_time() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    std::chrono::sys_seconds time{std::chrono::seconds(now.tv_sec)};
    auto day = std::chrono::floor<std::chrono::days>(time);
    std::string text;
    append_date(text, std::chrono::year_month_day(day));
    text += 'T';
    append_clock(text, static_cast<unsigned>((time - day).count()));
    text += '.';
    append_digits(text, static_cast<unsigned>(now.tv_nsec), 9);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    text += 'Z';
    return text;
}

ContainerLog::ContainerLog(const std::string& path, LogLimits limits,
                           const std::string& attributes)
    : file_(path, limits) {
    if (!attributes.empty()) attributes_ = cat(",\"attrs\":", attributes);
}

void ContainerLog::begin_batch() {
    std::string time = log_time();  // once for all lines of a read
    for (Stream each : {Out, Err})
        tails_[each] = cat(R"(","stream":")", each == Out ? "stdout" : "stderr",
                           "\"", attributes_, R"(,"time":")", time, "\"}\n");
    if (lost_lines_ != 0) say_what_was_lost();
}

void ContainerLog::write(Stream stream, std::string_view bytes) {
    begin_batch();
    std::string& partial = partial_[stream];
    if (!partial.empty()) {
        std::size_t end = bytes.find('\n');
        std::size_t taken = end == std::string_view::npos ? bytes.size()  //
                                                          : end + 1;
        partial.append(bytes.substr(0, taken));
        bytes.remove_prefix(taken);
        std::string whole;
        std::swap(whole, partial);
        add_lines(stream, whole);
    }
    add_lines(stream, bytes);
    flush();
}

//@ begin log-lines
void ContainerLog::add_lines(Stream stream, std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t length = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
        // The end of the line counts, too: Docker's buffer has to hold it.
        length = std::min(length, longest_line);
        if (bytes[length - 1] != '\n' && length < longest_line) {
            partial_[stream] = bytes;  // all that is left
            return;
        }
        add_line(stream, bytes.substr(0, length));
        bytes.remove_prefix(length);
    }
}

void ContainerLog::add_line(Stream stream, std::string_view line) {
    batch_ += R"({"log":")";
    append_json_text(batch_, line);
    batch_ += tails_[stream];
    if (batch_.size() >= batch_size) flush();
}
//@ end log-lines

void ContainerLog::finish() {
    begin_batch();
    for (Stream stream : {Out, Err})
        if (!partial_[stream].empty()) add_line(stream, partial_[stream]);
    partial_[Out] = partial_[Err] = {};
    flush();
}

//@ begin log-flush
void ContainerLog::flush() {
    if (batch_.empty()) return;
    std::size_t done = file_.append(batch_);
    lost_lines_ += static_cast<std::uint64_t>(
        std::count(batch_.begin() + static_cast<std::ptrdiff_t>(done),
                   batch_.end(), '\n'));
    batch_.clear();
}

// Tried with every batch, so that it stands where the lines are missing. One
// that does not fit either is the next one's first line.
void ContainerLog::say_what_was_lost() {
    std::string line = R"({"log":")";
    append_json_text(line,
                     cat("slipway: the log could not take ", lost_lines_,
                         " lines: ", ::strerror(file_.last_errno()), "\n"));
    line += tails_[Err];
    if (file_.append(line) == line.size()) lost_lines_ = 0;
}
//@ end log-flush

}  // namespace slipway
