#include "06-engine/engine/disk_report.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "06-engine/engine/disk_use.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

/// A layer, and who has it.
struct LayerUse {
    std::uint64_t size = 0;
    std::set<std::string> images;  ///< by ID: names of one image are one
    bool is_used = false;          ///< by a container
};
using Layers = std::map<std::string, LayerUse>;

Layers layers_of_all(const ImageStore& store,
                     const std::vector<StoredImage>& images,
                     const std::vector<KnownContainer>& containers) {
    Layers layers;
    for (const StoredImage& image : images)
        for (const Digest& diff_id : image.config.diff_ids) {
            LayerUse& layer = layers[diff_id.text()];
            layer.size = store.snapshots.size(diff_id).value_or(0);
            layer.images.insert(image.id().text());
        }
    for (const KnownContainer& each : containers)
        for (const Digest& diff_id : each.record.layers)
            if (auto found = layers.find(diff_id.text()); found != layers.end())
                found->second.is_used = true;
    return layers;
}

// An image with several names is there once, and so is one that cannot be read:
// fsck tells of it.
std::vector<StoredImage> all_images(const ImageStore& store) {
    std::vector<StoredImage> images;
    for (const NamedImage& named : list_images(store.content)) try {
            images.push_back(read_image(store.content, named));
        } catch (const Error&) {
            continue;
        }
    return images;
}

void add_images(DiskReport& report, const ImageStore& store) {
    std::vector<StoredImage> images = all_images(store);
    Layers layers = layers_of_all(store, images, report.containers);
    std::set<std::string> seen;
    for (StoredImage& image : images) {
        ImageUse use{std::move(image)};
        std::string id = use.image.id().text();
        use.containers = static_cast<std::size_t>(std::count_if(
            report.containers.begin(), report.containers.end(),
            [&](const auto& each) { return each.record.image_id == id; }));
        for (const Digest& diff_id : use.image.config.diff_ids) {
            const LayerUse& layer = layers[diff_id.text()];
            use.size += layer.size;
            if (layer.images.size() > 1) use.shared += layer.size;
        }
        if (seen.insert(id).second) {
            ++report.image_sum.total;
            report.image_sum.active += use.containers > 0 ? 1 : 0;
        }
        report.images.push_back(std::move(use));
    }
    for (const auto& [diff_id, layer] : layers) {
        report.image_sum.size += layer.size;
        if (!layer.is_used) report.image_sum.reclaimable += layer.size;
    }
}

void add_containers(DiskReport& report, const Engine& engine,
                    const ImageStore& store) {
    report.containers = known_containers(engine);
    DiskSum& sum = report.container_sum;
    for (KnownContainer& each : report.containers) {
        std::uint64_t size = writable_size(engine, each.record.id), below = 0;
        for (const Digest& layer : each.record.layers)
            below += store.snapshots.size(layer).value_or(0);
        each.status.size_writable = size;
        each.status.size_total = size + below;
        ++sum.total;
        sum.size += size;
        if (each.status.pid != 0)
            ++sum.active;
        else
            sum.reclaimable += size;
    }
}

void add_volumes(DiskReport& report, const Engine& engine) {
    DiskSum& sum = report.volume_sum;
    for (Volume& volume : list_volumes(engine)) {
        VolumeUse use{std::move(volume)};
        use.size = disk_use(use.volume.folder);
        for (const KnownContainer& each : report.containers)
            for (const MountView& mount : each.status.mounts)
                use.users += mount.name == use.volume.name ? 1 : 0;
        ++sum.total;
        sum.size += use.size;
        if (use.users > 0)
            ++sum.active;
        else
            sum.reclaimable += use.size;
        report.volumes.push_back(std::move(use));
    }
}

void add_cache(DiskReport& report, const ImageStore& store) {
    report.cache = list_cache(store);
    DiskSum& sum = report.cache_sum;
    for (const CacheEntry& entry : report.cache) {
        ++sum.total;
        sum.size += entry.bytes;
    }
    sum.reclaimable = sum.size;
}

}  // namespace

DiskReport report_disk_use(const Engine& engine) {
    ImageStore store(engine.root);
    DiskReport report;
    add_containers(report, engine, store);
    add_images(report, store);
    add_volumes(report, engine);
    add_cache(report, store);
    return report;
}

}  // namespace slipway
