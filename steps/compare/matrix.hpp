// The matrix: what each row came to in each subject, with its evidence. It is
// measured once, and shown in many ways.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::compare {

enum class Verdict {
    Open,     ///< it reaches the host
    Limited,  ///< it does, up to a bound
    Closed,   ///< it does not, and it did on the host, in the same run
    Nothing,  ///< it does not work on the host either: nothing is shown
    Error,    ///< no answer, or one that cannot be true
};

struct Cell {
    Verdict verdict = Verdict::Nothing;
    std::string attempt;
    std::string error;   ///< "EPERM"
    std::string detail;  ///< what the probe saw
    std::string note;    ///< what the judge has to say about it

    bool operator==(const Cell&) const = default;
};

/// Of the starts that were timed.
struct Costs {
    std::vector<double> milliseconds;
    std::vector<long> kibibytes;  ///< largest process of each start
    bool operator==(const Costs&) const = default;
};

struct Column {
    std::string name;   ///< "2", "2-without-pid", "docker"
    std::string title;  ///< "namespaces"
    std::string kind;   ///< "step", "only", "without", "engine", "reference"
    std::string command;
    std::string failure;                ///< why there is nothing to see
    std::map<std::string, Cell> cells;  ///< by row
    Costs costs;
    bool operator==(const Column&) const = default;
};

struct Matrix {
    std::map<std::string, std::string> machine;  ///< kernel, cgroup, date …
    double seconds = 0;                          ///< how long it took
    std::vector<Column> columns;

    const Column* find(std::string_view name) const;
    bool operator==(const Matrix&) const = default;
};

std::string_view name_of(Verdict verdict);
Verdict parse_verdict(std::string_view name);
/// Nothing for a row that was not tried.
const Cell& cell_of(const Column& column, std::string_view row);

/// One JSON document, with the rows' texts for whoever reads it elsewhere.
std::string to_json(const Matrix& matrix);
/// Throws InvalidArgument that names the field that is wrong.
Matrix from_json(std::string_view text);

/// Open and limited, closed, and so on, in a column.
int count_of(const Column& column, Verdict verdict);

/// The middle one; 0 for none.
double median(std::vector<double> numbers);

/// Of two columns: the rows whose verdicts differ, where both were tried.
std::vector<std::string_view> differing_rows(const Column& one,
                                             const Column& other);

}  // namespace slipway::compare
