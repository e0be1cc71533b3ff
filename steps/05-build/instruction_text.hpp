// An instruction while it is read: the line, and how far reading has come.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "05-build/instruction.hpp"
#include "05-build/lines.hpp"
#include "05-build/word_split.hpp"

namespace slipway {

struct InstructionText {
    const Source& source;
    const LogicalLine& line;
    char escape = '\\';
    std::string verb = {};       ///< upper case
    WordSpan verb_at = {};       ///< in the line's text
    std::size_t rest_begin = 0;  ///< what is still to be read

    /// Behind the verb and the flags; no blanks around it.
    std::string_view rest() const {
        return std::string_view(line.text).substr(rest_begin);
    }
    std::vector<WordSpan> words() const {
        return split_words(line.text, rest_begin, escape);
    }
    std::string_view text(WordSpan span) const {
        return std::string_view(line.text).substr(span.begin,
                                                  span.end - span.begin);
    }
    SourceRange where(WordSpan span) const {
        return line.in_source(span.begin, span.end);
    }
    Word word(WordSpan span) const {
        return {std::string(text(span)), where(span)};
    }
    WordSpan rest_span() const { return {rest_begin, line.text.size()}; }

    Error error(WordSpan span, std::string_view message) const {
        return input_error(source, where(span), message);
    }
    /// Moves on to `offset` and over the blanks there.
    void go_on(std::size_t offset);
    /// Throws "VERB needs WHAT" when nothing is left.
    void must_have_rest(std::string_view what) const;
};

/// What is left, as a JSON array of strings; nothing when it is none, and then
/// meant for the shell: ['a'] is no JSON. Throws for a NUL in a string.
std::optional<std::vector<Word>> json_words(const InstructionText& text);

/// JSON, or else the text as it stands.
CommandLineForm command_line_form(const InstructionText& text);

/// "did you mean --from?", or the names that there are.
Error with_suggestion(Error error, const std::string& typed,
                      const std::vector<std::string>& names,
                      std::string_view before = "");

}  // namespace slipway
