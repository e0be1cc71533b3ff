// What RUN --mount asks for, mounted: in the child, below the root that is
// being built, before it is entered.
#pragma once

#include "05-build/exec_request.hpp"

namespace slipway {

/// `root_fd` is the new root. The mount namespace is the child's own: trees and
/// files are first mounted on ExecMount::folder, where the host sees nothing.
/// Targets are opened inside the root only; missing ones are created.
void mount_for_exec(int root_fd, const std::vector<ExecMount>& mounts,
                    bool user_xattr);

/// Of a mount that is no Tmpfs: makes what is to be shown, in this process's
/// mount namespace, which is its own, and returns its path.
std::string exec_mount_source(const ExecMount& mount, bool user_xattr);

}  // namespace slipway
