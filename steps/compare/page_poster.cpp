// Six pictures: a container, a wall, the host around it, and a line for each
// attempt. A line that comes through is open; one that ends at the wall closed.
#include <cmath>
#include <numbers>
#include <vector>

#include "common/text.hpp"
#include "compare/page_parts.hpp"
#include "compare/rows.hpp"
#include "compare/show.hpp"

namespace slipway::compare {
namespace {

constexpr double center = 130, core = 32, wall = 76, rim = 108, letters = 120;

struct Point {
    double x, y;
};

// `turn` in full turns, from the top, clockwise.
Point at(double turn, double radius) {
    double angle = (turn - 0.25) * 2 * std::numbers::pi;
    return {center + radius * std::cos(angle),
            center + radius * std::sin(angle)};
}

std::string ring(const char* kind, double radius) {
    return cat("<circle class=\"", kind, "\" cx=\"130\" cy=\"130\" r=\"",
               decimal(radius), "\"/>");
}

std::string ray(Verdict verdict, double turn) {
    bool through = verdict != Verdict::Closed;
    Point from = at(turn, core), to = at(turn, through ? rim : wall);
    std::string_view kind = name_of(verdict);
    return cat("<line class=\"ray ", kind, "\" x1=\"", decimal(from.x),
               "\" y1=\"", decimal(from.y), "\" x2=\"", decimal(to.x),
               "\" y2=\"", decimal(to.y), "\"/><circle class=\"end ", kind,
               "\" cx=\"", decimal(to.x), "\" cy=\"", decimal(to.y), "\" r=\"",
               through ? "2.6" : "1.4", "\"/>");
}

// The letter of a group, and an arc over its rows.
std::string arc(std::string_view letter, double begin, double end) {
    constexpr double radius = rim + 6;
    Point from = at(begin, radius), to = at(end, radius),
          middle = at((begin + end) / 2, letters);
    return cat("<path class=\"arc\" d=\"M", decimal(from.x), " ",
               decimal(from.y), " A", decimal(radius), " ", decimal(radius),
               " 0 0 1 ", decimal(to.x), " ", decimal(to.y),
               "\"/><text class=\"soft\" font-size=\"9\" "
               "text-anchor=\"middle\" x=\"",
               decimal(middle.x), "\" y=\"", decimal(middle.y + 3), "\">",
               letter, "</text>");
}

// Only what can be seen on this machine has a place around the circle.
std::vector<const Row*> visible_rows(const Matrix& matrix) {
    std::vector<const Row*> rows;
    const Column* host = matrix.find("host");
    for (const Row& row : all_rows())
        if (!host || cell_of(*host, row.id).verdict == Verdict::Open)
            rows.push_back(&row);
    return rows;
}

std::string picture(const Column& column, const std::vector<const Row*>& rows) {
    std::string lines, arcs;
    double step = 1.0 / static_cast<double>(rows.size() + 1);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        double turn = (static_cast<double>(i) + 0.75) * step;
        Verdict verdict = cell_of(column, rows[i]->id).verdict;
        if (verdict != Verdict::Nothing && verdict != Verdict::Error)
            lines += ray(verdict, turn);
        bool first = i == 0 || rows[i]->group != rows[i - 1]->group;
        if (!first) continue;
        std::size_t last = i;
        while (last + 1 < rows.size() &&
               rows[last + 1]->group == rows[i]->group)
            ++last;
        arcs += arc(rows[i]->id.substr(0, 1), turn - 0.3 * step,
                    turn + (static_cast<double>(last - i) + 0.3) * step);
    }
    int open = count_of(column, Verdict::Open);
    return cat("<svg viewBox=\"0 0 260 260\" role=\"img\" aria-label=\"",
               escaped(column.title), ": ", open, " of ", rows.size(),
               " attempts reach the host\">", ring("rim", rim),
               ring("wall", wall), lines, arcs, ring("core", core),
               "<text x=\"130\" y=\"135\" text-anchor=\"middle\" "
               "font-size=\"21\" font-weight=\"700\">",
               open,
               "</text><text class=\"soft\" x=\"130\" y=\"147\" "
               "text-anchor=\"middle\" font-size=\"8.5\">open</text></svg>");
}

}  // namespace

std::string poster_part(const Matrix& matrix) {
    std::vector<const Row*> rows = visible_rows(matrix);
    if (rows.empty()) return "";
    std::string figures;
    for (const Column& column : matrix.columns) {
        if (column.kind != "step" || !column.failure.empty()) continue;
        int limited = count_of(column, Verdict::Limited);
        figures += cat("<figure>", picture(column, rows), "<figcaption><b>",
                       escaped(column.name), " · ", escaped(column.title),
                       "</b><span>", count_of(column, Verdict::Open), " of ",
                       rows.size(), " attempts come through",
                       limited > 0 ? cat(", ", limited, " up to a bound") : "",
                       "</span></figcaption></figure>\n");
    }
    if (figures.empty()) return "";
    return cat(
        "<h2 id=\"poster\">Six pictures</h2>\n<p>In the middle the container, "
        "around it the wall that a step builds, outside the host. Each line is "
        "an attempt: it comes through, or it ends at the wall. F files, P "
        "processes, U and I names and IPC, N network, R users and rights, D "
        "devices, K kernel, C resources, X other containers, B images and "
        "builds.</p>\n<div class=\"poster\">\n",
        figures, "</div>\n");
}

}  // namespace slipway::compare
