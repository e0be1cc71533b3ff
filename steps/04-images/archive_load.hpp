// Load: images from an archive, OCI's or Docker's, old or new.
//
// The archive is a stream: it is read once, and its entries may come in any
// order. Nothing is unpacked by the names in it. What is a blob goes straight
// into the content store; other files become blobs as well, and only the map
// from names to digests is kept, in which manifest.json is then looked up.
#pragma once

#include <vector>

#include "04-images/byte_stream.hpp"
#include "04-images/early_unpack.hpp"
#include "04-images/image_index.hpp"
#include "04-images/store_lock.hpp"

namespace slipway {

/// More entries than this are refused.
constexpr std::size_t most_archive_entries = 100'000;

/// Reads an archive (plain, gzip or zstd) to its end and checks that all blobs
/// of its images are there and whole. The images have no name in the store yet;
/// the caller unpacks them and calls set_images(). An image without a name gets
/// its ID for one: "sha256:…". With `early`, layers are unpacked meanwhile.
///
/// Throws DataLoss for an archive that is broken or lacks something,
/// InvalidArgument for one that makes no sense, Unsupported for those of before
/// Docker 1.10. What had come is then collected as garbage.
std::vector<NamedImage> read_archive(const StoreLease& lease,
                                     const ByteSource& archive,
                                     EarlyUnpack* early = nullptr);

}  // namespace slipway
