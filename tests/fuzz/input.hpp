// What fuzz targets share: a check that cannot be compiled out, and bytes as a
// source of choices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

inline void must(bool condition) {
    if (!condition) std::abort();
}

/// Takes what is left bit by bit; zeros when nothing is.
struct Bytes {
    std::string_view rest;
    std::size_t next(std::size_t below) {
        if (rest.empty()) return 0;
        auto byte = static_cast<std::uint8_t>(rest[0]);
        rest.remove_prefix(1);
        return byte % below;
    }
};

/// A path of up to four of the parts, which may begin with a slash.
inline std::string name_of(Bytes& bytes, std::span<const std::string> parts) {
    std::string name = bytes.next(4) == 0 ? "/" : "";
    for (std::size_t count = 1 + bytes.next(4); count > 0; --count)
        name += parts[bytes.next(parts.size())] + (count > 1 ? "/" : "");
    return name;
}
