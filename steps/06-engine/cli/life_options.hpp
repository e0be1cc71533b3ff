// How a container lives: restarts, health, logs, streams.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "06-engine/engine/record.hpp"
#include "common/program.hpp"

namespace slipway {

/// no, on-failure[:N], always, unless-stopped. Throws InvalidArgument.
RestartPolicy parse_restart(std::string_view text);

/// Throws InvalidArgument for a driver or an option that does not exist here.
/// json-file: max-size, max-file, compress, mode, max-buffer-size, and labels,
/// env, tag and the like, which say what each line carries with it. none: no
/// options.
void check_log(const HostConfig& host);

/// "stdin", "stdout" or "stderr", in letters of either case.
std::string parse_stream(std::string_view text);

/// --health-cmd and its companions.
void declare_health(CommandLine& line, Healthcheck& health);

}  // namespace slipway
