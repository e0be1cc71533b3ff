// The rows of the matrix: what is tried, what it would mean, what closes it.
#pragma once

#include <string_view>
#include <vector>

namespace slipway::compare {

struct Row {
    std::string_view id;
    std::string_view group;
    std::string_view title;    ///< what the container would be able to do
    std::string_view meaning;  ///< why that matters, in one sentence
    std::string_view closes;   ///< the mechanism, or "never: …"
    std::string_view man;
    std::string_view chapter;  ///< "02", where it is explained
    int severity;              ///< 3: the host is lost; 2: harm; 1: knowledge
    /// Open is believed only with a canary's secret.
    bool wants_proof = false;
    /// What happens is seen on the host: an open that left no trace there is
    /// none, and a trace tells more than the probe's word.
    bool leaves_trace = false;
    bool takes_long = false;  ///< left out where only a mechanism is removed
    /// A harm that containers bring: it need not be shown on the host.
    bool of_containers = false;
    /// It is a neighbour that is reached, in another container of the subject.
    bool is_of_neighbour() const { return id[0] == 'X'; }
    /// A builder is led to do it, and no container: builds.hpp.
    bool is_of_builder() const { return id[0] == 'B'; }
};

const std::vector<Row>& all_rows();
/// nullptr: there is none of this name.
const Row* find_row(std::string_view id);
/// Throws NotFound, with the nearest name.
const Row& row_named(std::string_view id);

}  // namespace slipway::compare
