// Archives as people have them: a tar, packed by whatever there is. What it is
// packed with, its first bytes say: names prove nothing.
#pragma once

#include <string_view>

#include "04-images/byte_stream.hpp"

namespace slipway {

/// The bytes inside: gzip, bzip2, xz and zstd are unpacked, others are left as
/// they are. Throws DataLoss as it is read, for what is broken.
ByteSource unpacked(ByteSource packed);

/// Whether this is how a tar begins: 512 bytes, the checksum in them is right.
bool looks_like_tar(std::string_view first_bytes);

}  // namespace slipway
