#include "compare/show.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/error.hpp"
#include "common/format.hpp"
#include "common/text.hpp"
#include "compare/rows.hpp"

namespace slipway::compare {
namespace {

constexpr std::string_view plain = "\033[0m", bold = "\033[1m";

std::string_view color_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Open:
            return "\033[31m";  // red
        case Verdict::Limited:
            return "\033[33m";  // yellow
        case Verdict::Closed:
            return "\033[32m";  // green
        case Verdict::Error:
            return "\033[35m";
        default:
            return "\033[2m";
    }
}

std::string painted(Verdict verdict, std::string_view text,
                    const Style& style) {
    return style.color ? cat(color_of(verdict), text, plain)
                       : std::string(text);
}

std::string strong(std::string_view text, const Style& style) {
    return style.color ? cat(bold, text, plain) : std::string(text);
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

bool differs(const std::vector<const Column*>& columns, std::string_view id) {
    return std::any_of(columns.begin(), columns.end(), [&](auto* column) {
        return cell_of(*column, id).verdict !=
               cell_of(*columns.front(), id).verdict;
    });
}

constexpr std::size_t id_width = 5, title_width = 43;

std::string table_line(const std::vector<const Column*>& columns,
                       const Row& row, const Style& style) {
    std::string line = padded(std::string(row.id), id_width) +
                       padded(std::string(row.title), title_width);
    for (const Column* column : columns) {
        Verdict verdict = cell_of(*column, row.id).verdict;
        line += std::string(column->name.size() + 1, ' ') +
                painted(verdict, glyph_of(verdict), style);
    }
    return line + "\n";
}

std::string count_line(const std::vector<const Column*>& columns,
                       Verdict verdict, const Style& style) {
    std::string line = std::string(id_width, ' ') +
                       padded(std::string(name_of(verdict)), title_width);
    for (const Column* column : columns) {
        std::string count = cat(count_of(*column, verdict));
        line += std::string(column->name.size() + 2 - count.size(), ' ') +
                painted(verdict, count, style);
    }
    return line + "\n";
}

std::string failures(const Matrix& matrix) {
    std::string text;
    for (const Column& column : matrix.columns)
        if (!column.failure.empty())
            text += cat("no column ", column.name, ": ", column.failure, "\n");
    return text.empty() ? text : "\n" + text;
}

std::string machine_line(const Matrix& matrix) {
    auto value = [&](const char* name) {
        auto found = matrix.machine.find(name);
        return found == matrix.machine.end() ? std::string() : found->second;
    };
    return cat(value("kernel"), ", cgroup ", value("cgroup"), ", ",
               value("date"), ", measured in ", std::lround(matrix.seconds),
               " s\n");
}

const Column& named(const Matrix& matrix, const std::string& name) {
    if (const Column* column = matrix.find(name)) return *column;
    std::vector<std::string> names;
    for (const Column& column : matrix.columns) names.push_back(column.name);
    std::string meant = nearest(name, names);
    throw Error(ErrorKind::NotFound, cat("no column ", quote(name)))
        .advise(meant.empty() ? cat("there are ", join(names, ", "))
                              : cat("did you mean ", quote(meant), "?"));
}

std::string evidence(const Cell& cell) {
    std::vector<std::string> parts;
    for (const std::string* part : {&cell.error, &cell.detail, &cell.note})
        if (!part->empty()) parts.push_back(*part);
    return join(parts, "; ");
}

}  // namespace

std::string_view glyph_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Open:
            return "●";
        case Verdict::Limited:
            return "◐";
        case Verdict::Closed:
            return "○";
        case Verdict::Nothing:
            return "–";
        case Verdict::Error:
            return "!";
    }
    return "!";
}

std::string decimal(double number) {
    std::array<char, 32> text{};
    auto end = std::to_chars(text.data(), text.data() + text.size(), number,
                             std::chars_format::fixed, 1);
    return {text.data(), end.ptr};
}

std::vector<const Column*> main_columns(const Matrix& matrix) {
    std::vector<const Column*> columns;
    for (const Column& column : matrix.columns)
        if (column.failure.empty() && column.kind != "only" &&
            column.kind != "without")
            columns.push_back(&column);
    return columns;
}

const Column* base_of(const Matrix& matrix, const Column& column) {
    if (column.kind == "only") return matrix.find("1");
    if (column.kind != "without") return nullptr;
    return matrix.find(column.name.substr(0, column.name.find('-')));
}

