#include "06-engine/monitor/container_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_line = 16 << 10;
constexpr std::size_t batch_size = 128 << 10;

// 1: stands for itself.
constexpr std::array<bool, 256> make_plain() {
    std::array<bool, 256> plain{};
    for (unsigned c = 0x20; c < 0x80; ++c) plain[c] = true;
    for (unsigned char c : {'"', '\\', '<', '>', '&'}) plain[c] = false;
    return plain;
}
constexpr std::array<bool, 256> is_plain = make_plain();

// Length of the UTF-8 sequence at the beginning; 0: there is none. No overlong
// forms, no surrogates, nothing above U+10FFFF: RFC 3629.
std::size_t sequence_length(std::string_view bytes) {
    auto at = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
    };
    auto follows = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
    unsigned first = at(0), second = at(1);
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        bool good = follows(1) && follows(2) &&
                    !(first == 0xE0 && second < 0xA0) &&
                    !(first == 0xED && second > 0x9F);
        return good ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        bool good = follows(1) && follows(2) && follows(3) &&
                    !(first == 0xF0 && second < 0x90) &&
                    !(first == 0xF4 && second > 0x8F);
        return good ? 4 : 0;
    }
    return 0;
}

void append_escape(std::string& out, unsigned char c) {
    switch (c) {
        case '"':
        case '\\':
            out += '\\';
            out += static_cast<char>(c);
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += "0123456789abcdef"[c >> 4];
            out += "0123456789abcdef"[c & 15];
    }
}

}  // namespace

void append_json_text(std::string& out, std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t run = 0;
        while (run < bytes.size() &&
               is_plain[static_cast<unsigned char>(bytes[run])])
            ++run;
        out.append(bytes.data(), run);
        bytes.remove_prefix(run);
        if (bytes.empty()) return;
        auto c = static_cast<unsigned char>(bytes[0]);
        std::size_t length = 1;
        if (c < 0x80) {
            append_escape(out, c);
        } else if ((length = sequence_length(bytes)) == 0) {
            out += "\\ufffd";
            length = 1;
        } else if (bytes.starts_with("\xE2\x80\xA8")) {
            out += "\\u2028";  // line ends to JavaScript, not to JSON
        } else if (bytes.starts_with("\xE2\x80\xA9")) {
            out += "\\u2029";
        } else {
            out.append(bytes.data(), length);
        }
        bytes.remove_prefix(length);
    }
}

std::string log_time() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    tm date{};
    ::gmtime_r(&now.tv_sec, &date);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ",
                  date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
                  date.tm_hour, date.tm_min, date.tm_sec, now.tv_nsec);
    return text;
}

ContainerLog::ContainerLog(std::string path, LogLimits limits,
                           const std::string& attributes)
    : path_(std::move(path)), limits_(limits) {
    if (!attributes.empty()) attributes_ = cat(",\"attrs\":", attributes);
    file_.reset(check(
        ::open(path_.c_str(),
               O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640),
        "open the log ", path_));
    struct stat info {};
    if (::fstat(file_.get(), &info) == 0)
        size_ = static_cast<std::uint64_t>(info.st_size);
}

void ContainerLog::write(Stream stream, std::string_view bytes) {
    std::string time = log_time();  // once for all lines of a read
    for (int each : {Out, Err})
        tails_[each] =
            cat("\",\"stream\":\"", each == Out ? "stdout" : "stderr",
                "\",\"time\":\"", time, "\"", attributes_, "}\n");
    std::string& partial = partial_[stream];
    while (!bytes.empty()) {
        const void* found = std::memchr(bytes.data(), '\n', bytes.size());
        std::size_t length =
            found ? static_cast<std::size_t>(static_cast<const char*>(found) -
                                             bytes.data()) +
                        1
                  : bytes.size();
        std::size_t room = longest_line - partial.size();
        bool whole = found && length <= room;
        std::size_t taken = std::min(length, room);
        if (partial.empty() && (whole || taken == longest_line)) {
            add_line(stream, bytes.substr(0, taken));
        } else {
            partial.append(bytes.substr(0, taken));
            if (whole || partial.size() == longest_line) {
                add_line(stream, partial);
                partial.clear();
            }
        }
        bytes.remove_prefix(taken);
    }
    flush();
}

void ContainerLog::finish() {
    for (Stream stream : {Out, Err})
        if (!partial_[stream].empty()) {
            add_line(stream, partial_[stream]);
            partial_[stream].clear();
        }
    flush();
}

void ContainerLog::add_line(Stream stream, std::string_view line) {
    batch_ += "{\"log\":\"";
    append_json_text(batch_, line);
    batch_ += tails_[stream];
    if (batch_.size() >= batch_size) flush();
}

//@ begin log-flush
// One write for many lines. What was written in part is taken back: a reader
// must never see half a line.
void ContainerLog::flush() {
    if (batch_.empty()) return;
    if (size_ >= limits_.max_size && !rotate()) {
        lost_ += batch_.size();
        batch_.clear();
        return;
    }
    if (lost_ != 0) say_what_was_lost();
    std::size_t done = 0;
    while (done < batch_.size()) {
        ssize_t n =
            ::write(file_.get(), batch_.data() + done, batch_.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            lost_errno_ = errno;
            lost_ += batch_.size();
            if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0)
                lost_errno_ = errno;
            batch_.clear();
            return;
        }
        done += static_cast<std::size_t>(n);
    }
    size_ += done;
    batch_.clear();
}
//@ end log-flush

bool ContainerLog::rotate() {
    for (unsigned number = limits_.max_files; number-- > 1;) {
        std::string from = number == 1 ? path_ : cat(path_, ".", number - 1);
        ::rename(from.c_str(), cat(path_, ".", number).c_str());
    }
    if (limits_.max_files <= 1) ::unlink(path_.c_str());
    UniqueFd next(::open(path_.c_str(),
                         O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                         0640));
    if (!next) {
        lost_errno_ = errno;
        return false;
    }
    file_ = std::move(next);
    size_ = 0;
    return true;
}

void ContainerLog::say_what_was_lost() {
    std::string line = "{\"log\":\"";
    append_json_text(line,
                     cat("slipway: ", lost_, " bytes of the log were lost: ",
                         std::strerror(lost_errno_), "\n"));
    line += tails_[Err];
    batch_.insert(0, line);
    lost_ = 0;
}

}  // namespace slipway
