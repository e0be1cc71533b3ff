// From the packed bytes of a layer to its snapshot, as a stream:
//
//   packed ──▶ decompress ──▶ hash ──pipe──▶ unpack
//       (one thread)                      (another)
#pragma once

#include "04-images/byte_stream.hpp"
#include "04-images/content_store.hpp"
#include "04-images/image_layers.hpp"
#include "04-images/image_store.hpp"
#include "04-images/progress.hpp"
#include "04-images/snapshots.hpp"
#include "04-images/store_lock.hpp"
#include "04-images/unpack_layer.hpp"

namespace slipway {

/// Unpacks `packed` into the layer's snapshot, unless it is there; then nothing
/// is read. Throws DataLoss when the tar is not the one that the image's config
/// names. On failure there is no snapshot.
/// `packed` is to end with an error when it is not the blob of the layer.
void make_snapshot(Snapshots& snapshots, const ImageLayer& layer,
                   const ByteSource& packed, const UnpackOptions& options);

/// The same, telling how far it is.
void make_snapshot(Snapshots& snapshots, const ImageLayer& layer,
                   const ByteSource& packed, const UnpackOptions& options,
                   const ProgressSink& progress);

/// The same from the blob in the store, which is verified meanwhile.
void unpack_blob(const ContentStore& store, Snapshots& snapshots,
                 const ImageLayer& layer, const UnpackOptions& options,
                 const ProgressSink& progress);

/// As the store's layers are marked.
UnpackOptions unpack_options(const ImageStore& store);

struct UnpackPlan {
    UnpackOptions options = {};
    unsigned threads = 4;
    ProgressSink progress = {};
};

/// Makes the snapshots of an image whose blobs the store has, several at once.
void unpack_image(const StoreLease& lease, Snapshots& snapshots,
                  const std::vector<ImageLayer>& layers,
                  const UnpackPlan& plan);

/// The same for those that are missing: a power cut took them. Mostly there is
/// nothing to do, and then that is all it costs.
void restore_snapshots(const ImageStore& store,
                       const std::vector<ImageLayer>& layers);

}  // namespace slipway
