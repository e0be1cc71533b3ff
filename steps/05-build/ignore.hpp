// .dockerignore: what COPY does not see of the context.
//
//   # in column 0           a comment; everything is trimmed otherwise
//   node_modules            this, and all that is in it
//   /a/  a/../a  ./a        all are "a": counted from the context's root
//   *.log   **/*.log        in the root; in any folder
//   !important.log          seen all the same: the last line that fits decides,
//                           also below a folder that is left out
//
// Source: Docker, "Build context", .dockerignore files; moby/patternmatcher,
// ignorefile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "05-build/path_match.hpp"

namespace slipway {

struct IgnoreRule {
    PathPattern pattern;
    bool includes = false;  ///< begins with !
    std::string text = {};  ///< as it was cleaned, for messages
};

struct IgnoreRules {
    std::vector<IgnoreRule> rules;  ///< in the order of the file

    /// "a/b": is it left out? A folder may be, and something in it not.
    bool ignores(std::string_view path) const;
    /// The rule that decides about the path; null: none fits.
    const IgnoreRule* rule_for(std::string_view path) const;
};

/// Throws InvalidArgument, with the line's number, for "!" and for malformed
/// patterns.
IgnoreRules parse_ignore(std::string_view text);
/// --exclude: the same rules, from the command line.
IgnoreRules ignore_rules(const std::vector<std::string>& patterns);

/// The rules on the way through a tree. Each name is read once: what the
/// patterns made of its folder is remembered.
class IgnoreWalk {
  public:
    struct Verdict {
        bool ignored = false;
        /// Nothing that is in it can be seen: no need to go in.
        bool all_below = false;
    };

    /// Borrows the rules. Begins in the root.
    explicit IgnoreWalk(const IgnoreRules& rules);
    /// Of a name in the present folder.
    Verdict look(std::string_view name);
    /// Goes into the folder that was looked at last.
    void enter();
    void leave();

  private:
    using Word = PathPattern::Word;
    Word* frame(std::size_t depth) { return &places_[depth * words_]; }

    const IgnoreRules& rules_;
    std::size_t words_ = 0;  // of all patterns together
    std::size_t depth_ = 0;
    std::vector<Word> places_;  // depth_ + 1 frames, and one to look with
};

}  // namespace slipway
