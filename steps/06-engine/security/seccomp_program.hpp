// The two halves of compile_seccomp(): what takes time, and the rest.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "06-engine/security/seccomp.hpp"

namespace slipway {

/// libseccomp's work: instructions for the kernel.
std::vector<sock_filter> seccomp_program(const SeccompProfile& profile);

/// They and what else the profile says about loading them.
SeccompFilter seccomp_filter(const SeccompProfile& profile,
                             std::vector<sock_filter> program);

/// From the beginning of a file.
std::vector<sock_filter> read_seccomp_program(const UniqueFd& file);

}  // namespace slipway
