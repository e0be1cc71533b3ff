// Times as people and documents write them.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

/// "2024-05-01T12:34:56Z" (RFC 3339), with fraction and offset if it has them;
/// fractions are dropped. Empty for anything else.
std::optional<std::time_t> parse_time(std::string_view text);
/// "2024-05-01T12:34:56Z"
std::string format_time(std::time_t time);
/// Now, "2024-05-01T12:34:56.123456789Z".
std::string now_text();

/// "3 weeks", "About a minute", as Docker says it (go-units, HumanDuration).
std::string duration_text(std::int64_t seconds);
/// "3 weeks ago"
std::string time_ago(std::time_t then, std::time_t now);

/// "2024-05-01 12:34:56 +0000 UTC", in this machine's zone, as Go prints it.
std::string local_time_text(std::time_t time);

}  // namespace slipway
