// New layers: from the tar that an instruction writes, or from the folder that
// a command has written to, to a blob and a snapshot in the store.
#pragma once

#include <ctime>
#include <functional>
#include <optional>
#include <string>

#include "04-images/byte_stream.hpp"
#include "04-images/image_layers.hpp"
#include "04-images/image_store.hpp"
#include "04-images/media_type.hpp"
#include "04-images/store_lock.hpp"
#include "04-images/unpack_layer.hpp"

namespace slipway {

struct NewLayerPlan {
    const StoreLease& lease;
    ImageStore& store;
    Compression compression = Compression::Gzip;
    /// Later times are said to be as old as this.
    std::optional<std::time_t> source_date_epoch = {};
};

/// `write` writes the layer's tar. It is hashed, packed and stored on this
/// thread, and unpacked on another, so that each byte is produced once:
///
///     write ──▶ hash ──▶ pack ──▶ blob
///           └─pipe──▶ unpack (into `folder`, empty) ──▶ snapshot
ImageLayer layer_from_tar(const NewLayerPlan& plan, const std::string& folder,
                          const std::function<void(const ByteSink&)>& write);

/// Only the folder: what is thrown away after use.
void folder_from_tar(const std::string& folder, const UnpackOptions& options,
                     const std::function<void(const ByteSink&)>& write);

/// The layer of what a command wrote: `upper` is an overlay's folder, which
/// becomes the snapshot itself, without a copy. Empty when nothing was written.
std::optional<ImageLayer> layer_from_upper(const NewLayerPlan& plan,
                                           const std::string& upper);

}  // namespace slipway
