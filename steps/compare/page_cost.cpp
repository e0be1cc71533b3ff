// The cost strip: how long a start takes, each start a dot, and how much memory
// its largest process had.
#include <algorithm>
#include <cmath>

#include "common/text.hpp"
#include "compare/page_parts.hpp"
#include "compare/show.hpp"

namespace slipway::compare {
namespace {

constexpr double left = 168, right = 560, bars = 640, bars_end = 860,
                 line_height = 22, top = 40;

struct Scale {
    double least, most;  // ms

    double x(double milliseconds) const {
        double share = std::log(std::max(milliseconds, least) / least) /
                       std::log(most / least);
        return left + share * (right - left);
    }
};

Scale scale_of(const std::vector<const Column*>& columns) {
    Scale scale{1, 10};
    for (const Column* column : columns)
        for (double one : column->costs.milliseconds)
            scale.most = std::max(scale.most, one * 1.1);
    return scale;
}

std::string text_at(double x, double y, std::string_view text,
                    std::string_view more = "") {
    return cat("<text x=\"", decimal(x), "\" y=\"", decimal(y),
               "\" font-size=\"12\" ", more, ">", escaped(text), "</text>");
}

std::string line_from(const char* kind, double x1, double y1, double x2,
                      double y2) {
    return cat("<line class=\"", kind, "\" x1=\"", decimal(x1), "\" y1=\"",
               decimal(y1), "\" x2=\"", decimal(x2), "\" y2=\"", decimal(y2),
               "\"/>");
}

std::string axis(const Scale& scale, double bottom) {
    std::string text =
        text_at(left, 11, "start to end, ms (logarithmic)", "class=\"soft\"") +
        text_at(bars, 11, "largest process, MiB", "class=\"soft\"");
    for (double mark :
         {1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0}) {
        if (mark > scale.most) break;
        double x = scale.x(mark);
        text += line_from("grid", x, top - 6, x, bottom) +
                text_at(x, top - 9, cat(static_cast<long>(mark)),
                        "class=\"soft\" text-anchor=\"middle\"");
    }
    return text;
}

std::string strip(const Column& column, const Scale& scale, double most_memory,
                  double y) {
    const Costs& costs = column.costs;
    auto [least, most] = std::minmax_element(costs.milliseconds.begin(),
                                             costs.milliseconds.end());
    bool is_step = column.kind == "step";
    std::string name =
        is_step ? cat(column.name, " ", column.title) : column.title;
    if (column.kind == "only" || column.kind == "without")
        name = cat(column.name.substr(0, column.name.find('-')), ", ",
                   column.title);
    std::string text = text_at(left - 12, y + 4, name, "text-anchor=\"end\"") +
                       line_from("span", scale.x(*least), y, scale.x(*most), y);
    for (double one : costs.milliseconds)
        text += cat("<circle class=\"dot\" cx=\"", decimal(scale.x(one)),
                    "\" cy=\"", decimal(y), "\" r=\"4\"/>");
    double middle = median(costs.milliseconds);
    text +=
        line_from("median", scale.x(middle), y - 7, scale.x(middle), y + 7) +
        text_at(right + 12, y + 4, decimal(middle));
    std::vector<double> memory(costs.kibibytes.begin(), costs.kibibytes.end());
    double mebibytes = median(memory) / 1024;
    double width = (bars_end - bars) * mebibytes / most_memory;
    return text +
           cat("<rect class=\"bar\" x=\"", decimal(bars), "\" y=\"",
               decimal(y - 6), "\" width=\"", decimal(width),
               "\" height=\"12\" rx=\"3\"/>") +
           text_at(bars + width + 8, y + 4, decimal(mebibytes));
}

std::string plot(const std::vector<const Column*>& columns) {
    Scale scale = scale_of(columns);
    double most_memory = 1;
    for (const Column* column : columns)
        for (long one : column->costs.kibibytes)
            most_memory =
                std::max(most_memory, static_cast<double>(one) / 1024);
    double bottom = top + line_height * static_cast<double>(columns.size());
    std::string text = axis(scale, bottom);
    for (std::size_t i = 0; i < columns.size(); ++i)
        text += strip(*columns[i], scale, most_memory,
                      top + line_height * (static_cast<double>(i) + 0.5));
    return cat("<div class=\"cost\"><svg viewBox=\"0 0 910 ",
               decimal(bottom + 8),
               "\" role=\"img\" aria-label=\"cost of each column\">", text,
               "</svg></div>\n");
}

}  // namespace

std::string cost_part(const Matrix& matrix) {
    std::vector<const Column*> whole, parts;
    for (const Column& column : matrix.columns) {
        if (column.costs.milliseconds.empty()) continue;
        bool part = column.kind == "only" || column.kind == "without";
        (part ? parts : whole).push_back(&column);
    }
    if (whole.empty()) return "";
    std::string text = cat(
        "<h2 id=\"cost\">What it costs</h2>\n<p>The probe was started and did "
        "nothing, several times, all columns in turn. A dot is a start, the "
        "stroke the median. Daemons that wait in the background are not "
        "counted.</p>\n",
        plot(whole));
    if (!parts.empty())
        text += cat(
            "<p>One mechanism more than step 1, or one less than step 2, 6 or "
            "slipway-oci:</p>\n",
            plot(parts));
    return text;
}

}  // namespace slipway::compare
