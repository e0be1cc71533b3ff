// From what the probe says and what the judge has seen to a verdict.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "compare/matrix.hpp"
#include "compare/rows.hpp"

namespace slipway::compare {

/// One line of the probe's.
struct Report {
    std::string attempt, outcome, error, detail, proof;
};

/// All that is known of one start.
struct Observed {
    std::map<std::string, Report> reports;  ///< by row
    std::set<std::string> begun;   ///< also those that were never finished
    std::set<std::string> traces;  ///< rows whose effect was seen on the host
    bool finished = false;         ///< the probe came to its end
    bool timed_out = false;        ///< it was killed: it did not end
    std::string neighbour;         ///< what a neighbour says of itself
    std::string output;            ///< what else was printed, for failures
};

/// Takes a line of output in; lines that are not the probe's are kept as
/// output. `mark` is how the probe's lines begin: "@@NONCE ".
void take_line(Observed& observed, std::string_view line,
               std::string_view mark);

/// The last line in which there is something, fit for a terminal.
std::string last_line(const std::string& output);

/// `host`: what the same row came to on the host in this run; empty for the
/// host itself. `secret`: what a canary that was reached gives away. With
/// `own_kernel`, what was done to the kernel was done to another one than ours.
Cell judge(const Row& row, const Observed& observed, std::string_view secret,
           std::optional<Verdict> host, bool own_kernel = false);

}  // namespace slipway::compare
