// Letters of UTF-8 text: where each begins and ends.
// Source: RFC 3629.
#pragma once

#include <cstddef>
#include <string_view>

namespace slipway {

struct Letter {
    char32_t code = 0;
    std::size_t bytes = 1;
    bool valid = false;  ///< false: one byte that is no UTF-8
};

/// The letter that begins at `at`, which must be inside the text.
Letter letter_at(std::string_view text, std::size_t at);

}  // namespace slipway
