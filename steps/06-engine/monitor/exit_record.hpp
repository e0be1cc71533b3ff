// How a container's first process ended: a small file that its monitor leaves.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/exit_status.hpp"

namespace slipway {

/// {"pid":17,"exitCode":137,"signal":9,"finished":"2024-05-01T12:34:56.123456789Z"}
void write_exit_record(const std::string& path, pid_t pid,
                       const ExitStatus& status);
/// Empty: there is none. Throws DataLoss for one that makes no sense.
std::optional<ExitStatus> read_exit_record(const std::string& path);

}  // namespace slipway
