// Starting another program from a process that has threads: posix_spawn(3) runs
// none of our code in the child.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/process.hpp"

namespace slipway {

struct SpawnPlan {
    /// Looked up on the PATH if it has no slash; empty: the first argument.
    std::string program = {};
    std::vector<std::string> arguments;
    /// "NAME=value"; not given: our own.
    std::optional<std::vector<std::string>> environment = {};
    /// What the child has at which number; -1 is /dev/null, to be read. The
    /// rest of 0 to 2 is ours; others are open there unless close-on-exec.
    struct File {
        int ours, theirs;
    };
    std::vector<File> files = {};
    /// Of posix_spawnattr_setflags(3): SETSIGMASK leaves no signal blocked,
    /// SETSIGDEF none ignored, SETPGROUP makes a process group of its own.
    short flags = 0;
};

/// Throws NotFound when there is no such program, and what the kernel said.
ChildProcess spawn(SpawnPlan plan);

}  // namespace slipway
