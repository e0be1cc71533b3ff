// RUN --mount: what a command sees and its layer does not have.
//
//   type=bind      files of a stage, an image or the context; writes are lost
//   type=cache     a folder that stays from build to build
//   type=tmpfs     memory
//   type=secret    a file in memory, or a variable
//   type=ssh       the socket of an agent
//
// Source: Dockerfile reference, "RUN --mount".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "05-build/build_session.hpp"
#include "05-build/cache_mounts.hpp"
#include "05-build/exec_request.hpp"

namespace slipway {

struct ReadyMount {
    ExecMount exec = {};           ///< no target: there is only a variable
    std::string environment = {};  ///< "NAME=value": a secret, an agent
    std::string identity = {};     ///< what of it counts for the cache
    bool is_single_file = false;
    /// What is to be done only when the command is run.
    std::function<void(ReadyMount& ready)> prepare = {};
    /// Of a cache: its folder is known, and is the source, once it is held.
    std::optional<CacheMount> cache = {};

    bool is_file() const {
        return is_single_file || exec.kind == ExecMount::Kind::File;
    }
    bool needs_folder() const {
        return exec.kind == ExecMount::Kind::Tree ||
               exec.kind == ExecMount::Kind::Scratch ||
               exec.kind == ExecMount::Kind::File;
    }
};

/// All of an instruction, ready to be mounted. Throws InvalidArgument for
/// options that make no sense, NotFound for what it needs and is not there: a
/// secret, a stage, a file.
std::vector<ReadyMount> ready_mounts(StageWork& work, const Run& run);

/// Holds the caches among them, as long as what is returned lives.
std::vector<UniqueFd> hold_caches(const BuildSession& session,
                                  std::vector<ReadyMount>& mounts);

}  // namespace slipway
