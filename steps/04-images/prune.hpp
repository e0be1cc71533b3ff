// Prune: blobs and layers that no image and no container needs.
#pragma once

#include <optional>

#include "04-images/garbage.hpp"
#include "04-images/image_store.hpp"

namespace slipway {

struct Pruned {
    Collected content;
    std::vector<Digest> snapshots;  ///< by DiffID
    std::uint64_t bytes = 0;        ///< of both, as far as is known
};

/// Removes them. Waits for pulls in progress, or with Wait::No returns nothing
/// at once. Layers that something runs on are kept.
std::optional<Pruned> prune_store(ImageStore& store, Wait wait);

}  // namespace slipway
