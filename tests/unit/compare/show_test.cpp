#include "compare/show.hpp"

#include "common/error.hpp"
#include "compare/page.hpp"
#include "compare/rows.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using namespace slipway::compare;

namespace {

Column column(const std::string& name, const std::string& kind, Verdict f1,
              Verdict k1) {
    Column made{name, "title of " + name, kind, "prog {rootfs}", "", {}, {}};
    made.cells["F1"] = {f1, "open(FILE)", "ENOENT", "<b>", ""};
    made.cells["K1"] = {k1, "klogctl", "", "", ""};
    return made;
}

Matrix small() {
    Matrix matrix{{{"kernel", "Linux 6"}, {"cgroup", "v2"}}, 1.5, {}};
    matrix.columns = {
        column("host", "host", Verdict::Open, Verdict::Open),
        column("1", "step", Verdict::Closed, Verdict::Open),
        column("6", "step", Verdict::Closed, Verdict::Closed),
        column("6-without-root", "without", Verdict::Open, Verdict::Closed)};
    matrix.columns[1].costs = {{1.5, 2.5}, {2048, 2050}};
    return matrix;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("compare: JSON carries a matrix there and back") {
    Matrix matrix = small();
    matrix.columns[0].failure = "not installed";
    CHECK(from_json(to_json(matrix)) == matrix);
    CHECK_THROWS_AS(from_json("{}"), Error);
    CHECK_THROWS_AS(from_json(R"({"format": "other/1"})"), Error);
}

TEST_CASE("compare: the table tells verdicts apart without colours") {
    std::string text = table(small(), {});
    CHECK(has(text, "host  1  6"));
    CHECK_FALSE(has(text, "6-without-root"));
    CHECK(has(text, "●  ○  ○"));
    CHECK(has(text, "●  ●  ○"));
    CHECK_FALSE(has(text, "\033"));
    CHECK(has(table(small(), {.color = true}), "\033[31m●"));
    CHECK(has(table(small(), {.all_columns = true}), "6-without-root"));
    CHECK_FALSE(has(table(small(), {.changed_only = true}), "\nP1"));
}

TEST_CASE("compare: differences, evidence and ablation") {
    CHECK(difference(small(), "1", "6", {}) ==
          "K1   read the kernel's log                       ● → ○ closed\n");
    CHECK(difference(small(), "1", "1", {}) == "no difference\n");
    CHECK_THROWS_AS(difference(small(), "1", "7", {}), Error);
    std::string text = explain_row(small(), "F1", {});
    CHECK(has(text, "closed by: a root of its own"));
    CHECK(has(text, "open(FILE)"));
    CHECK(has(text, "ENOENT"));
    CHECK_THROWS_AS(explain_row(small(), "F99", {}), Error);
    CHECK(has(ablation(small()), "opens F1"));
    CHECK(has(markdown(small()), "| F1 | open a host file by its path | ● |"));
}

TEST_CASE(
    "compare: the page needs nothing else, and shows foreign text as text") {
    std::string text = page(small());
    CHECK(has(text, "&lt;b&gt;"));
    CHECK_FALSE(has(text, "ENOENT; <b>"));
    for (const char* part : {"<script", "http:", "https:", "@import", "url("})
        CHECK_FALSE(has(text, part));
    CHECK(has(text, "id=\"F1-1\""));
    CHECK(has(text, "href=\"#F1-1\""));
    CHECK(has(text, "class=\"closed flip\""));
    CHECK(has(text, "prefers-color-scheme: dark"));
}

TEST_CASE("compare: a column of any name does no harm to the page") {
    Matrix matrix = small();
    matrix.columns.push_back(
        column("\"><script>", "yours", Verdict::Open, Verdict::Closed));
    matrix.columns.back().costs = {{1}, {2}};
    matrix.columns.push_back(matrix.columns.back());
    matrix.columns.back().kind = "step";
    CHECK_FALSE(has(page(matrix), "<script"));
}

TEST_CASE("compare: rows have all that they are shown with") {
    for (const Row& row : all_rows()) {
        INFO(row.id);
        CHECK(find_row(row.id) == &row);
        CHECK_FALSE(row.title.empty());
        CHECK_FALSE(row.meaning.empty());
        CHECK_FALSE(row.closes.empty());
        CHECK_FALSE(row.man.empty());
        CHECK(row.chapter.size() == 2);
        CHECK((row.severity >= 1 && row.severity <= 3));
    }
}
