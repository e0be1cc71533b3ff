// How much room things take on the disk.
#pragma once

#include <cstdint>
#include <string>

namespace slipway {

/// The bytes of all blocks below the folder, as du(1) counts them; files with
/// several names once. What cannot be read, or goes meanwhile, counts nothing.
std::uint64_t disk_use(const std::string& folder);

}  // namespace slipway
