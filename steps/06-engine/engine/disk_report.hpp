// What images, containers, volumes and the build cache take on the disk, and
// how much of it could be had back: `system df`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "04-images/image_store.hpp"
#include "05-build/step_cache.hpp"
#include "06-engine/engine/containers.hpp"
#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/volumes.hpp"

namespace slipway {

struct ImageUse {
    StoredImage image;
    std::uint64_t size = 0;    ///< of all its layers
    std::uint64_t shared = 0;  ///< of those that other images have, too
    std::size_t containers = 0;
};

struct VolumeUse {
    Volume volume;
    std::uint64_t size = 0;
    std::size_t users = 0;
};

/// Of one kind of things.
struct DiskSum {
    std::size_t total = 0, active = 0;
    std::uint64_t size = 0;
    std::uint64_t reclaimable = 0;  ///< of what nobody uses
};

struct DiskReport {
    std::vector<ImageUse> images;
    std::vector<KnownContainer> containers;  ///< with their sizes
    std::vector<VolumeUse> volumes;
    std::vector<CacheEntry> cache;
    DiskSum image_sum, container_sum, volume_sum, cache_sum;
};

/// Looks at all of it. Layers that images share are counted once in the sum.
DiskReport report_disk_use(const Engine& engine);

}  // namespace slipway
