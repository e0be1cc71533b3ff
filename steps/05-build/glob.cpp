#include "05-build/glob.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "05-build/utf8.hpp"

namespace slipway {

namespace {

using Letters = std::vector<std::string_view>;

enum class Kind { Letter, AnyLetter, AnyText };

struct Token {
    Kind kind;
    std::string_view letter;
};

Letters letters_of(std::string_view text) {
    Letters letters;
    for (std::size_t at = 0; at < text.size(); at += letters.back().size())
        letters.push_back(text.substr(at, letter_at(text, at).bytes));
    return letters;
}

std::vector<Token> compile(const GlobPattern& pattern) {
    std::vector<Token> tokens;
    bool escaped = false;
    for (std::string_view letter : letters_of(pattern.text)) {
        bool is_escape = letter[0] == pattern.escape && !escaped;
        if (is_escape) {
            escaped = true;
            continue;
        }
        Kind kind = escaped         ? Kind::Letter
                    : letter == "*" ? Kind::AnyText
                    : letter == "?" ? Kind::AnyLetter
                                    : Kind::Letter;
        tokens.push_back({kind, letter});
        escaped = false;
    }
    return tokens;
}

// The positions in the pattern where a match can be after some letters.
class Positions {
  public:
    explicit Positions(const std::vector<Token>& tokens)
        : tokens_(tokens), at_(tokens.size() + 1) {
        enter(at_, 0);
    }

    bool is_match() const { return at_[tokens_.size()]; }
    bool is_dead() const {
        return std::none_of(at_.begin(), at_.end(), [](bool b) { return b; });
    }

    void step(std::string_view letter) {
        std::vector<bool> next(at_.size());
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (!at_[i]) continue;
            const Token& token = tokens_[i];
            if (token.kind == Kind::AnyText)
                enter(next, i);
            else if (token.kind == Kind::AnyLetter || token.letter == letter)
                enter(next, i + 1);
        }
        at_ = std::move(next);
    }

  private:
    // A * may stand for nothing: who is before it is behind it as well.
    void enter(std::vector<bool>& set, std::size_t i) const {
        set[i] = true;
        while (i < tokens_.size() && tokens_[i].kind == Kind::AnyText)
            set[++i] = true;
    }

    const std::vector<Token>& tokens_;
    std::vector<bool> at_;
};

// How many letters from `begin` on match.
std::optional<std::size_t> match(const std::vector<Token>& tokens,
                                 const Letters& letters, std::size_t begin,
                                 MatchLength which) {
    Positions positions(tokens);
    std::optional<std::size_t> found;
    for (std::size_t i = begin;; ++i) {
        if (positions.is_match()) {
            found = i - begin;
            if (which == MatchLength::Shortest) break;
        }
        if (i == letters.size() || positions.is_dead()) break;
        positions.step(letters[i]);
    }
    return found;
}

std::string joined(const Letters& letters, std::size_t begin, std::size_t end) {
    std::string text;
    for (std::size_t i = begin; i < end; ++i) text += letters[i];
    return text;
}

}  // namespace

std::string remove_prefix(std::string_view text, const GlobPattern& pattern,
                          MatchLength which) {
    Letters letters = letters_of(text);
    auto length = match(compile(pattern), letters, 0, which);
    return joined(letters, length.value_or(0), letters.size());
}

std::string remove_suffix(std::string_view text, const GlobPattern& pattern,
                          MatchLength which) {
    Letters letters = letters_of(text), backwards = letters;
    std::vector<Token> tokens = compile(pattern);
    std::reverse(backwards.begin(), backwards.end());
    std::reverse(tokens.begin(), tokens.end());
    auto length = match(tokens, backwards, 0, which);
    return joined(letters, 0, letters.size() - length.value_or(0));
}

std::string replace_matches(std::string_view text, const GlobPattern& pattern,
                            std::string_view replacement, bool all) {
    Letters letters = letters_of(text);
    std::vector<Token> tokens = compile(pattern);
    std::string result;
    bool done = tokens.empty();
    for (std::size_t i = 0; i < letters.size();) {
        std::size_t length = 0;
        if (!done)
            length =
                match(tokens, letters, i, MatchLength::Longest).value_or(0);
        if (length == 0) {
            result += letters[i++];
            continue;
        }
        result += replacement;
        i += length;
        done = !all;
    }
    return result;
}

}  // namespace slipway
