// Decompression: gzip by ISA-L (three times as fast as zlib), zstd by libzstd.
#pragma once

#include <string_view>

#include "04-images/byte_stream.hpp"
#include "04-images/media_type.hpp"

namespace slipway {

/// The bytes of `packed`, unpacked, as a stream; memory is bounded whatever
/// the stream claims. Several gzip members or zstd frames behind one another
/// are one stream. Throws DataLoss for a stream that is broken, ends early, has
/// a wrong checksum or other bytes behind it, be they zero: a blob has no
/// padding. Throws Unsupported for a zstd window beyond 128 MiB, as zstd's own
/// tool does.
ByteSource decompress(ByteSource packed, Compression compression);

/// What a file is packed with, by its first bytes (at least 4, when there are).
Compression compression_of(std::string_view first_bytes);

}  // namespace slipway
