// Snapshots: layers unpacked once, as folders that an overlay takes.
//
//   ROOT/snapshots/HEX/     a layer whose uncompressed tar has this digest
//   ROOT/snapshots/.HEX.tmp one that is being unpacked
//   ROOT/snapshots/.HEX     its lock, and in it the bytes of its files and, as
//                           long as nobody waited for the disk, the boot
//
// Nobody waits until an unpacked layer is on the disk: that would be a third of
// a pull. The blob is there, so it can be unpacked again. What this boot of the
// machine made is whole, because the kernel has it; of what an earlier one made
// and nobody brought to the disk (sync), files may be missing, and it counts as
// not there. No power cut makes half a layer look like one.
//
// A layer is unpacked without its parents, in overlay form (unpack_layer.hpp),
// so its folder depends on its bytes alone. The key is therefore the DiffID and
// not the ChainID: two images that have one layer in common, on different
// parents, share its folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "04-images/digest.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// This run of the machine: another one each time that it starts. random(4).
const std::string& boot_id();

class Snapshots {
  public:
    /// Below this folder, which is made when it is missing (mode 0700: layers
    /// hold other people's set-uid programs).
    explicit Snapshots(std::string folder);

    /// It is there, and whole.
    bool has(const Digest& diff_id) const;
    bool has_all(const std::vector<Digest>& diff_ids) const;
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

    /// Those that are not whole, too.
    std::vector<Digest> list() const;
    /// As long as the returned file is open, in this process or in one that got
    /// a copy, remove() leaves the layer alone. Throws NotFound.
    UniqueFd use(const Digest& diff_id) const;
    /// Removes it; false when somebody uses it.
    bool remove(const Digest& diff_id);
    /// Brings to the disk what was made `age` ago or earlier, so that it counts
    /// after the next start of the machine, too. One syncfs(2) for many layers.
    /// With an age, none if there is nothing to do; after a minute the kernel
    /// has written by itself, and there is nothing to wait for.
    void sync(std::chrono::seconds age = {}) const;
    /// Removes what killed processes left half unpacked.
    void remove_leftovers();

  private:
    std::string unfinished(const Digest& diff_id) const;
    std::string mark(const Digest& diff_id) const;
    std::string folder_;
};

}  // namespace slipway
