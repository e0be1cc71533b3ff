// What a filter will say to a call, asked before it is loaded: afterwards it
// may be too late to say anything.
#pragma once

#include <cstdint>

#include "06-engine/security/seccomp.hpp"

namespace slipway {

/// Whether `call` (SYS_…) with this first argument, the others 0, would be
/// made: allowed, or left to who listens. For a program with instructions that
/// libseccomp does not write: true.
bool seccomp_allows(const SeccompFilter& filter, long call,
                    std::uint64_t argument = 0);

}  // namespace slipway
