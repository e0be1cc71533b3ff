// Tars, made by hand: also those that no tool writes.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text.hpp"

namespace slipway {

/// Fields of a header as they are written; empty ones are written as 0.
struct HeaderFields {
    std::string name;
    char type = '0';
    std::string link{};
    unsigned mode = 0644;
    long uid = 0, gid = 0;
    long mtime = 1'000'000'000;
    unsigned major = 0, minor = 0;
    std::string size{};  ///< bytes of the field, instead of the true size
    bool gnu = false;
};

inline std::string octal(long number, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*lo", digits, number);
    return text;
}

/// GNU's way for numbers that have no room in octal digits, or are negative.
inline std::string base256(long number, std::size_t width) {
    std::string bytes(width, number < 0 ? '\xff' : '\0');
    for (std::size_t i = 0; i < sizeof number && i < width; ++i)
        bytes[width - 1 - i] = static_cast<char>(number >> (8 * i));
    bytes[0] |= '\x80';
    return bytes;
}

inline std::string number_field(long number, std::size_t width) {
    bool has_room = number >= 0 && number >> (3 * (width - 1)) == 0;
    return has_room ? octal(number, static_cast<int>(width) - 1)
                    : base256(number, width);
}

inline std::string tar_header(const HeaderFields& header,
                              std::size_t size = 0) {
    std::string block(512, '\0');
    auto put = [&](std::size_t at, std::string_view text) {
        block.replace(at, text.size(), text);
    };
    put(0, std::string_view(header.name).substr(0, 100));
    put(100, octal(header.mode, 7));
    put(108, number_field(header.uid, 8));
    put(116, number_field(header.gid, 8));
    put(124,
        header.size.empty() ? octal(static_cast<long>(size), 11) : header.size);
    put(136, number_field(header.mtime, 12));
    put(148, "        ");
    put(156, std::string(1, header.type));
    put(157, std::string_view(header.link).substr(0, 100));
    put(257, header.gnu ? std::string("ustar  \0", 8)
                        : std::string("ustar\00000", 8));
    put(329, octal(header.major, 7));
    put(337, octal(header.minor, 7));
    long sum = 0;
    for (unsigned char byte : block) sum += byte;
    put(148, octal(sum, 6) + std::string("\0 ", 2));
    return block;
}

inline std::string tar_padded(std::string bytes) {
    bytes.resize((bytes.size() + 511) / 512 * 512);
    return bytes;
}

inline std::string tar_entry(const HeaderFields& header,
                             std::string_view content = "") {
    return tar_header(header, content.size()) +
           tar_padded(std::string(content));
}

inline std::string tar_file(const std::string& name,
                            std::string_view content = "") {
    return tar_entry({.name = name}, content);
}
inline std::string tar_folder(const std::string& name, unsigned mode = 0755) {
    return tar_entry({.name = name, .type = '5', .mode = mode});
}
inline std::string tar_symlink(const std::string& name,
                               const std::string& target) {
    return tar_entry({.name = name, .type = '2', .link = target, .mode = 0777});
}
inline std::string tar_hard_link(const std::string& name,
                                 const std::string& target) {
    return tar_entry({.name = name, .type = '1', .link = target});
}

using PaxRecords = std::vector<std::pair<std::string, std::string>>;

/// One record: its length counts itself.
inline std::string pax_record(const std::string& key,
                              const std::string& value) {
    std::size_t rest = key.size() + value.size() + 3, size = rest;
    while (size != rest + std::to_string(size).size())
        size = rest + std::to_string(size).size();
    return cat(size, " ", key, "=", value, "\n");
}

/// Goes in front of the entry that it speaks of.
inline std::string tar_pax(const PaxRecords& records, char type = 'x') {
    std::string body;
    for (const auto& [key, value] : records) body += pax_record(key, value);
    return tar_entry({.name = "pax", .type = type}, body);
}

/// GNU's long name (type L) or long link (K), in front of its entry.
inline std::string tar_long(const std::string& text, char type = 'L') {
    return tar_entry({.name = "././@LongLink", .type = type, .gnu = true},
                     text + std::string(1, '\0'));
}

inline std::string tar_end() {
    return std::string(1024, '\0');
}

}  // namespace slipway
