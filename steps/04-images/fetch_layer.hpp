// One layer of a pull: from the registry into content store and snapshots.
#pragma once

#include <atomic>

#include "04-images/image_layers.hpp"
#include "04-images/progress.hpp"
#include "04-images/repository.hpp"
#include "04-images/snapshots.hpp"
#include "04-images/store_lock.hpp"
#include "04-images/unpack_layer.hpp"

namespace slipway {

struct LayerFetch {
    const StoreLease& lease;
    Snapshots& snapshots;
    Repository& repository;
    const UnpackOptions& unpack;
    const ProgressSink& progress;
    const std::atomic<bool>& stop;  ///< ends a download between two pieces
};

/// Brings the layer there, packed and unpacked. What the store has is not
/// fetched; a download that was broken off is gone on with. Throws Cancelled
/// when it was told to stop; what had come is kept.
void fetch_layer(const LayerFetch& fetch, const ImageLayer& layer);

}  // namespace slipway
