// The lines of a Dockerfile as its author meant them: continuations joined,
// comments gone, heredocs taken out.
//
// Rules, from the Dockerfile reference ("Format", "escape", "Here-documents")
// and from what BuildKit does:
//   - A comment is a line whose first letter after blanks is #. Between
//     continued lines it vanishes; a # further on in a line is text.
//   - A line goes on when its last letter is the escape, blanks behind it not
//     counted, unless the letter before is the escape, too. The next line is
//     joined as it is, blanks at its beginning included.
//   - Empty lines between continued ones vanish as well, and are noted.
//   - Behind RUN, COPY and ADD each word of the form <<NAME, <<-NAME, <<"NAME"
//     (a number may stand before it) is followed by the lines up to NAME alone.
//     Their line ends are read as LF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "05-build/instruction.hpp"
#include "05-build/source.hpp"

namespace slipway {

/// A heredoc and the word that began it, as offsets of LogicalLine::text.
struct LineHeredoc {
    Heredoc heredoc;
    std::size_t begin = 0, end = 0;
};

struct LogicalLine {
    std::string text;   ///< no blanks around it
    SourceRange where;  ///< without line end; heredocs included
    std::vector<LineHeredoc> heredocs;
    /// The heredocs as they stand in the source, each line ended.
    std::string heredoc_source = {};

    /// Where a part of `text` is in the source.
    SourceRange in_source(std::size_t begin, std::size_t end) const;

    /// Bytes of `text` from `begin` on come from the source's `source` on.
    struct Piece {
        std::size_t begin, source;
    };
    std::vector<Piece> pieces;
};

struct Lines {
    std::vector<LogicalLine> lines;
    std::vector<SourceRange> empty_continuations;
};

/// From `begin` on, which is the beginning of a line. Throws input_error() for
/// a heredoc without its end.
Lines read_lines(const Source& source, std::size_t begin, char escape);

/// What no Dockerfile may have: more than 16 MiB, NUL bytes.
void check_source(const Source& source);

}  // namespace slipway
