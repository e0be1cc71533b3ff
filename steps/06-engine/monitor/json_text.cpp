#include "06-engine/monitor/json_text.hpp"

#include <array>

namespace slipway {

namespace {

constexpr bool stands_for_itself(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' &&
           c != '>' && c != '&';
}

//@ begin plain-run
// Nearly all bytes of a log are plain. Blocks of them are looked at without a
// branch for each byte: the compiler makes a few vector instructions of it.
constexpr std::size_t block = 32;

bool is_plain_block(const char* bytes) {
    unsigned special = 0;
    for (std::size_t i = 0; i < block; ++i) {
        auto c = static_cast<unsigned char>(bytes[i]);
        special |= static_cast<unsigned>(!stands_for_itself(c));
    }
    return special == 0;
}

std::size_t plain_run(std::string_view bytes) {
    std::size_t length = 0;
    while (length + block <= bytes.size() &&
           is_plain_block(bytes.data() + length))
        length += block;
    while (length < bytes.size() &&
           stands_for_itself(static_cast<unsigned char>(bytes[length])))
        ++length;
    return length;
}
//@ end plain-run

void append_escape(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    auto code = static_cast<unsigned char>(c);
    out += '\\';
    switch (c) {
        case '"':
        case '\\':
            out += c;
            return;
        case '\n':
            out += 'n';
            return;
        case '\r':
            out += 'r';
            return;
        default:
            out += "u00";
            out += digits[code >> 4U];
            out += digits[code & 15U];
    }
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
    auto at = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
    };
    auto follows = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
    unsigned first = at(0), second = at(1);
    if (first < 0x80) return bytes.empty() ? 0 : 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        bool good = follows(1) && follows(2) &&
                    !(first == 0xE0 && second < 0xA0) &&
                    !(first == 0xED && second > 0x9F);
        return good ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        bool good = follows(1) && follows(2) && follows(3) &&
                    !(first == 0xF0 && second < 0x90) &&
                    !(first == 0xF4 && second > 0x8F);
        return good ? 4 : 0;
    }
    return 0;
}

void append_json_text(std::string& out, std::string_view bytes) {
    while (true) {
        std::size_t length = plain_run(bytes);
        out.append(bytes.data(), length);
        bytes.remove_prefix(length);
        if (bytes.empty()) return;
        length = utf8_length(bytes);
        if (length == 1)
            append_escape(out, bytes[0]);
        else if (length == 0)
            out += "\\ufffd";
        else if (bytes.starts_with("\xE2\x80\xA8"))
            out += "\\u2028";
        else if (bytes.starts_with("\xE2\x80\xA9"))
            out += "\\u2029";
        else
            out.append(bytes.data(), length);
        bytes.remove_prefix(length == 0 ? 1 : length);
    }
}

}  // namespace slipway
