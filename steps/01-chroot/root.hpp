// Entering another root: chroot(2), done right.
#pragma once

#include <string>

namespace slipway {

/// Makes `root` the root and the working directory of this process and of all
/// that it starts. There is no way back, so do it in a child.
///
/// What it confines: names. A path, an absolute symlink and ".." cannot lead
/// out. What it does not confine: a process with CAP_SYS_CHROOT (it walks out,
/// see chapter 01), open descriptors, and everything that has no path.
///
/// Needs CAP_SYS_CHROOT in the process's user namespace. Throws NotFound or
/// InvalidArgument when `root` is missing or no folder, Forbidden without the
/// capability; each with advice. Source: chroot(2).
void enter_root(const std::string& root);

/// Makes a folder inside the working directory, with advice when it is missing.
/// After enter_root() and before become_user(): the folder may be root's own.
/// Links that lead to open files (/proc/self/fd/N) are refused: the name may be
/// an image's.
void enter_workdir(const std::string& folder);

}  // namespace slipway
