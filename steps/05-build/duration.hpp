// Lengths of time as Go writes them: "300ms", "1.5h", "1m30s".
// Source: Go, package time, ParseDuration.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace slipway {

/// Nanoseconds. Units are ns us (or µs) ms s m h; each number has one, only 0
/// needs none; a sign may stand in front. Nothing for anything else, and for
/// more than 292 years.
std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace slipway
