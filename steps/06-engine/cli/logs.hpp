// `slipway logs`: what is typed, and what is shown.
#pragma once

#include <string>

#include "06-engine/monitor/log_reader.hpp"
#include "common/program.hpp"

namespace slipway {

/// Declares -f -n -t --since --until --details for a verb.
void declare_logs(CommandLine& line, LogQuery& query);

/// Shows the log on stdout and stderr. See read_log().
void show_log(const std::string& path, const LogQuery& query, int over = -1);

}  // namespace slipway
