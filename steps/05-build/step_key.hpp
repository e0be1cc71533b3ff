// What the result of a step depends on, by names that people understand. Two
// steps with the same inputs make the same layer, whatever stands above them in
// the Dockerfile.
#pragma once

#include <string>
#include <vector>

#include "04-images/digest.hpp"

namespace slipway {

struct StepInput {
    std::string name;   ///< "command", "ENV PATH", "file src/main.c"
    std::string value;  ///< itself, or its digest
    bool operator==(const StepInput&) const = default;
};

struct StepKey {
    std::vector<StepInput> inputs;  ///< the most telling first
    Digest digest() const;
};

/// The one difference that explains best why `now` is not `before`: "file
/// src/main.c has changed", "ARG VERSION is "2", it was "1"". Empty when there
/// is none.
std::string first_difference(const StepKey& before, const StepKey& now);

}  // namespace slipway
