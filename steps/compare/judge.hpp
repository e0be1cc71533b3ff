// The judge: plants the canaries, starts each subject with the probe, watches
// the host, and comes to a matrix.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compare/matrix.hpp"
#include "compare/subjects.hpp"

namespace slipway::compare {

struct Request {
    std::vector<Subject> subjects;  ///< the host is added, and comes first
    int rounds = 5;                 ///< starts to be timed; 0: none
    std::string bin;                ///< where our programs are
    std::string probe;              ///< another probe than ours, for tests
    std::string kernel = {};        ///< for the machine; empty: of /boot
    /// Told what is being done now.
    std::function<void(const std::string& what)> progress;
};

/// Throws Forbidden when we are not root. Whatever ends it, also kill -9 of
/// this process or of the one that it starts, the host is left as it was.
Matrix measure(const Request& request);

}  // namespace slipway::compare
