// Classes of letters, and the little that is done with blanks. Those of
// <cctype> depend on the locale and break on letters beyond ASCII.
#pragma once

#include <string>
#include <string_view>

namespace slipway {

inline bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
/// Blanks inside a line; \r, for a line that ends in \r\n.
inline bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}
inline bool is_space(char c) {
    return is_blank(c) || c == '\n';
}
/// Of a variable's name; digits not in front.
inline bool is_name_letter(char c) {
    return is_alpha(c) || is_digit(c) || c == '_';
}

/// Without blanks around it.
inline std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

inline std::string to_lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}
inline std::string to_upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}

}  // namespace slipway
