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
                         const std::vector<ImageLayer>& layers) {
    config.created = format_time(plan.created);
    unpack_image(lease, store.snapshots, layers, {unpack_options(store)});
    NamedImage named = put_new_image(lease, plan.name, config, layers);
    set_images(lease, {named});
    return read_image(store.content, named);
}

/// A tar ends with blocks of zeros. Programs read it without them, too; but no
/// digest says yet what belongs to this one, and if it was cut between two
/// files nothing else would tell.
class EndMark {
  public:
    void see(std::string_view bytes) {
        std::size_t last = bytes.find_last_not_of('\0');
        zeros_ = last == bytes.npos ? zeros_ + bytes.size()
                                    : bytes.size() - last - 1;
    }
    void must_be_there() const {
        constexpr std::uint64_t block = 512;
        if (zeros_ < block)
            throw Error(ErrorKind::DataLoss, "the tar has no end")
                .advise("whatever wrote it did not finish");
    }

  private:
    std::uint64_t zeros_ = 0;  // at the end of what was seen
};

void add_layer(ImageConfig& config, const NewImage& plan,
               const ImageLayer& layer, const std::string& created_by) {
    config.diff_ids.push_back(layer.diff_id);
    config.history.push_back({format_time(plan.created), created_by,
                              plan.author, plan.message, false});
    if (!plan.author.empty()) config.author = plan.author;
}

}  // namespace

std::time_t parse_source_date_epoch(std::string_view text) {
    constexpr std::uint64_t year_9999 = 253'402'300'799;
    if (auto seconds = parse_unsigned(text, year_9999))
        return static_cast<std::time_t>(*seconds);
    throw Error(
        ErrorKind::InvalidArgument,
        cat("SOURCE_DATE_EPOCH=", quote(text), " is no number of seconds"));
}

void set_time(NewImage& image) {
    const char* epoch = ::getenv("SOURCE_DATE_EPOCH");
    image.is_reproducible = epoch && *epoch;
    image.created = image.is_reproducible ? parse_source_date_epoch(epoch)
                                          : std::time(nullptr);
}

StoredImage import_image(ImageStore& store, const ByteSource& tar,
                         const NewImage& plan) {
    ImageConfig config;
    config.platform = plan.platform;
    apply_changes(config.config, plan.changes);  // before the long work
    StoreLease lease = hold_store(store.content);
    Peeked start = peek(tar);
    ByteSource plain = decompress(start.source, compression_of(start.first));
    LayerWriter writer(lease, plan.compression);
    constexpr std::size_t piece = 256 << 10;
    std::string buffer(piece, '\0');
    EndMark end;
    while (std::size_t got = plain(buffer.data(), buffer.size())) {
        writer.write({buffer.data(), got});
        end.see({buffer.data(), got});
    }
    end.must_be_there();
    ImageLayer layer = writer.finish();
    add_layer(config, plan, layer, "");
    return finish_image(lease, store, plan, std::move(config), {layer});
}

//@ begin commit
StoredImage commit_container(ImageStore& store, const Container& container,
                             const NewImage& plan) {
    ImageConfig config = container.image.config;
    apply_changes(config.config, plan.changes);
    StoreLease lease = hold_store(store.content);
    LayerWriter writer(lease, plan.compression);
    DiffOptions options;
    options.user_xattr = store.user_xattr;
    if (plan.is_reproducible) options.source_date_epoch = plan.created;
    diff_layer(
        container.upper(), [&](std::string_view tar) { writer.write(tar); },
        options);
    ImageLayer layer = writer.finish();
    std::vector<ImageLayer> layers = container.image.layers();
    layers.push_back(layer);
    add_layer(config, plan, layer, cat("commit ", container.name));
    return finish_image(lease, store, plan, std::move(config), layers);
}
//@ end commit

}  // namespace slipway
