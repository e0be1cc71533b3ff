// Patterns for paths: those of COPY's sources, and those of .dockerignore.
//
//   *        any characters but /        ?       one of them
//   [a-z]    one of these                [^a-z]  one that is none of these
//   \x       x itself
//   **/      any folders, also none      a/**    all that is in a   (Deep only)
//
// A pattern is a machine that reads a path character by character and keeps a
// set of the places where it may stand, one bit each. No input makes it go
// back, so the time is that of the path's length, whatever the pattern. And
// when the set is empty after "folder/", nothing below can match: the walk need
// not go there.
//
// Source: Go, path/filepath, Match; moby/patternmatcher.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// filepath.Match: the whole name. Throws InvalidArgument for a pattern that is
/// malformed ("[a", "[]", "a\").
bool match_path(std::string_view pattern, std::string_view name);

/// Whether it is more than a name: has * ? or [ that no \ escapes.
bool has_wildcard(std::string_view pattern);
/// The name that a pattern without wildcards stands for: no escapes.
std::string unescaped(std::string_view pattern);

/// Without ".", "..", doubled and trailing slashes, as Go's filepath.Clean; "."
/// when nothing is left. ".." in front stays, except behind a leading /.
std::string clean_path(std::string_view path);

class PathPattern {
  public:
    enum class Syntax {
        Match,  ///< Go's filepath.Match: ** is no more than *
        Deep,   ///< with **; what is below a match matches, too
    };
    /// Throws InvalidArgument when it is malformed.
    explicit PathPattern(std::string_view pattern,
                         Syntax syntax = Syntax::Deep);

    bool matches(std::string_view path) const;

    // Step by step: `words()` of them are one set of places.
    using Word = std::uint64_t;
    std::size_t words() const { return words_; }
    void start(Word* places) const;
    void advance(Word* places, std::string_view text) const;
    bool accepts(const Word* places) const;
    bool is_stuck(const Word* places) const;  ///< no text can match any more

  private:
    struct Range {
        char32_t low, high;
    };
    /// What leads from one place to the next one.
    struct Step {
        enum class Kind { Literal, NotSlash, Class, Never };
        Kind kind = Kind::Literal;
        char32_t literal = 0;
        bool negated = false;
        std::vector<Range> ranges = {};
        bool takes(char32_t character) const;
    };
    class Parser;

    void make_masks(char32_t character, Word* forward, Word* stay) const;
    void skip_optional(Word* places) const;
    void advance_one(Word* places, char32_t character) const;

    std::vector<Step> steps_;  // from place i to place i + 1
    std::vector<std::size_t> stay_not_slash_, stay_always_;  // places
    // Places from which the next two are reached for nothing: **/
    std::vector<std::size_t> optional_;
    std::vector<Word> accepting_;
    std::size_t words_ = 1;
    // For each ASCII character: which steps take it, which places stay.
    std::vector<Word> forward_, stay_;
};

}  // namespace slipway
