// What a blob refers to: an index to manifests, a manifest to its config and
// layers. For garbage collection and fsck, which walk the whole store and take
// what other tools put there as it comes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/content_store.hpp"
#include "04-images/digest.hpp"

namespace slipway {

/// A descriptor found in a document: any object that has a digest and a size.
struct BlobReference {
    std::string media_type;  ///< empty when it has none
    Digest digest;
    std::uint64_t size;
};

/// All descriptors in a JSON document, at any depth. Nothing for what is no
/// JSON; digests other than sha256 are passed over.
std::vector<BlobReference> references_in(std::string_view document);

/// True for manifests and indexes, OCI's and Docker's.
bool is_index_type(std::string_view media_type);
bool is_manifest_type(std::string_view media_type);

/// A blob that was reached from index.json, and how.
struct Reached {
    BlobReference reference;
    bool present = false;  ///< a blob of any size is there
    std::vector<BlobReference> children = {};
};

/// Everything that index.json refers to, directly or through other blobs, by
/// digest. Whatever looks like JSON and is no larger than a manifest may be is
/// read, whatever its type says: keeping too much is no harm. Throws when
/// index.json is no index.
std::map<Digest, Reached> reach_all(const ContentStore& store);

/// Goes on from `roots`; adds to `reached`.
void reach_from(const ContentStore& store, std::vector<BlobReference> roots,
                std::map<Digest, Reached>& reached);

}  // namespace slipway
