// The command lines of `exec` and `update`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "06-engine/engine/record.hpp"
#include "common/program.hpp"

namespace slipway {

/// exec [OPTION...] CONTAINER COMMAND [ARG...]
struct ExecLine {
    std::string container;
    std::vector<std::string> command;
    bool detach = false, interactive = false, tty = false, privileged = false;
    std::vector<std::string> environment = {};  ///< "NAME=VALUE", "NAME"
    std::string user = {}, workdir = {};
    std::string detach_keys = {};  ///< as typed; empty: ctrl-p,ctrl-q
    std::vector<std::string> env_files = {};  // read by finish_exec()
};
void declare_exec(CommandLine& line, ExecLine& exec);
void finish_exec(ExecLine& exec, const std::vector<std::string>& words);

/// update [OPTION...] CONTAINER...: what is not given stays as it is.
struct UpdateLine {
    std::vector<std::string> containers;
    ResourceRequest resources;
    std::optional<RestartPolicy> restart;
};
void declare_update(CommandLine& line, UpdateLine& update);
/// Throws InvalidArgument when nothing is to change.
void finish_update(UpdateLine& update, const std::vector<std::string>& words);

}  // namespace slipway
