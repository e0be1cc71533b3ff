// The log of a container, in the form of Docker's json-file driver: a line each
//     {"log":"hello\n","stream":"stdout","time":"2024-05-01T12:34:56.123456789Z"}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/unique_fd.hpp"

namespace slipway {

struct LogLimits {
    /// A file that has grown to this becomes FILE.1, that one FILE.2 …
    std::uint64_t max_size = 10 << 20;
    unsigned max_files = 3;  ///< the newest included
};

/// What the log cannot take, the container must not feel: a full disk loses
/// lines, which is said in the log as soon as there is room again.
class ContainerLog {
  public:
    enum Stream { Out = 0, Err = 1 };

    /// `attributes`: a JSON object for each line, or empty.
    ContainerLog(std::string path, LogLimits limits,
                 const std::string& attributes);

    /// Lines that are complete; the rest is kept until it is. Lines of more
    /// than 16 KiB are written in parts, as Docker does.
    void write(Stream stream, std::string_view bytes);
    /// What is left of both streams, at their end.
    void finish();

  private:
    void add_line(Stream stream, std::string_view line);
    void flush();
    bool rotate();
    void say_what_was_lost();

    std::string path_;
    LogLimits limits_;
    std::string tails_[2];  // behind each line: stream, time, attributes
    std::string attributes_;
    std::string partial_[2];
    std::string batch_;
    UniqueFd file_;
    std::uint64_t size_ = 0, lost_ = 0;
    int lost_errno_ = 0;
};

/// As Go's encoder writes a string, without the quotes: `<`, `>` and `&` as
/// \u003c …, what is no UTF-8 as \ufffd. Appends to `out`.
void append_json_text(std::string& out, std::string_view bytes);

/// "2024-05-01T12:34:56.123456789Z", now.
std::string log_time();

}  // namespace slipway
