// Words that are expanded where people can see them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "05-build/instruction.hpp"
#include "05-build/source.hpp"
#include "05-build/words.hpp"

namespace slipway {

/// expand_word() and expand_words(), whose errors then point to `where`.
std::string expand_at(const Source& source, SourceRange where,
                      std::string_view word, const WordOptions& options);
std::vector<std::string> expand_words_at(const Source& source, const Word& word,
                                         const WordOptions& options);

}  // namespace slipway
