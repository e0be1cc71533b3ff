// The same root filesystem on a machine of its own: QEMU, and a kernel that
// only this machine runs.
#pragma once

#include <string>

#include "compare/subjects.hpp"

namespace slipway::compare {

/// The column "vm". It is measured when it is asked for: a boot takes as long
/// as all the other columns' starts.
Subject machine_subject();

/// The kernel that runs here, or the newest one, of those in `folder`
/// ("/boot"). Throws NotFound that says what to do.
std::string find_kernel(const std::string& folder);

}  // namespace slipway::compare
