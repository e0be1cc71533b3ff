#include "05-build/word_split.hpp"

#include "05-build/letters.hpp"

namespace slipway {

namespace {

// Follows a text letter by letter and knows what is quoted.
struct QuoteState {
    char escape;
    char quote = '\0';
    bool escaped = false;

    // Whether `c` stands for itself. Quotes and escapes do not.
    bool is_plain(char c) {
        if (escaped) {
            escaped = false;
            return true;
        }
        if (c == escape && quote != '\'') {
            escaped = true;
            return false;
        }
        if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
            return false;
        }
        if (c == quote && quote != '\0') {
            quote = '\0';
            return false;
        }
        return true;
    }
};

}  // namespace

std::vector<WordSpan> split_words(std::string_view text, std::size_t begin,
                                  char escape) {
    std::vector<WordSpan> words;
    QuoteState state{escape};
    bool in_word = false;
    for (std::size_t i = begin; i < text.size(); ++i) {
        bool is_open = state.quote == '\0' && !state.escaped;
        bool is_gap = is_open && is_space(text[i]);
        if (is_gap && in_word) words.back().end = i;
        if (!is_gap && !in_word) words.push_back({i, text.size()});
        in_word = !is_gap;
        if (!is_gap) state.is_plain(text[i]);
    }
    return words;
}

std::size_t find_unquoted(std::string_view word, char sign, char escape) {
    QuoteState state{escape};
    for (std::size_t i = 0; i < word.size(); ++i) {
        bool is_open = state.quote == '\0' && !state.escaped;
        if (state.is_plain(word[i]) && is_open && word[i] == sign) return i;
    }
    return std::string_view::npos;
}

std::string without_quotes(std::string_view word, char escape) {
    std::string result;
    QuoteState state{escape};
    for (char c : word) {
        // Between " and " an escape in front of other letters is a letter.
        bool keeps_escape = state.escaped && state.quote == '"' && c != '"' &&
                            c != '$' && c != escape;
        if (!state.is_plain(c)) continue;
        if (keeps_escape) result += escape;
        result += c;
    }
    return result;
}

}  // namespace slipway
