// Words of an instruction, as they are written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// Offsets of a text.
struct WordSpan {
    std::size_t begin = 0, end = 0;
};

/// The words of `text` from `begin` on, quotes and escapes included: blanks
/// inside quotes and behind the escape do not end a word. A quote that is not
/// closed reaches to the end; who expands the word will say so.
std::vector<WordSpan> split_words(std::string_view text, std::size_t begin,
                                  char escape);

/// The first `sign` of the word that is neither quoted nor escaped, or npos.
std::size_t find_unquoted(std::string_view word, char sign, char escape);

/// The word without its quotes and escapes; variables stay as they are.
std::string without_quotes(std::string_view word, char escape);

}  // namespace slipway
