// What the command line of step 3 adds to step 2's.
#pragma once

#include "03-cgroups/limits.hpp"
#include "common/program.hpp"

namespace slipway {

/// Declares --memory and the like, with Docker's names and meanings; the
/// values end up in `limits`.
void declare_limit_options(CommandLine& line, CgroupLimits& limits);
/// Docker's device policy, unless rules were given or this user could not set
/// one anyway; and refuses what contradicts itself.
void finish_limits(CgroupLimits& limits);

}  // namespace slipway
