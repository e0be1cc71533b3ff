#include "04-images/prune.hpp"

#include <set>

#include "04-images/blob_references.hpp"
#include "04-images/containers.hpp"
#include "04-images/media_type.hpp"
#include "04-images/pins.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

// The layers of every config that can be reached, for all platforms that are
// here.
std::set<Digest> needed_layers(const ImageStore& store,
                               const std::vector<Digest>& containers,
                               const Pinned& pinned) {
    std::map<Digest, Reached> reached = reach_all(store.content);
    std::vector<BlobReference> roots;
    for (const Digest& digest : containers)
        if (auto size = blob_size(store.content, digest))
            roots.push_back({"", digest, *size});
    reach_from(store.content, roots, reached);
    std::set<Digest> needed(pinned.layers.begin(), pinned.layers.end());
    for (const auto& [digest, blob] : reached) {
        if (!blob.present || !is_config_type(blob.reference.media_type))
            continue;
        ImageConfig config = parse_image_config(
            read_blob(store.content, digest, largest_config));
        needed.insert(config.diff_ids.begin(), config.diff_ids.end());
    }
    return needed;
}

}  // namespace

std::optional<Pruned> prune_store(ImageStore& store, Wait wait) {
    remove_container_leftovers(store);
    // First: who holds a lease may be about to say that more is needed.
    auto whole = lock_whole_store(store.content, wait);
    if (!whole) return {};
    std::vector<Digest> containers = container_images(store);
    Pinned pinned = all_pinned(store);
    std::vector<Digest> keep = containers;
    keep.insert(keep.end(), pinned.blobs.begin(), pinned.blobs.end());
    Pruned pruned{collect_garbage(*whole, keep), {}, 0};
    pruned.bytes = pruned.content.bytes;
    store.snapshots.remove_leftovers();
    std::set<Digest> needed = needed_layers(store, containers, pinned);
    for (const Digest& diff_id : store.snapshots.list()) {
        if (needed.contains(diff_id)) continue;
        std::uint64_t size = store.snapshots.size(diff_id).value_or(0);
        if (!store.snapshots.remove(diff_id)) continue;
        pruned.snapshots.push_back(diff_id);
        pruned.bytes += size;
    }
    return pruned;
}

}  // namespace slipway
