// Snapshots: layers unpacked once, as folders that an overlay takes.
//
//   ROOT/snapshots/HEX/     a layer whose uncompressed tar has this digest
//   ROOT/snapshots/.HEX.tmp one that is being unpacked
//   ROOT/snapshots/.HEX     its lock, and in it the bytes of its files
//
// A layer is unpacked without its parents, in overlay form (unpack_layer.hpp),
// so its folder depends on its bytes alone. The key is therefore the DiffID and
// not the ChainID: two images that have one layer in common, on different
// parents, share its folder.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "04-images/digest.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

class Snapshots {
  public:
    /// Below this folder, which is made when it is missing (mode 0700: layers
    /// hold other people's set-uid programs).
    explicit Snapshots(std::string folder);

    bool has(const Digest& diff_id) const;
    /// The layer's folder, for OverlayPlan::lower.
    std::string path(const Digest& diff_id) const;

    /// Makes the snapshot, unless it is there. `unpack` fills an empty folder
    /// and returns how many bytes it wrote; when it throws, nothing is left.
    /// Two processes at once: the second waits for the first, and finds the
    /// work done. After kill -9 the next one begins anew.
    void make(
        const Digest& diff_id,
        const std::function<std::uint64_t(const std::string& folder)>& unpack);
    /// The bytes of the layer's files; empty when it is not there.
    std::optional<std::uint64_t> size(const Digest& diff_id) const;

    std::vector<Digest> list() const;
    /// As long as the returned file is open, in this process or in one that got
    /// a copy, remove() leaves the layer alone. Throws NotFound.
    UniqueFd use(const Digest& diff_id) const;
    /// Removes it; false when somebody uses it.
    bool remove(const Digest& diff_id);
    /// Writes all that was made to the disk: before an image that needs it
    /// gets its name. One syncfs(2) for many layers.
    void sync() const;
    /// Removes what killed processes left half unpacked.
    void remove_leftovers();

  private:
    std::string unfinished(const Digest& diff_id) const;
    std::string folder_;
};

}  // namespace slipway
