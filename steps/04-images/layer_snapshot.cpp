#include "04-images/layer_snapshot.hpp"

#include <optional>
#include <utility>

#include "04-images/decompress.hpp"
#include "04-images/parallel.hpp"
#include "04-images/read_ahead.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// Enough for neither side to wait for the other at each file.
constexpr std::size_t bytes_ahead = 1 << 20;

}  // namespace

//@ begin snapshot-stream
void make_snapshot(Snapshots& snapshots, const ImageLayer& layer,
                   const ByteSource& packed, const UnpackOptions& options) {
    Compression compression = layer_compression(layer.blob.media_type);
    // Then the source has verified the tar.
    bool is_blob =
        compression == Compression::None && layer.blob.digest == layer.diff_id;
    snapshots.make(layer.diff_id, [&](const std::string& folder) {
        ByteSource tar = decompress(packed, compression);
        Sha256 hash;
        std::uint64_t bytes = 0;
        {
            ReadAhead ahead(
                [&](char* buffer, std::size_t capacity) {
                    std::size_t got = tar(buffer, capacity);
                    if (!is_blob) hash.add({buffer, got});
                    return got;
                },
                bytes_ahead);
            bytes = unpack_layer(ahead.source(), folder, options).bytes;
        }
        if (is_blob) return bytes;
        Digest found = hash.finish();
        if (found == layer.diff_id) return bytes;
        throw Error(ErrorKind::DataLoss,
                    cat("unpacked it is ", found.text(),
                        ", the image's config says ", layer.diff_id.text()))
            .advise("manifest and config do not belong together");
    });
}
//@ end snapshot-stream

void make_snapshot(Snapshots& snapshots, const ImageLayer& layer,
                   const ByteSource& packed, const UnpackOptions& options,
                   const ProgressSink& progress) {
    auto tell = [&](LayerProgress::State state, std::uint64_t current = 0) {
        if (progress)
            progress({layer.blob.digest, state, current, layer.blob.size});
    };
    if (snapshots.has(layer.diff_id))
        return tell(LayerProgress::State::Present);
    std::uint64_t read = 0;
    make_snapshot(
        snapshots, layer,
        [&](char* buffer, std::size_t capacity) {
            std::size_t got = packed(buffer, capacity);
            tell(LayerProgress::State::Unpacking, read += got);
            return got;
        },
        options);
    tell(LayerProgress::State::Pulled);
}

void unpack_blob(const ContentStore& store, Snapshots& snapshots,
                 const ImageLayer& layer, const UnpackOptions& options,
                 const ProgressSink& progress) {
    std::optional<BlobReader> blob;  // opened only if it is read
    make_snapshot(
        snapshots, layer,
        [&](char* buffer, std::size_t capacity) {
            if (!blob) blob.emplace(store, layer.blob.digest);
            return blob->read(buffer, capacity);
        },
        options, progress);
}

UnpackOptions unpack_options(const ImageStore& store) {
    UnpackOptions options;
    options.user_xattr = store.user_xattr;
    return options;
}

void unpack_image(const StoreLease& lease, Snapshots& snapshots,
                  const std::vector<ImageLayer>& layers,
                  const UnpackPlan& plan) {
    std::vector<ImageLayer> distinct = distinct_layers(layers);
    run_parallel(distinct.size(), plan.threads, [&](const Job& job) {
        const ImageLayer& layer = distinct[job.index];
        with_context(cat("layer ", layer.blob.digest.text()), [&] {
            unpack_blob(lease.store, snapshots, layer, plan.options,
                        plan.progress);
        });
    });
}

void restore_snapshots(const ImageStore& store,
                       const std::vector<ImageLayer>& layers) {
    if (store.snapshots.has_all(diff_ids_of(layers))) return;
    StoreLease lease = hold_store(store.content);
    Snapshots snapshots = store.snapshots;
    unpack_image(lease, snapshots, layers, {unpack_options(store)});
}

}  // namespace slipway
