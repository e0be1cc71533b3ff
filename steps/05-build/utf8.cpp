#include "05-build/utf8.hpp"

namespace slipway {

namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

// How many bytes the first one announces; 0 for one that cannot be first.
std::size_t announced(unsigned first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xf0 && first < 0xf5) return 4;
    return 0;
}

// Longer forms of what fits in fewer bytes, surrogates, beyond Unicode.
bool is_allowed(char32_t code, std::size_t bytes) {
    if (bytes == 3 && code < 0x800) return false;
    if (bytes == 4 && code < 0x10000) return false;
    return code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
}

}  // namespace

Letter letter_at(std::string_view text, std::size_t at) {
    unsigned first = byte_at(text, at);
    std::size_t bytes = announced(first);
    if (bytes == 1) return {first, 1, true};
    if (bytes == 0 || bytes > text.size() - at) return {first, 1, false};
    char32_t code = first & (0x7fU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        unsigned next = byte_at(text, at + i);
        if ((next & 0xc0U) != 0x80) return {first, 1, false};
        code = code << 6U | (next & 0x3fU);
    }
    if (!is_allowed(code, bytes)) return {first, 1, false};
    return {code, bytes, true};
}

}  // namespace slipway
