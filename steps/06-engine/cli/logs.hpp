// `slipway logs`: what is typed, and what is shown.
#pragma once

#include <string>
#include <string_view>

#include "06-engine/monitor/log_reader.hpp"
#include "common/program.hpp"

namespace slipway {

/// Declares -f -n -t --since --until --details for a verb.
void declare_logs(CommandLine& line, LogQuery& query);

/// "2024-05-01T12:34:56.5Z", "2024-05-01T12:34", "2024-05-01" (local time, if
/// there is no zone), "1714567890.5" or "10m", "1h30m" (so long ago): Docker's
/// forms. Throws InvalidArgument.
timespec parse_log_time(std::string_view text, timespec now);

/// Shows the log on stdout and stderr. See read_log().
void show_log(const std::string& path, const LogQuery& query, int over = -1);

}  // namespace slipway
