// What an image's config makes of a command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "01-chroot/user.hpp"
#include "04-images/image_config.hpp"

namespace slipway {

/// What was typed; empty: the image's own.
struct RunOverrides {
    std::string user, workdir;
    std::optional<std::string> entrypoint;  ///< "" takes the image's away
    std::vector<std::string> environment;   ///< "NAME=value" or "NAME"
    std::vector<std::string> command;
};

/// Entrypoint and command, as Docker joins them: words that are typed replace
/// Cmd; an --entrypoint replaces Entrypoint and drops Cmd. Throws
/// InvalidArgument when nothing is left to run.
std::vector<std::string> command_of(const RunConfig& config,
                                    const RunOverrides& typed);

/// Docker's PATH and our TERM, then the image's variables, then those typed.
std::vector<std::string> environment_of(const RunConfig& config,
                                        const RunOverrides& typed);

/// mkdir -p below a root that is open: for a working directory, which Docker
/// makes when it is missing.
void make_folders_inside(int root_fd, const std::string& path);

/// For a child that stands in its root: who is meant by a user's name, and the
/// working directory, which is made when it is missing. Sets HOME unless the
/// environment has one.
struct Inside {
    User user;
    std::vector<std::string> environment;
};
Inside prepare_inside(const std::string& user, const std::string& workdir,
                      std::vector<std::string> environment);

}  // namespace slipway
