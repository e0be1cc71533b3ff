// The matrix as a table of pictures, and what opens without one mechanism.
#include <algorithm>

#include "common/text.hpp"
#include "compare/page_parts.hpp"
#include "compare/rows.hpp"
#include "compare/show.hpp"

namespace slipway::compare {
namespace {

// Closed here, and not in the step before.
bool flips(const std::vector<const Column*>& columns, std::size_t index,
           std::string_view id) {
    if (index == 0 || columns[index]->kind != "step") return false;
    auto is_shut = [&](const Column& column) {
        Verdict verdict = cell_of(column, id).verdict;
        return verdict == Verdict::Closed || verdict == Verdict::Limited;
    };
    return is_shut(*columns[index]) && !is_shut(*columns[index - 1]);
}

// Closed, and closed whichever single mechanism is left out.
bool is_held(const Matrix& matrix, const Column& column, std::string_view id) {
    if (cell_of(column, id).verdict != Verdict::Closed) return false;
    int tried = 0;
    for (const Column& other : matrix.columns) {
        if (!other.title.starts_with("without") ||
            base_of(matrix, other) != &column ||
            !other.cells.contains(std::string(id)))
            continue;
        ++tried;
        if (cell_of(other, id).verdict != Verdict::Closed) return false;
    }
    return tried > 0;
}

bool begins_kind(const std::vector<const Column*>& columns, std::size_t index) {
    return index > 0 && columns[index]->kind != columns[index - 1]->kind;
}

std::string cell(const Matrix& matrix,
                 const std::vector<const Column*>& columns, std::size_t index,
                 const Row& row) {
    const Column& column = *columns[index];
    const Cell& what = cell_of(column, row.id);
    std::string kind(name_of(what.verdict));
    if (flips(columns, index, row.id)) kind += " flip";
    if (is_held(matrix, column, row.id)) kind += " held";
    if (begins_kind(columns, index)) kind += " new";
    std::string evidence =
        cat(name_of(what.verdict), what.error.empty() ? "" : ", " + what.error,
            what.detail.empty() ? "" : ": " + what.detail);
    std::string name = escaped(column.name);
    return cat("<td class=\"", kind, "\"><a href=\"#", row.id, "-", name,
               "\" title=\"", name, ": ", escaped(evidence), "\" aria-label=\"",
               name, " ", name_of(what.verdict), "\">", glyph(what.verdict),
               "</a></td>");
}

std::string heads(const std::vector<const Column*>& columns) {
    std::string text = "<colgroup><col>";
    for (std::size_t i = 0; i < columns.size(); ++i)
        text += "<col class=\"cells\">";
    text += "</colgroup>\n";
    text +=
        "<thead><tr><th class=\"first\" scope=\"col\">a container could…</th>";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Column& column = *columns[i];
        text +=
            cat("<th scope=\"col\"",
                begins_kind(columns, i) ? " class=\"new\"" : "", " title=\"",
                escaped(column.command), "\">", escaped(column.name),
                column.title == column.name
                    ? ""
                    : cat("<span>", escaped(column.title), "</span>"),
                "</th>");
    }
    return text + "</tr></thead>\n";
}

std::string counts(const std::vector<const Column*>& columns) {
    std::string text = "<tfoot><tr><th scope=\"row\">open</th>";
    for (std::size_t i = 0; i < columns.size(); ++i)
        text += cat("<td class=\"open", begins_kind(columns, i) ? " new" : "",
                    "\">", count_of(*columns[i], Verdict::Open), "</td>");
    return text + "</tr></tfoot>\n";
}

std::string chips(const Column& base, const Column& column) {
    std::string text;
    for (std::string_view id : differing_rows(base, column)) {
        const Row& row = *find_row(id);
        Verdict verdict = cell_of(column, id).verdict;
        text += cat("<a class=\"chip ", name_of(verdict), "\" href=\"#", id,
                    "\" title=\"", escaped(row.title), ": ", name_of(verdict),
                    "\">", id, verdict == Verdict::Open ? " ●" : " ○", "</a>");
    }
    return text.empty() ? "<span class=\"note\">nothing changes: other "
                          "mechanisms do the same</span>"
                        : text;
}

}  // namespace

std::string matrix_part(const Matrix& matrix) {
    std::vector<const Column*> columns = main_columns(matrix);
    std::string body;
    std::string_view group;
    for (const Row& row : all_rows()) {
        if (row.group != group)
            body +=
                cat("<tr class=\"group\"><th scope=\"rowgroup\">", row.group,
                    "</th><td colspan=\"", columns.size(), "\"></td></tr>\n");
        group = row.group;
        body += cat("<tr><th scope=\"row\"><a href=\"#", row.id, "\"><b>",
                    row.id, "</b>", escaped(row.title), "</a></th>");
        for (std::size_t i = 0; i < columns.size(); ++i)
            body += cell(matrix, columns, i, row);
        body += "</tr>\n";
    }
    std::string missing;
    for (const Column& column : matrix.columns)
        if (!column.failure.empty())
            missing += cat("<p class=\"note\">No column ", escaped(column.name),
                           ": ", escaped(column.failure), "</p>\n");
    return cat(
        "<h2 id=\"matrix\">The matrix</h2>\n<p>Each cell is one real, "
        "harmless attempt. Follow it to what was tried and what came "
        "back.</p>\n<div class=\"scroll\" tabindex=\"0\" "
        "role=\"region\" aria-label=\"matrix\"><table "
        "class=\"matrix\">\n",
        heads(columns), "<tbody>\n", body, "</tbody>\n", counts(columns),
        "</table></div>\n", missing);
}

std::string ablation_part(const Matrix& matrix) {
    struct Card {
        const char *kind, *base, *title;
    };
    constexpr Card cards[] = {
        {"only", "1", "Step 1, and one namespace alone: what it closes"},
        {"without", "2", "Step 2, one namespace less, or one more"},
        {"without", "6", "The engine, one mechanism less, or one more"},
        {"without", "rootless",
         "The engine without root, and what it is given"},
        {"without", "oci",
         "Its runtime: what no option of the engine leaves "
         "out"}};
    std::string text;
    for (const Card& card : cards) {
        const Column* base = matrix.find(card.base);
        std::string list;
        for (const Column& column : matrix.columns)
            if (base && column.kind == card.kind && column.failure.empty() &&
                base_of(matrix, column) == base)
                list += cat("<dt>", escaped(column.title), "</dt><dd>",
                            chips(*base, column), "</dd>\n");
        if (!list.empty())
            text += cat("<section><h3>", card.title, "</h3><dl>\n", list,
                        "</dl></section>\n");
    }
    if (text.empty()) return "";
    return cat(
        "<h2 id=\"mechanisms\">One mechanism more, one less</h2>\n<p>A "
        "mechanism is worth what opens without it. Where nothing does, "
        "another one stands behind it: that is depth, not waste.</p>\n"
        "<div class=\"mechanisms\">\n",
        text, "</div>\n");
}

}  // namespace slipway::compare
