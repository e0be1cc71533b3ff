// LayerWriter: a new layer, from the bytes of its tar to a blob in the store.
#pragma once

#include <string_view>

#include "04-images/compress.hpp"
#include "04-images/image_index.hpp"
#include "04-images/image_layers.hpp"
#include "04-images/ingest.hpp"
#include "04-images/store_lock.hpp"

namespace slipway {

/// Hashes the tar (its DiffID), packs it, and hashes and stores what comes out
/// (its digest), piece by piece.
class LayerWriter {
  public:
    LayerWriter(const StoreLease& lease, Compression compression);
    LayerWriter(const LayerWriter&) = delete;
    LayerWriter& operator=(const LayerWriter&) = delete;
    ~LayerWriter() = default;

    void write(std::string_view tar);
    /// Once only. Without it nothing stays in the store.
    ImageLayer finish();

  private:
    Compression compression_;
    Ingest blob_;
    Sha256 tar_hash_;
    Compressor compressor_;  // last: it writes into blob_
};

/// Puts config and manifest of a new image into the store, under no name yet:
/// the caller calls set_images() with what this returns. With an empty `name`
/// it is to be kept under its ID. `config` names the same layers.
NamedImage put_new_image(const StoreLease& lease, const std::string& name,
                         const ImageConfig& config,
                         const std::vector<ImageLayer>& layers);

}  // namespace slipway
