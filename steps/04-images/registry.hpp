// Pulling from a registry: manifests, blobs, tags.
//
// Every function asks the mirrors first and then the registry itself; a mirror
// that fails in any way is passed over. What came from where does not matter
// for what has a digest. For a tag, a mirror is trusted as the registry is.
//
// Source: OCI distribution-spec 1.1, "Pull" and "Content Discovery".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/digest.hpp"
#include "04-images/repository.hpp"

namespace slipway {

/// A tag, or the digest when there is one: what a manifest is asked for by.
std::string manifest_reference(const Reference& image);

struct ManifestInfo {
    std::string media_type;  ///< Content-Type without parameters, unverified
    Digest digest;
    std::uint64_t size;  ///< bytes
};

struct RemoteManifest : ManifestInfo {
    std::string bytes;  ///< as they came: their hash is `digest`
};

/// The manifest or index with this tag or digest ("sha256:…"). Throws
/// NotFound; DataLoss when the bytes are not what the digest that was asked
/// for, or the server's own, promises; InvalidArgument beyond 4 MiB.
RemoteManifest get_manifest(Repository& repository, std::string_view reference);

/// The same without the bytes, to see whether a tag has moved. Empty when
/// there is none, or when the server does not tell its digest.
std::optional<ManifestInfo> head_manifest(Repository& repository,
                                          std::string_view reference);

/// The blob's bytes from `offset` to `size`, in order, each once. When the
/// connection breaks, it goes on where it stopped; from a server that cannot,
/// what is there already is fetched and dropped. `sink` hashes them: nothing is
/// verified here but their number. What it throws ends the download.
///
/// Throws NotFound, Unavailable when the bounded number of attempts without
/// progress is used up, DataLoss when there are more or fewer than `size`.
void get_blob(Repository& repository, const Digest& digest, std::uint64_t size,
              std::uint64_t offset,
              const std::function<void(std::string_view bytes)>& sink);

/// The size of a blob there, or nothing when there is no such blob. Asks the
/// registry itself: it is for who pushes, whose proof allows `scopes`.
std::optional<std::uint64_t> remote_blob_size(Repository& repository,
                                              const Digest& digest,
                                              const Scopes& scopes);

/// All tags, in the server's order. Throws InvalidArgument beyond 100000
/// tags or 1000 pages.
std::vector<std::string> list_tags(Repository& repository);

}  // namespace slipway
