// Small helpers for text that people read.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

inline std::string_view as_text(std::string_view text) {
    return text;
}
inline std::string as_text(std::integral auto number) {
    return std::to_string(number);
}

/// Joins texts and integers: cat("line ", 3, " of ", path).
template <class... Parts>
std::string cat(const Parts&... parts) {
    std::string whole;
    (whole.append(as_text(parts)), ...);
    return whole;
}

/// `text` in double quotes. Control characters, quotes and backslashes are
/// escaped, so that a hostile name cannot write to the reader's terminal.
std::string quote(std::string_view text);

/// "\\040" and its like made blanks again: how /proc/PID/mountinfo writes them.
std::string unescape_octal(std::string_view text);

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts,
                 std::string_view separator);

/// "Did you mean": the candidate that a typist most likely meant, or empty.
/// Counts insertions, deletions, substitutions and swaps (optimal string
/// alignment); allows one slip per three letters. Of equally near candidates
/// the one that shares the longer beginning wins: "tru" is "true", not "tr".
std::string nearest(std::string_view typed,
                    const std::vector<std::string>& candidates);

}  // namespace slipway
