// Ingest: how a blob comes into the content store.
//
// Bytes are hashed while they are written to ROOT/ingest/HEX. commit() compares
// size and digest, brings the bytes to the disk and moves the file below
// blobs/. A process that ends before that, however it ends, leaves a part that
// the next one goes on with, or that garbage collection removes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "04-images/content_store.hpp"
#include "04-images/digest.hpp"
#include "04-images/store_lock.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// A blob, as a descriptor names it.
struct BlobName {
    Digest digest;
    std::uint64_t size;  ///< bytes
};

/// A blob on its way in. Nobody else writes it while this lives. Ends without
/// commit(): what was written stays to be resumed, when it can be.
class Ingest {
  public:
    Ingest(Ingest&&) noexcept = default;
    Ingest& operator=(Ingest&&) = delete;
    Ingest(const Ingest&) = delete;
    Ingest& operator=(const Ingest&) = delete;
    ~Ingest();

    /// How many bytes are there, hashed: where a download goes on.
    std::uint64_t offset() const { return offset_; }
    /// Throws DataLoss when there come more bytes than were promised; then
    /// nothing is kept. After any other Error (disk full) offset() is still
    /// right, and writing may go on there.
    void write(std::string_view bytes);
    /// Begins at 0 again: the other side cannot send from the middle.
    void restart();
    /// Makes it a blob. Throws DataLoss when bytes are missing (what is there
    /// is kept to be resumed) or wrong (nothing is kept). Once only.
    BlobName commit();
    /// Ends it and keeps nothing.
    void discard();

  private:
    friend std::optional<Ingest> begin_ingest(const StoreLease& lease,
                                              const BlobName& blob, Wait wait);
    friend Ingest begin_new_blob(const StoreLease& lease);
    Ingest(const ContentStore& store, std::string name, UniqueFd file);
    void hash_what_is_there();
    BlobName verified();

    const ContentStore* store_;
    std::string name_;  // below ingest/
    UniqueFd file_;
    std::optional<BlobName> expected_;
    std::uint64_t offset_ = 0;
    Sha256 hash_;
};

/// Begins or resumes a blob. Empty when the store has it: nothing to fetch. A
/// blob of another size than the promised one is damaged, so it is fetched.
///
/// When another process is at it, waits for its end: either the blob is there
/// then, or this one goes on where the other stopped. With Wait::No throws
/// Unavailable instead. Who fetches several at once must not wait while it
/// holds another: two such could wait for one another for ever. It takes with
/// Wait::No what it can, and waits when it holds none.
///
/// Commit what a manifest refers to first and the manifest last: what is
/// named by a manifest that is there is expected to be there.
///
/// Throws InvalidArgument beyond largest_blob, Conflict when something other
/// than a file of ours has the name below ingest/.
std::optional<Ingest> begin_ingest(const StoreLease& lease,
                                   const BlobName& blob, Wait wait);

/// A blob whose digest is known only at its end (a layer that is being made).
/// It cannot be resumed: without commit() nothing stays.
Ingest begin_new_blob(const StoreLease& lease);

/// Bytes at hand, as a blob.
BlobName put_blob(const StoreLease& lease, std::string_view bytes);

}  // namespace slipway
