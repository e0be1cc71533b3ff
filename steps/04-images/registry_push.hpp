// Pushing to a registry: blobs first, then the manifest that names them.
//
// Source: OCI distribution-spec 1.1, "Push".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "04-images/digest.hpp"
#include "04-images/repository.hpp"

namespace slipway {

struct BlobPush {
    /// Larger blobs are sent in pieces of this size: after a broken connection
    /// only the last piece is sent again, and proxies have their limits.
    std::uint64_t chunk = 32 << 20;
    /// A repository of the same registry that has the blob ("library/debian"):
    /// a registry that can takes it from there. Empty: none is known.
    std::string mount_from;
    /// How many bytes have been sent; goes back when some are sent again.
    std::function<void(std::uint64_t sent)> progress;
};

enum class Pushed {
    Uploaded,
    Mounted,       ///< taken from the other repository
    AlreadyThere,  ///< nothing to do
};

/// Brings a blob there. `source` can be read more than once. Throws Unavailable
/// when the bounded number of attempts without progress is used up; DataLoss
/// when the registry stored something else; and what its refusals mean.
Pushed push_blob(Repository& repository, const Digest& digest,
                 const HttpBody& source, const BlobPush& how = {});

/// Stores a manifest or index under a tag or its digest, byte for byte.
/// Returns its digest, after the registry has confirmed it, where it does.
Digest put_manifest(Repository& repository, std::string_view reference,
                    const std::string& media_type, std::string_view bytes);

}  // namespace slipway
