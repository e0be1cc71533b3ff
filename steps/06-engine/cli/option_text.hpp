// What the readers of option values have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/program.hpp"

namespace slipway {

/// Throws InvalidArgument: --publish "80:x": why.
[[noreturn]] void refuse_option(std::string_view option, std::string_view text,
                                std::string_view why, std::string advice = {});

/// "a,\"b,c\",d": fields with commas stand in quotes, a quote is doubled.
/// Throws InvalidArgument. Source: RFC 4180, as Go's encoding/csv reads one
/// line.
std::vector<std::string> split_csv(std::string_view option,
                                   std::string_view text);

/// Splits at the first `separator`; the second part is empty and `has_value`
/// false without one.
struct KeyValue {
    std::string key, value;
    bool has_value = false;
};
KeyValue cut(std::string_view text, char separator = '=');

/// Go's words for truth: 1 t true 0 f false, in some spellings. Throws
/// InvalidArgument.
bool parse_truth(std::string_view option, std::string_view text);

/// A whole number, which may have a sign. Throws InvalidArgument.
std::int64_t parse_integer(std::string_view option, std::string_view text,
                           std::int64_t least, std::int64_t most);

/// Go's "1h30m", "300ms", not below 0. Throws InvalidArgument.
std::uint64_t parse_span(std::string_view option, std::string_view text);

// Ready-made things to do with the value of an option.
CommandLine::Text store(std::string& to);
CommandLine::Text append(std::vector<std::string>& to);

}  // namespace slipway
