#include "04-images/new_image.hpp"

#include <stdlib.h>

#include "04-images/config_change.hpp"
#include "04-images/decompress.hpp"
#include "04-images/diff_layer.hpp"
#include "04-images/layer_snapshot.hpp"
#include "04-images/layer_writer.hpp"
#include "04-images/peek.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

// Config, manifest and snapshot of an image whose last layer is new; its name
// comes last.
StoredImage finish_image(const StoreLease& lease, ImageStore& store,
                         const NewImage& plan, ImageConfig config,
                         std::vector<ImageLayer> layers) {
    config.created = format_time(plan.created);
    apply_changes(config.config, plan.changes);
    std::vector<Descriptor> blobs;
    for (const ImageLayer& layer : layers) blobs.push_back(layer.blob);
    unpack_image(lease, store.snapshots, layers, {unpack_options(store)});
    NamedImage named = put_new_image(lease, plan.name, config, blobs);
    if (named.name.empty())
        named.name = Digest::of(image_config_text(config)).text();
    set_images(lease, {named});
    return read_image(store.content, named);
}

void add_layer(ImageConfig& config, const NewImage& plan,
               const ImageLayer& layer, const std::string& created_by) {
    config.diff_ids.push_back(layer.diff_id);
    config.history.push_back({format_time(plan.created), created_by,
                              plan.author, plan.message, false});
    if (!plan.author.empty()) config.author = plan.author;
}

}  // namespace

void set_time(NewImage& image) {
    const char* epoch = ::getenv("SOURCE_DATE_EPOCH");
    image.is_reproducible = epoch && *epoch;
    if (!image.is_reproducible) {
        image.created = std::time(nullptr);
        return;
    }
    constexpr std::uint64_t year_9999 = 253'402'300'799;
    auto seconds = parse_unsigned(epoch, year_9999);
    if (!seconds)
        throw Error(ErrorKind::InvalidArgument,
                    cat("SOURCE_DATE_EPOCH=", quote(epoch),
                        " is no number of seconds"));
    image.created = static_cast<std::time_t>(*seconds);
}

StoredImage import_image(ImageStore& store, const ByteSource& tar,
                         const NewImage& plan) {
    StoreLease lease = hold_store(store.content);
    Peeked start = peek(tar);
    ByteSource plain = decompress(start.source, compression_of(start.first));
    LayerWriter writer(lease, plan.compression);
    constexpr std::size_t piece = 256 << 10;
    std::string buffer(piece, '\0');
    while (std::size_t got = plain(buffer.data(), buffer.size()))
        writer.write({buffer.data(), got});
    ImageLayer layer = writer.finish();
    ImageConfig config;
    config.platform = plan.platform;
    add_layer(config, plan, layer, "");
    return finish_image(lease, store, plan, std::move(config), {layer});
}

//@ begin commit
StoredImage commit_container(ImageStore& store, const Container& container,
                             const NewImage& plan) {
    StoreLease lease = hold_store(store.content);
    LayerWriter writer(lease, plan.compression);
    DiffOptions options;
    options.user_xattr = store.user_xattr;
    if (plan.is_reproducible) options.source_date_epoch = plan.created;
    diff_layer(
        container.upper(), [&](std::string_view tar) { writer.write(tar); },
        options);
    ImageLayer layer = writer.finish();
    ImageConfig config = container.image.config;
    std::vector<ImageLayer> layers = container.image.layers();
    layers.push_back(layer);
    add_layer(config, plan, layer, cat("commit ", container.name));
    return finish_image(lease, store, plan, std::move(config),
                        std::move(layers));
}
//@ end commit

}  // namespace slipway
