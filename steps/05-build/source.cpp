#include "05-build/source.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "05-build/utf8.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t widest = 100;    // columns of a line that are shown
constexpr std::size_t before = 30;     // of them in front of the mark
constexpr std::size_t farthest = 400;  // bytes looked at around the mark
constexpr std::size_t tab_stop = 8;

// A letter on the screen: what is printed for it, and where it came from.
struct Cell {
    std::string shown;
    std::size_t width = 1;
    std::size_t offset = 0;
};

// What a terminal would obey instead of showing it. The marks that turn the
// direction of writing are among them: they make a line look like another one.
bool is_unseen(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
           (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

std::string escaped(const Letter& letter) {
    char text[16];
    const char* form =
        !letter.valid || letter.code < 0x80 ? "\\x%02x" : "\\u{%04x}";
    std::snprintf(text, sizeof text, form, static_cast<unsigned>(letter.code));
    return text;
}

Cell cell_of(std::string_view text, std::size_t at, const Letter& letter,
             std::size_t column) {
    if (letter.valid && letter.code == '\t') {
        std::size_t width = tab_stop - column % tab_stop;
        return {std::string(width, ' '), width, at};
    }
    if (letter.valid && !is_unseen(letter.code))
        return {std::string(text.substr(at, letter.bytes)), 1, at};
    std::string shown = escaped(letter);
    return {shown, shown.size(), at};
}

// A window of the line around the mark, so that a line of megabytes costs no
// more than another.
SourceRange window_of(const std::string& text, SourceRange line,
                      std::size_t mark) {
    std::size_t begin =
        mark - line.begin > farthest ? mark - farthest : line.begin;
    // Not into the middle of a letter.
    while (begin > line.begin && begin < mark &&
           (static_cast<unsigned char>(text[begin]) & 0xc0U) == 0x80)
        ++begin;
    return {begin, std::min(line.end, mark + farthest)};
}

std::vector<Cell> cells_of(std::string_view text, SourceRange window) {
    std::vector<Cell> cells;
    std::size_t column = 0;
    for (std::size_t at = window.begin; at < window.end;) {
        Letter letter = letter_at(text.substr(0, window.end), at);
        cells.push_back(cell_of(text, at, letter, column));
        column += cells.back().width;
        at += letter.bytes;
    }
    return cells;
}

SourceRange line_around(const std::string& text, std::size_t offset) {
    std::size_t before_it =
        offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
    std::size_t begin = before_it == std::string::npos ? 0 : before_it + 1;
    std::size_t end = std::min(text.find('\n', offset), text.size());
    if (end > begin && text[end - 1] == '\r') --end;
    return {begin, std::max(begin, end)};
}

struct Picture {
    std::string line, mark;
};

// Which cells are shown: from a little before the mark, as many as fit.
std::size_t first_shown(const std::vector<Cell>& cells, std::size_t marked) {
    std::size_t whole = 0;
    for (const Cell& cell : cells) whole += cell.width;
    if (whole <= widest) return 0;
    std::size_t first = marked, width = 0;
    while (first > 0 && width + cells[first - 1].width <= before)
        width += cells[--first].width;
    return first;
}

Picture draw(const std::vector<Cell>& cells, SourceRange mark, bool cut_before,
             bool cut_behind) {
    auto is_before = [](const Cell& cell, std::size_t offset) {
        return cell.offset < offset;
    };
    auto marked =
        std::lower_bound(cells.begin(), cells.end(), mark.begin, is_before);
    std::size_t first =
        first_shown(cells, static_cast<std::size_t>(marked - cells.begin()));
    Picture picture;
    if (first > 0 || cut_before) {
        picture.line = "…";
        picture.mark = " ";
    }
    std::size_t width = 0;
    std::string tail;
    for (std::size_t i = first; i < cells.size(); ++i) {
        const Cell& cell = cells[i];
        if (width + cell.width > widest) {
            cut_behind = true;
            break;
        }
        width += cell.width;
        picture.line += cell.shown;
        if (cell.offset < mark.begin)
            picture.mark.append(cell.width, ' ');
        else if (cell.offset < mark.end)
            tail.append(cell.width, '~');
    }
    if (tail.empty()) tail = "^";
    tail[0] = '^';
    picture.mark += tail;
    if (cut_behind) picture.line += "…";
    return picture;
}

std::string without_end_blanks(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

}  // namespace

SourcePosition position_of(const Source& source, std::size_t offset) {
    offset = std::min(offset, source.text.size());
    SourcePosition position;
    std::size_t line_begin = 0;
    for (std::size_t i = 0; i < offset; ++i)
        if (source.text[i] == '\n') {
            ++position.line;
            line_begin = i + 1;
        }
    position.column = static_cast<unsigned>(offset - line_begin + 1);
    return position;
}

std::string show_range(const Source& source, SourceRange where) {
    where.begin = std::min(where.begin, source.text.size());
    SourceRange line = line_around(source.text, where.begin);
    // At the \r of a CRLF: show it behind the last letter.
    where.begin = std::clamp(where.begin, line.begin, line.end);
    where.end = std::clamp(where.end, where.begin, line.end);
    SourceRange window = window_of(source.text, line, where.begin);
    Picture picture = draw(cells_of(source.text, window), where,
                           window.begin > line.begin, window.end < line.end);
    std::string number = cat(position_of(source, where.begin).line);
    std::string gutter(std::max<std::size_t>(4, number.size()), ' ');
    return cat(gutter.substr(number.size()), number, " | ",
               without_end_blanks(picture.line), "\n", gutter, " | ",
               picture.mark);
}

Error input_error(const Source& source, SourceRange where,
                  std::string_view message) {
    SourcePosition at = position_of(source, where.begin);
    return Error(ErrorKind::InvalidArgument,
                 cat(source.name, ":", at.line, ":", at.column, ": ", message,
                     "\n", show_range(source, where)));
}

}  // namespace slipway
