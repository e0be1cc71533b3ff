#include "compare/verdict.hpp"

#include "unit/catch.hpp"

using namespace slipway;
using namespace slipway::compare;

namespace {

Observed with(std::string_view row, const Report& report) {
    Observed observed;
    observed.reports[std::string(row)] = report;
    return observed;
}

Verdict verdict(std::string_view row, const Observed& observed,
                std::optional<Verdict> host = Verdict::Open) {
    return judge(*find_row(row), observed, "s3cret", host).verdict;
}

}  // namespace

TEST_CASE("compare: closed is said only when it was open on the host") {
    Observed refused = with("K1", {"klogctl", "closed", "EPERM", "", ""});
    CHECK(verdict("K1", refused, Verdict::Open) == Verdict::Closed);
    CHECK(verdict("K1", refused, Verdict::Nothing) == Verdict::Nothing);
    CHECK(verdict("K1", refused, std::nullopt) == Verdict::Nothing);
    Observed missing = with("K9", {"open", "absent", "ENOSYS", "", ""});
    CHECK(verdict("K9", missing, Verdict::Open) == Verdict::Closed);
    CHECK(verdict("K9", missing, Verdict::Nothing) == Verdict::Nothing);
}

TEST_CASE("compare: a bound is shown where there was none on the host") {
    Observed bounded = with("C3", {"fork", "limited", "EAGAIN", "61", ""});
    CHECK(verdict("C3", bounded) == Verdict::Limited);
    CHECK(verdict("C3", bounded, Verdict::Limited) == Verdict::Nothing);
    CHECK(judge(*find_row("C3"), bounded, "", Verdict::Open).detail == "61");
}

TEST_CASE("compare: open needs the canary's secret") {
    CHECK(verdict("F1", with("F1", {"open", "open", "", "", "s3cret"})) ==
          Verdict::Open);
    CHECK(verdict("F1", with("F1", {"open", "open", "", "", "made up"})) ==
          Verdict::Error);
    CHECK(verdict("F1", with("F1", {"open", "open", "", "", ""})) ==
          Verdict::Error);
}

TEST_CASE("compare: what the host saw counts more than what is said") {
    Observed denied = with("P3", {"kill", "closed", "ESRCH", "", ""});
    CHECK(verdict("P3", denied) == Verdict::Closed);
    denied.traces.insert("P3");
    CHECK(verdict("P3", denied) == Verdict::Open);
    CHECK(judge(*find_row("P3"), denied, "", Verdict::Open).note ==
          "the probe says it failed; the host saw it happen");
    // In a namespace of its own it works, and does nothing to the host.
    CHECK(verdict("U2", with("U2", {"sethostname", "open", "", "", ""})) ==
          Verdict::Closed);
}

TEST_CASE("compare: no answer is no verdict, but for a bomb's last word") {
    Observed silent;
    CHECK(verdict("K1", silent) == Verdict::Error);
    CHECK(verdict("K1", silent, std::nullopt) == Verdict::Error);
    silent.begun.insert("K1");
    CHECK(verdict("K1", silent) == Verdict::Error);
    silent.begun.insert("C1");
    CHECK(verdict("C1", silent) == Verdict::Limited);
    silent.timed_out = true;  // the judge has ended it, and no limit
    CHECK(verdict("C1", silent) == Verdict::Error);
}

TEST_CASE("compare: what could not be tried is not closed") {
    for (const char* outcome : {"failed", "", "Closed", "nonsense"})
        CHECK(verdict("K1", with("K1", {"klogctl", outcome, "EAGAIN", "",
                                        ""})) == Verdict::Error);
}

TEST_CASE("compare: a program's last words are fit for a terminal") {
    CHECK(last_line("one\n\n\033[31mtwo\n\n") == "?[31mtwo");
    CHECK(last_line("").empty());
    CHECK(last_line(std::string(1000, 'x')).size() == 200);
}

TEST_CASE("compare: the probe's lines are found in any output") {
    Observed observed;
    std::string_view mark = "@@ab ";
    take_line(observed, "#5 0.1 @@ab {\"row\": \"F1\", \"outcome\": \"open\"}",
              mark);
    take_line(observed, "@@ab {\"row\": \"C1\", \"begun\": true}", mark);
    take_line(observed, "@@cd {\"row\": \"F2\", \"outcome\": \"open\"}", mark);
    take_line(observed, "@@ab {\"row\": 7}", mark);
    take_line(observed, "@@ab {\"row\": \"F3\"", mark);
    take_line(observed, "@@ab [1]", mark);
    take_line(observed, "Error: no such image", mark);
    CHECK(observed.reports.size() == 1);
    CHECK(observed.reports.at("F1").outcome == "open");
    CHECK(observed.begun.contains("C1"));
    CHECK_FALSE(observed.finished);
    CHECK(observed.output.find("no such image") != std::string::npos);
    take_line(observed, "@@ab {\"end\": true}", mark);
    take_line(observed, "@@ab {\"mark\": true}", mark);
    CHECK(observed.finished);
    CHECK(observed.traces.contains("F10"));
}

TEST_CASE("compare: what works on a kernel of its own is not done to ours") {
    Observed observed;
    take_line(observed, R"(@@n {"row": "K1", "outcome": "open"})", "@@n ");
    take_line(observed, R"(@@n {"row": "C1", "outcome": "open"})", "@@n ");
    take_line(observed, R"(@@n {"row": "F1", "outcome": "open", "proof": "s"})",
              "@@n ");
    auto verdict = [&](const char* row, bool own_kernel) {
        return judge(*find_row(row), observed, "s", Verdict::Open, own_kernel)
            .verdict;
    };
    CHECK(verdict("K1", false) == Verdict::Open);
    CHECK(verdict("K1", true) == Verdict::Closed);
    CHECK(verdict("C1", true) == Verdict::Limited);
    CHECK(verdict("F1", true) == Verdict::Open);  // it has the host's secret
}
