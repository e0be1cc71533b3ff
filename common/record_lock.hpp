// Record locks (fcntl(2), F_SETLKW): between processes, for as long as the one
// that has it keeps it open.
#pragma once

#include <string>

#include "common/unique_fd.hpp"

namespace slipway {

/// Opens `path`, which it makes if it has to, and waits for the lock of it.
/// Children do not inherit it: one that lives on keeps nobody waiting. It is
/// lost when any descriptor of the file is closed, so a process opens the file
/// once. Empty, with errno, when the file cannot be opened.
UniqueFd take_record_lock(const std::string& path);

}  // namespace slipway