std::string table(const Matrix& matrix, const Style& style) {
    std::vector<const Column*> columns = main_columns(matrix);
    if (style.all_columns)
        for (const Column& column : matrix.columns)
            if (column.failure.empty() && base_of(matrix, column))
                columns.push_back(&column);
    if (columns.empty()) return "nothing was measured\n" + failures(matrix);
    std::string text(id_width + title_width, ' ');
    for (const Column* column : columns)
        text += "  " + strong(column->name, style);
    text += "\n";
    std::string_view group;
    for (const Row& row : all_rows()) {
        if (style.changed_only && !differs(columns, row.id)) continue;
        if (row.group != group) text += strong(row.group, style) + "\n";
        group = row.group;
        text += table_line(columns, row, style);
    }
    text += "\n";
    for (Verdict verdict : {Verdict::Open, Verdict::Limited, Verdict::Closed,
                            Verdict::Nothing, Verdict::Error})
        if (verdict != Verdict::Error ||
            std::any_of(columns.begin(), columns.end(), [](auto* column) {
                return count_of(*column, Verdict::Error) > 0;
            }))
            text += count_line(columns, verdict, style);
    text += "\n● open  ◐ limited  ○ closed  – not to be tried  ! no answer\n";
    return text + machine_line(matrix) + failures(matrix);
}

std::string ablation(const Matrix& matrix) {
    std::vector<std::vector<std::string>> rows;
    for (const Column& column : matrix.columns) {
        const Column* base = base_of(matrix, column);
        if (!base || !column.failure.empty()) continue;
        std::string less, more;
        for (std::string_view id : differing_rows(*base, column)) {
            bool opens = cell_of(column, id).verdict == Verdict::Open ||
                         cell_of(*base, id).verdict == Verdict::Closed;
            (opens ? more : less) += cat(" ", id);
        }
        std::string what = less.empty() ? "" : "closes" + less;
        if (!more.empty()) what += (what.empty() ? "opens" : ", opens") + more;
        rows.push_back(
            {base->kind == "step" ? "step " + base->name : base->name,
             column.title,
             what.empty() ? "changes nothing: others do the same" : what});
    }
    return rows.empty() ? "" : "\n" + table_text(rows);
}

std::string cost_table(const Matrix& matrix) {
    std::vector<std::vector<std::string>> rows;
    for (const Column* column : main_columns(matrix)) {
        std::vector<double> times = column->costs.milliseconds;
        if (times.empty()) continue;
        std::vector<double> memory(column->costs.kibibytes.begin(),
                                   column->costs.kibibytes.end());
        constexpr double kibi = 1024;
        rows.push_back({column->name, decimal(median(times)),
                        decimal(*std::min_element(times.begin(), times.end())),
                        decimal(*std::max_element(times.begin(), times.end())),
                        decimal(median(memory) / kibi)});
    }
    if (rows.empty()) return "";
    rows.insert(rows.begin(), {"start to end", "ms", "least", "most", "MiB"});
    return "\n" + table_text(rows);
}

std::string explain_row(const Matrix& matrix, std::string_view id,
                        const Style& style) {
    const Row& row = row_named(id);
    std::string text =
        cat(strong(cat(row.id, "  ", row.title), style), "\n  ", row.meaning,
            "\n  closed by: ", row.closes, "\n  see: ", row.man, "; chapter ",
            row.chapter, "\n");
    std::vector<std::vector<std::string>> lines;
    for (const Column& column : matrix.columns) {
        auto cell = column.cells.find(std::string(id));
        // Of a column that somebody has asked for he wants to know.
        if (cell == column.cells.end() && column.kind == "yours")
            lines.push_back({cat("  ", glyph_of(Verdict::Error), " ",
                                 name_of(Verdict::Error)),
                             column.name, column.failure});
        if (cell == column.cells.end()) continue;
        if (lines.empty() && !cell->second.attempt.empty())
            text += cat("  attempt: ", cell->second.attempt, "\n");
        lines.push_back({cat("  ", glyph_of(cell->second.verdict), " ",
                             name_of(cell->second.verdict)),
                         column.name, evidence(cell->second)});
    }
    return text + "\n" + table_text(lines);
}

std::string difference(const Matrix& matrix, const std::string& one,
                       const std::string& other, const Style& style) {
    const Column &left = named(matrix, one), &right = named(matrix, other);
    std::string text;
    for (std::string_view id : differing_rows(left, right)) {
        const Row& row = *find_row(id);
        Verdict before = cell_of(left, id).verdict,
                after = cell_of(right, id).verdict;
        text += cat(
            padded(std::string(id), id_width),
            padded(std::string(row.title), title_width), " ",
            painted(before, glyph_of(before), style), " → ",
            painted(after, cat(glyph_of(after), " ", name_of(after)), style),
            "\n");
    }
    return text.empty() ? "no difference\n" : text;
}

std::string markdown(const Matrix& matrix) {
    std::vector<const Column*> columns = main_columns(matrix);
    std::string text = "| row | what is tried |", line = "| --- | --- |";
    for (const Column* column : columns) {
        text += cat(" ", column->name, " |");
        line += " :-: |";
    }
    text += "\n" + line + "\n";
    for (const Row& row : all_rows()) {
        text += cat("| ", row.id, " | ", row.title, " |");
        for (const Column* column : columns)
            text += cat(" ", glyph_of(cell_of(*column, row.id).verdict), " |");
        text += "\n";
    }
    return text + "\n● open, ◐ limited, ○ closed, – not to be tried\n";
}

}  // namespace slipway::compare
