#include "compare/page.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "compare/page_parts.hpp"
#include "compare/rows.hpp"
#include "compare/show.hpp"

namespace slipway::compare {
namespace {

std::string of_machine(const Matrix& matrix, const char* name) {
    auto found = matrix.machine.find(name);
    return found == matrix.machine.end() ? "" : escaped(found->second);
}

std::string legend() {
    std::string text = "<ul class=\"legend\">";
    const std::pair<Verdict, const char*> all[] = {
        {Verdict::Open, "open: it reaches the host"},
        {Verdict::Limited, "limited: it does, up to a bound"},
        {Verdict::Closed,
         "closed: refused here, and in the same run it worked on the host"},
        {Verdict::Nothing, "nothing to see: it does not work on the host"},
        {Verdict::Error, "no answer, or one that cannot be true"}};
    for (const auto& [verdict, meaning] : all)
        text += cat("<li>", glyph(verdict), meaning, "</li>");
    return text +
           "<li><span class=\"key flip\"></span>first closed in this step</li>"
           "<li><span class=\"key held\"></span>closed, and stays closed "
           "whichever mechanism is left out</li></ul>\n";
}

std::string head_line(const Matrix& matrix) {
    const Column *host = matrix.find("host"), *engine = matrix.find("6");
    if (!host || !engine) return "";
    auto reach = [](const Column& column) {
        return count_of(column, Verdict::Open) +
               count_of(column, Verdict::Limited);
    };
    return cat("<p class=\"lead\">Of ", all_rows().size(), " attempts, ",
               reach(*host),
               " reach this machine without a container. With the engine's "
               "container, <strong>",
               count_of(*engine, Verdict::Open), "</strong> do, and ",
               count_of(*engine, Verdict::Limited), " up to a bound.</p>\n");
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string safe;
    for (char c : text) switch (c) {
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '&':
                safe += "&amp;";
                break;
            case '"':
                safe += "&quot;";
                break;
            default:
                safe += c;
        }
    return safe;
}

std::string glyph(Verdict verdict) {
    return cat("<svg class=\"g ", name_of(verdict),
               "\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><use href=\"#g-",
               name_of(verdict), "\"/></svg>");
}

std::string page(const Matrix& matrix) {
    return cat(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n"
        "<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<title>What each mechanism isolates</title>\n<style>\n",
        page_style(), "</style>\n</head>\n<body>\n", page_symbols(),
        "<header>\n<h1>What each mechanism isolates</h1>\n", head_line(matrix),
        "<p class=\"machine\">Measured on ", of_machine(matrix, "kernel"), ", ",
        of_machine(matrix, "architecture"), ", cgroup ",
        of_machine(matrix, "cgroup"), ", ", of_machine(matrix, "processors"),
        " processors, ", of_machine(matrix, "memory"), "; ",
        of_machine(matrix, "date"), ", in ", decimal(matrix.seconds),
        " s.</p>\n<nav><a href=\"#poster\">Six pictures</a> "
        "<a href=\"#matrix\">Matrix</a> "
        "<a href=\"#mechanisms\">One mechanism</a> "
        "<a href=\"#cost\">Cost</a></nav>\n</header>\n<main>\n",
        poster_part(matrix), matrix_part(matrix), legend(),
        ablation_part(matrix), cost_part(matrix), evidence_part(matrix),
        "</main>\n</body>\n</html>\n");
}

}  // namespace slipway::compare
