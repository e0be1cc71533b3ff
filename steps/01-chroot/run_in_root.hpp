// run_in_root(): do a piece of work below a folder that is not trusted.
//
// Unpacking a layer, COPY in a build, copying out of a container: each walks
// paths that somebody else made. A symlink in them points wherever it likes.
// Inside the folder's own root it can only point inside.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace slipway {

/// What a task brings back from the other root.
struct RootReply {
    std::string bytes;            ///< any bytes, up to 1 GiB
    std::vector<UniqueFd> files;  ///< open descriptors, at most 253
};

/// Runs `task` in a child process whose root is `root`, and returns what it
/// returns. The task sees a copy of the caller's memory: what it changes there
/// is lost, only the reply comes back. Descriptors opened inside work outside.
///
/// An Error thrown by the task is thrown here, whole. A task that is killed is
/// an Error of kind System that names the signal. Nothing is left running.
/// Confined are names, not code: the task is ours, only its data is foreign.
///
/// Needs what enter_root() needs. Usable from a threaded process, since it
/// uses fork(2), whose child glibc keeps in order.
RootReply run_in_root(const std::string& root,
                      const std::function<RootReply()>& task);

}  // namespace slipway
