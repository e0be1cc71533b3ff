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
    /// Borrows the rules. Begins in the root.
    explicit IgnoreWalk(const IgnoreRules& rules);
    /// Is this name, in the present folder, left out?
    bool ignores(std::string_view name);
    /// Of the name that was asked for last, a folder: nothing in it can be
    /// seen, there is no need to go in.
    bool hides_all_below();
    /// Goes into the folder that was asked for last.
    void enter();
    void leave();

  private:
    using Word = PathPattern::Word;
    Word* frame(std::size_t depth) { return places_.data() + depth * words_; }

    const IgnoreRules& rules_;
    std::size_t words_ = 0;  // of all patterns together
    std::size_t depth_ = 0;
    // Of each folder on the way, of the name asked for, and one to try with.
    std::vector<Word> places_;
    std::size_t decided_by_ = 0;  // the rule, of the name asked for; from 1
    bool can_include_ = false;    // some rule begins with !
};

}  // namespace slipway
