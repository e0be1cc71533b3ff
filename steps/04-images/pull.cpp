#include "04-images/pull.hpp"

#include <memory>
#include <optional>
#include <vector>

#include "04-images/fetch_layer.hpp"
#include "04-images/image_choice.hpp"
#include "04-images/ingest.hpp"
#include "04-images/parallel.hpp"
#include "04-images/registry.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

/// Documents on their way into the store, in the order in which they were
/// found: each names some that come after it.
using Documents = std::vector<std::string>;

// From the store when it is there: a document has the same bytes everywhere.
std::string fetch_document(const StoreLease& lease, Repository& repository,
                           const Descriptor& descriptor) {
    if (blob_size(lease.store, descriptor.digest) == descriptor.size)
        return read_blob(lease.store, descriptor.digest, largest_manifest);
    return get_manifest(repository, descriptor.digest.text()).bytes;
}

std::string fetch_config(const StoreLease& lease, Repository& repository,
                         const Descriptor& descriptor) {
    if (blob_size(lease.store, descriptor.digest) == descriptor.size)
        return read_blob(lease.store, descriptor.digest, largest_config);
    std::string bytes;
    get_blob(repository, descriptor.digest, descriptor.size, 0,
             [&](std::string_view piece) { bytes += piece; });
    if (Digest::of(bytes) != descriptor.digest)
        throw Error(ErrorKind::DataLoss,
                    cat("config ", descriptor.digest.text(),
                        ": the registry sent other bytes"));
    return bytes;
}

void fetch_layers(const StoreLease& lease, ImageStore& store,
                  const Repository& registry, const PullPlan& plan,
                  const std::vector<ImageLayer>& all) {
    std::vector<ImageLayer> layers = distinct_layers(all);
    if (plan.progress)
        for (const ImageLayer& layer : layers)
            plan.progress({layer.blob.digest, LayerProgress::State::Waiting});
    std::vector<std::unique_ptr<Repository>> repositories(plan.threads);
    run_parallel(layers.size(), plan.threads, [&](const Job& job) {
        auto& repository = repositories[job.worker];
        if (!repository) repository = registry.another();
        const ImageLayer& layer = layers[job.index];
        with_context(cat("layer ", layer.blob.digest.text()), [&] {
            fetch_layer({lease, store.snapshots, *repository, plan.unpack,
                         plan.progress, job.stop},
                        layer);
        });
    });
}

bool is_complete(const ContentStore& store, const NamedImage& image,
                 const std::vector<ImageLayer>& layers,
                 const Snapshots& snapshots) {
    auto named = find_image(store, image.name);
    if (!named || named->digest != image.digest) return false;
    for (const ImageLayer& layer : layers)
        if (blob_size(store, layer.blob.digest) != layer.blob.size ||
            !snapshots.has(layer.diff_id))
            return false;
    return true;
}

}  // namespace

//@ begin pull
Pulled pull_image(ImageStore& store, const Reference& reference,
                  const PullPlan& plan) {
    // From here on nothing is collected that this pull found or brought.
    StoreLease lease = hold_store(store.content);
    store.snapshots.sync(std::chrono::minutes(1));
    Repository repository(reference, plan.registry);
    RemoteManifest root =
        get_manifest(repository, manifest_reference(reference));
    Documents documents{root.bytes};
    ChosenImage chosen = choose_image(
        {root.media_type, root.digest, root.size}, plan.platform,
        [&](const Descriptor& descriptor) {
            if (descriptor.digest == root.digest) return root.bytes;
            documents.push_back(fetch_document(lease, repository, descriptor));
            return documents.back();
        });
    std::string config_bytes =
        fetch_config(lease, repository, chosen.manifest.config);
    ImageConfig config = parse_image_config(config_bytes);
    std::vector<ImageLayer> layers = layers_of(chosen.manifest, config);
    //@ end pull

    //@ begin pull-layers
    Pulled pulled{
        {reference.stored_name(), root.media_type, root.digest, root.size},
        false};
    pulled.was_here =
        is_complete(store.content, pulled.image, layers, store.snapshots);
    fetch_layers(lease, store, repository, plan, layers);
    put_blob(lease, config_bytes);
    while (!documents.empty()) {
        put_blob(lease, documents.back());
        documents.pop_back();
    }
    if (plan.sets_name) set_images(lease, {pulled.image});
    return pulled;
    //@ end pull-layers
}

}  // namespace slipway
