// Docker's commands that are not there. Each says why, and what to do instead.
#pragma once

#include <vector>

#include "common/program.hpp"

namespace slipway {

/// They have no summary: help does not promise them.
std::vector<Verb> absent_verbs();

}  // namespace slipway
