// One line of a log file, read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

enum class LogStream { Out, Err };

/// Views into the line.
struct LogEntry {
    std::string_view text;  ///< as JSON has it, with escapes
    LogStream stream = LogStream::Out;
    std::string_view attributes;  ///< a JSON object, or empty
    std::string_view time;        ///< RFC 3339 with a fraction, in UTC
};

/// A line as Docker's json-file driver and our monitor write it: always these
/// fields, in this order. Empty for anything else, also for a line that a
/// killed monitor left unfinished.
std::optional<LogEntry> parse_log_entry(std::string_view line);

/// Appends the bytes that are meant. Escapes that make no sense stay.
void append_unescaped(std::string& out, std::string_view text);

/// "2024-05-01T12:34:56.5Z" in nanoseconds since 1970; empty for what is not in
/// this form.
std::optional<std::int64_t> log_time_ns(std::string_view time);

}  // namespace slipway
