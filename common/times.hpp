// Times as people and documents write them.
#pragma once

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

/// "3 weeks ago", as Docker says it.
std::string time_ago(std::time_t then, std::time_t now);

}  // namespace slipway
