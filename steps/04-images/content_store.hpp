// The content store: blobs named by their digests, in a folder that is an OCI
// image layout, so that other tools read it in place (skopeo, umoci, podman).
//
//     ROOT/oci-layout            which version of the layout this is
//     ROOT/index.json            names of images (image_index.hpp)
//     ROOT/blobs/sha256/HEX      blobs: manifests, configs, layers
//     ROOT/ingest/HEX            blobs on their way in (ingest.hpp)
//     ROOT/bad/HEX               broken blobs, put aside (fsck.hpp)
//     ROOT/lock, ROOT/gc.lock    who may do what (store_lock.hpp)
//
// A file below blobs/ is whole or not there: it gets its name by rename, after
// its bytes were verified and written to the disk. Whatever is not a regular
// file below blobs/ counts as not there; symlinks are never followed.
//
// Source: OCI image-spec, image-layout.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "04-images/digest.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// Manifests, indexes and index.json are no larger than this, as registries
/// have it (OCI distribution-spec, "Pushing Manifests").
constexpr std::size_t largest_manifest = 4 << 20;
/// No blob is larger: a size beyond it in a manifest is a lie or a mistake.
constexpr std::uint64_t largest_blob = 1ULL << 40;

/// An open store. Leases and ingests point to it: it stays where it is and
/// lives longer than they do.
struct ContentStore {
    /// Creates what is missing, ROOT and its parents included. Does not look
    /// at what is there: that is check_store()'s. A store that is complete
    /// can be opened by who may only read.
    explicit ContentStore(const std::string& root);
    ContentStore(const ContentStore&) = delete;
    ContentStore& operator=(const ContentStore&) = delete;
    ~ContentStore() = default;

    std::string root;  ///< absolute
    UniqueFd folder;   ///< ROOT
    UniqueFd blobs;    ///< ROOT/blobs/sha256
    UniqueFd ingest;   ///< ROOT/ingest

    /// For messages, and for those who must have a path.
    std::string blob_path(const Digest& digest) const;
};

/// A file directly below ROOT, no longer than `limit` bytes.
std::string read_store_file(const ContentStore& store, const char* name,
                            std::size_t limit);

/// The size of a blob, or nothing when there is no such blob. Its bytes are
/// not read.
std::optional<std::uint64_t> blob_size(const ContentStore& store,
                                       const Digest& digest);

/// Opens a blob for reading, unverified. Throws NotFound.
UniqueFd open_blob(const ContentStore& store, const Digest& digest);

/// Reads a whole blob and verifies it. Throws NotFound, InvalidArgument beyond
/// `limit` bytes (before any is read), DataLoss for wrong bytes.
std::string read_blob(const ContentStore& store, const Digest& digest,
                      std::size_t limit);

/// A blob as a stream that ends well only when its bytes are right.
class BlobReader {
  public:
    /// Throws NotFound.
    BlobReader(const ContentStore& store, const Digest& digest);
    /// Up to `capacity` bytes (not 0) into `buffer`, and how many; 0 at the
    /// end. The call that would return 0 throws DataLoss instead when the
    /// digest is wrong: what was read before must be thrown away then.
    std::size_t read(char* buffer, std::size_t capacity);
    /// How large the blob was when it was opened.
    std::uint64_t size() const { return size_; }

  private:
    UniqueFd fd_;
    Digest digest_;
    std::uint64_t size_;
    Sha256 hash_;
    bool verified_ = false;
};

}  // namespace slipway
