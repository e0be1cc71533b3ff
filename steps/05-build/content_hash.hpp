// The SHA-256 of a file's content, as the 32 bytes that it is: of many files at
// once, the text of 04-images/digest.hpp would be most of the memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "04-images/digest.hpp"

namespace slipway {

using ContentHash = std::array<std::uint8_t, 32>;

ContentHash content_hash(const Digest& digest);
ContentHash hash_of(std::string_view bytes);
Digest digest_from(const ContentHash& hash);

}  // namespace slipway
