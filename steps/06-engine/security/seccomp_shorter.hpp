// A seccomp program made shorter, for the kernel translates it at each start.
#pragma once

#include <linux/filter.h>

#include <vector>

namespace slipway {

/// A program that answers the same to everything, of ranges of call numbers:
/// libseccomp compares one number after the other. (Docker's profile: 1,400
/// instructions become 300.) What is not of the kind that libseccomp writes is
/// returned as it is.
std::vector<sock_filter> shorter_seccomp(
    const std::vector<sock_filter>& program);

}  // namespace slipway
