// System calls that are newer than a seccomp profile.
//
// A libc tries a new call first and takes the old one when it hears ENOSYS, "no
// such call". A profile that was written before that call refuses it with
// EPERM, which the libc believes: the program fails (glibc 2.34 and clone3,
// 2.33 and faccessat2). So what is beyond the last call the profile names gets
// ENOSYS, whatever the profile says. runc does the same.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "06-engine/security/seccomp.hpp"

namespace slipway {

/// Instructions to be put in front of the profile's program, for each of the
/// architectures of the libseccomp context. None, unless calls that are not
/// named are refused with an errno.
std::vector<sock_filter> refuse_newer_calls(void* context,
                                            const SeccompProfile& profile);

}  // namespace slipway
