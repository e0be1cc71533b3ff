#include "05-build/cache_exchange.hpp"

#include <fcntl.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "04-images/archive_load.hpp"
#include "04-images/archive_save.hpp"
#include "04-images/layer_snapshot.hpp"
#include "04-images/layer_writer.hpp"
#include "04-images/output_file.hpp"
#include "04-images/pull.hpp"
#include "04-images/push.hpp"
#include "05-build/step_cache.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr char cache_label[] = "dev.slipway.build-cache";
constexpr char archive_name[] = "/cache.tar";
constexpr std::size_t largest_label = 4 << 20;

//@ begin cache-image
NamedImage put_cache_image(ImageStore& store, const StoreLease& lease,
                           const std::string& name,
                           const std::vector<std::string>& keys) {
    StepCache cache(store);
    ImageConfig config;
    config.platform = host_platform();
    config.created = "1970-01-01T00:00:00Z";
    std::vector<ImageLayer> layers;
    auto label = nlohmann::json::object();
    for (const std::string& key : keys) {
        auto step = cache.find(Digest::parse("sha256:" + key));
        if (!step) continue;
        label[key] = step->layer ? step->layer->diff_id.text() : "";
        if (step->layer) layers.push_back(*step->layer);
    }
    layers = distinct_layers(layers);
    config.diff_ids = diff_ids_of(layers);
    config.config.labels[cache_label] = label.dump();
    return put_new_image(lease, name, config, layers);
}
//@ end cache-image

// Whoever made it decides what our builds are made of: it is trusted as a base
// image is.
bool take_steps(ImageStore& store, const StoredImage& image) {
    const auto& labels = image.config.config.labels;
    auto label = labels.find(cache_label);
    if (label == labels.end()) return false;
    DocumentField steps =
        parse_document(label->second, "build cache", largest_label);
    StepCache cache(store);
    for (const std::string& key : steps.names()) {
        std::string diff_id = steps.at(key).text();
        CachedStep step{{}, image.config.created};
        for (const ImageLayer& layer : image.layers())
            if (layer.diff_id.text() == diff_id) step.layer = layer;
        if (step.layer || diff_id.empty())
            cache.keep(Digest::parse("sha256:" + key), step, "from elsewhere");
    }
    cache.make_durable();
    return true;
}

bool import_folder(ImageStore& store, const std::string& folder) {
    UniqueFd file(
        ::open((folder + archive_name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return false;
    StoreLease lease = hold_store(store.content);
    bool found = false;
    for (const NamedImage& named :
         read_archive(lease, file_source(file.get()))) {
        StoredImage image = read_image(store.content, named);
        unpack_image(lease, store.snapshots, image.layers(),
                     {unpack_options(store)});
        found |= take_steps(store, image);
    }
    return found;
}

// Under no name: what the user has under this one is not ours to move.
bool import_registry(ImageStore& store, const std::string& name,
                     const BuildPlan& plan) {
    PullPlan pull;
    pull.registry = plan.registry;
    pull.unpack = unpack_options(store);
    pull.sets_name = false;
    Reference reference = parse_reference(name);
    StoreLease lease = hold_store(store.content);
    try {
        Pulled pulled = pull_image(store, reference, pull);
        return take_steps(store, read_image(store.content, pulled.image));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::NotFound) return false;
        throw;
    }
}

}  // namespace

bool import_cache(ImageStore& store, const CacheExchange& from,
                  const BuildPlan& plan) {
    return with_context(cat("--cache-from ", from.place), [&] {
        return from.type == "local" ? import_folder(store, from.place)
                                    : import_registry(store, from.place, plan);
    });
}

void export_cache(ImageStore& store, const CacheExchange& to,
                  const std::vector<std::string>& keys, const BuildPlan& plan) {
    with_context(cat("--cache-to ", to.place), [&] {
        StoreLease lease = hold_store(store.content);
        if (to.type == "local") {
            NamedImage image = put_cache_image(
                store, lease, "docker.io/library/build-cache:latest", keys);
            std::filesystem::create_directories(to.place);
            OutputFile file(to.place + archive_name);
            save_images(lease, {read_image(store.content, image)}, file.sink());
            return file.finish();
        }
        Reference target = parse_reference(to.place);
        NamedImage image = put_cache_image(store, lease, target.text(), keys);
        PushPlan push;
        push.registry = plan.registry;
        push_image(store, read_image(store.content, image), target, push);
    });
}

}  // namespace slipway
