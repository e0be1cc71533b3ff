// The files of an archive of images, by name, after it was read.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "04-images/byte_stream.hpp"
#include "04-images/early_unpack.hpp"
#include "04-images/ingest.hpp"
#include "04-images/store_lock.hpp"

namespace slipway {

struct ArchiveFiles {
    std::map<std::string, BlobName> blobs;     ///< in the content store
    std::map<std::string, std::string> texts;  ///< index.json, manifest.json
    std::map<std::string, std::string> links;  ///< to which name

    /// The blob that a name means, through links. Throws DataLoss when there is
    /// none, InvalidArgument for links that never end.
    BlobName find(const std::string& name) const;
};

/// Reads the tar to its end. Blobs of an OCI layout are verified by the digests
/// in their names; those that the store has are passed over. Layers are given
/// to `early`, if there is one.
ArchiveFiles read_archive_files(const StoreLease& lease, const ByteSource& tar,
                                EarlyUnpack* early);

/// "a/./b/../c" is refused, "./a//b" is "a/b": names in an archive, which are
/// only ever looked up.
std::string archive_name(std::string_view text);

}  // namespace slipway
