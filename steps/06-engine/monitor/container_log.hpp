// The log of a container, in the form of Docker's json-file driver: a line each
//     {"log":"hello\n","stream":"stdout","time":"2024-05-01T12:34:56.123456789Z"}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "06-engine/monitor/log_file.hpp"

namespace slipway {

/// What the log cannot take, the container must not feel: a full disk loses
/// lines, which is said in the log as soon as there is room again.
class ContainerLog {
  public:
    enum Stream { Out = 0, Err = 1 };

    /// `attributes`: a JSON object for each line, or empty.
    ContainerLog(const std::string& path, LogLimits limits,
                 const std::string& attributes);

    /// Lines that are complete; the rest is kept until it is. Lines of more
    /// than 16 KiB are written in parts, as Docker does. All lines of one call
    /// have the same time, and go to the file by one write.
    void write(Stream stream, std::string_view bytes);
    /// What is left of both streams, at their end.
    void finish();
    /// Gives back memory that is only of use while much is written.
    void release_memory() { std::string().swap(batch_); }

  private:
    void begin_batch();
    void add_lines(Stream stream, std::string_view bytes);
    void add_line(Stream stream, std::string_view line);
    void flush();
    void say_what_was_lost();

    LogFile file_;
    std::string attributes_;
    std::string tails_[2];  // behind each line: stream, attributes, time
    std::string partial_[2];
    std::string batch_;
    std::uint64_t lost_lines_ = 0;
};

/// "2024-05-01T12:34:56.123456789Z", now; zeros at the end of the fraction are
/// left out, as Go does (RFC3339Nano).
std::string log_time();

}  // namespace slipway
