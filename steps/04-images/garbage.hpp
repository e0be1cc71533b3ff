// Garbage collection: blobs that no image needs, and what broken downloads
// left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "04-images/content_store.hpp"
#include "04-images/digest.hpp"
#include "04-images/store_lock.hpp"

namespace slipway {

struct Collected {
    std::vector<Digest> blobs;
    std::vector<std::string> leftovers;  ///< paths below ROOT
    std::uint64_t bytes = 0;             ///< of both
};

/// Removes the blobs that cannot be reached from index.json or from the
/// manifests `keep`, parts of blobs in ingest/ and bad/, and temporary files of
/// index.json. Files whose names are not ours are kept. What must be kept is to
/// be asked with the lock held: earlier, it was somebody's who holds a lease.
///
/// Throws, and removes nothing, when index.json is no index, or when blobs/ has
/// digests other than sha256 (Unsupported): what must be kept is not known
/// then. Tools that do not take our locks must not write into the store
/// meanwhile.
Collected collect_garbage(const WholeStore& whole,
                          const std::vector<Digest>& keep);

/// The same, with the lock: waits for pulls in progress, or returns nothing at
/// once with Wait::No.
std::optional<Collected> collect_garbage(const ContentStore& store, Wait wait,
                                         const std::vector<Digest>& keep = {});

}  // namespace slipway
