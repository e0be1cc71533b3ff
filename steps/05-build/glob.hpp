// The patterns of ${v#p} and ${v/p/w}: * is any text, ? is any letter.
//
// Matching follows all possibilities at once, letter by letter, and so takes
// time in proportion to text × pattern, however many * there are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway {

struct GlobPattern {
    std::string text;  ///< a * or ? behind the escape is a letter
    char escape = '\\';
};

enum class MatchLength { Shortest, Longest };

/// `text` without the beginning, or the end, that matches; as it is when
/// nothing does.
std::string remove_prefix(std::string_view text, const GlobPattern& pattern,
                          MatchLength which);
std::string remove_suffix(std::string_view text, const GlobPattern& pattern,
                          MatchLength which);

/// The first part that matches, or each, replaced; the longest at its place.
std::string replace_matches(std::string_view text, const GlobPattern& pattern,
                            std::string_view replacement, bool all);

}  // namespace slipway
