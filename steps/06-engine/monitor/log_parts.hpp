// The files of a log (log_file.hpp), read while they are being rotated.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace slipway {

struct LogPart {
    UniqueFd file;
    off_t from = 0;  ///< where to begin
};

/// All that there are now, the oldest first, each once.
std::vector<LogPart> open_log_parts(const std::string& path);

/// Leaves the last `lines` lines: forgets parts, or moves their beginning.
/// Reads from the end, and no more than that.
void keep_tail(std::vector<LogPart>& parts, std::uint64_t lines);

/// What comes after `part`, when something does: the next file that was made
/// after it. Empty: it is still the newest one, or there is none.
UniqueFd open_next_part(const std::string& path, const UniqueFd& part);

}  // namespace slipway
