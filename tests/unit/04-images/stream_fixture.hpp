// Byte streams made of strings, and the other way.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "04-images/byte_stream.hpp"

namespace slipway {

/// Gives at most `piece` bytes at a time.
inline ByteSource source_from(std::string bytes, std::size_t piece = 1 << 20) {
    auto rest = std::make_shared<std::string>(std::move(bytes));
    auto at = std::make_shared<std::size_t>(0);
    return [=](char* buffer, std::size_t capacity) {
        std::size_t got = rest->copy(buffer, std::min(capacity, piece), *at);
        *at += got;
        return got;
    };
}

inline std::string all_of(const ByteSource& source,
                          std::size_t piece = 64 * 1024) {
    std::string bytes, buffer(piece, '\0');
    while (std::size_t got = source(buffer.data(), buffer.size()))
        bytes.append(buffer, 0, got);
    return bytes;
}

}  // namespace slipway
