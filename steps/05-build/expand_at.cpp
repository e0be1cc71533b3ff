#include "05-build/expand_at.hpp"

namespace slipway {

namespace {

template <class Body>
auto pointing(const Source& source, SourceRange where, Body&& body) {
    try {
        return body();
    } catch (const Error& error) {
        Error shown = input_error(source, where, error.message());
        shown.set_advice(error.advice());
        throw shown;
    }
}

}  // namespace

std::string expand_at(const Source& source, SourceRange where,
                      std::string_view word, const WordOptions& options) {
    return pointing(source, where, [&] { return expand_word(word, options); });
}

std::vector<std::string> expand_words_at(const Source& source, const Word& word,
                                         const WordOptions& options) {
    return pointing(source, word.where,
                    [&] { return expand_words(word.text, options); });
}

}  // namespace slipway
