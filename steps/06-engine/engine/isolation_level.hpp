// --isolation: the same image at each level of the course.
#pragma once

#include "06-engine/engine/create_request.hpp"

namespace slipway {

/// Puts in place of `request.host.isolation` what the level means, in the words
/// of other options, so that nothing below has to know it:
///     "chroot"      another root; the host's processes, network, names, rights
///     "namespaces"  those are its own, too
///     "cgroups"     limits and device rules hold
///     "" (full)     rights, system calls and /proc are cut down
/// Throws InvalidArgument for other words, and for options that ask for more
/// than the level has: a memory limit at "chroot".
void apply_isolation(CreateRequest& request);

}  // namespace slipway
