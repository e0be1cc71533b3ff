// A panel for each row, shown when a cell of it is followed.
#include "common/text.hpp"
#include "compare/page_parts.hpp"
#include "compare/rows.hpp"

namespace slipway::compare {
namespace {

std::string severity(int level) {
    return level == 3 ? "the host is lost" : level == 2 ? "harm" : "knowledge";
}

std::string line(const Row& row, const Column& column, const Cell& cell) {
    return cat("<tr id=\"", row.id, "-", escaped(column.name), "\"><td>",
               glyph(cell.verdict), " ", name_of(cell.verdict), "</td><th>",
               escaped(column.name), "</th><td>", escaped(cell.error),
               "</td><td>", escaped(cell.detail),
               cell.detail.empty() || cell.note.empty() ? "" : "; ",
               escaped(cell.note), "</td><td><code>", escaped(column.command),
               "</code></td></tr>\n");
}

std::string panel(const Matrix& matrix, const Row& row) {
    std::string lines, attempt;
    for (const Column& column : matrix.columns) {
        auto found = column.cells.find(std::string(row.id));
        if (found == column.cells.end()) continue;
        if (attempt.empty()) attempt = found->second.attempt;
        lines += line(row, column, found->second);
    }
    return cat("<section class=\"panel\" id=\"", row.id,
               "\"><a class=\"close\" href=\"#-\" aria-label=\"close\">×</a>"
               "<h3>",
               row.id, " · ", escaped(row.title), "</h3><p>",
               escaped(row.meaning), "</p><p>Tried: <code>", escaped(attempt),
               "</code></p><p>Closed by: ", escaped(row.closes),
               ". At stake: ", severity(row.severity), ". See ",
               escaped(row.man), ", chapter ", row.chapter, ".</p>\n<table>\n",
               lines, "</table></section>\n");
}

}  // namespace

std::string evidence_part(const Matrix& matrix) {
    std::string text;
    for (const Row& row : all_rows()) text += panel(matrix, row);
    return text;
}

}  // namespace slipway::compare
