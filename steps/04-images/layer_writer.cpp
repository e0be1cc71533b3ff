#include "04-images/layer_writer.hpp"

#include "04-images/media_type.hpp"

namespace slipway {

namespace {

std::string layer_type(Compression compression) {
    std::string type(oci_layer_type);
    if (compression == Compression::Gzip) type += "+gzip";
    if (compression == Compression::Zstd) type += "+zstd";
    return type;
}

}  // namespace

LayerWriter::LayerWriter(const StoreLease& lease, Compression compression)
    : compression_(compression),
      blob_(begin_new_blob(lease)),
      compressor_(compression,
                  [this](std::string_view packed) { blob_.write(packed); }) {}

//@ begin finish-layer
void LayerWriter::write(std::string_view tar) {
    tar_hash_.add(tar);
    compressor_.write(tar);
}

ImageLayer LayerWriter::finish() {
    compressor_.finish();
    BlobName blob = blob_.commit();
    return {{layer_type(compression_), blob.digest, blob.size},
            tar_hash_.finish()};
}
//@ end finish-layer

NamedImage put_new_image(const StoreLease& lease, const std::string& name,
                         const ImageConfig& config,
                         const std::vector<ImageLayer>& layers) {
    BlobName stored = put_blob(lease, image_config_text(config));
    Manifest manifest{
        std::string(oci_manifest_type),
        {std::string(oci_config_type), stored.digest, stored.size},
        {}};
    manifest.layers.reserve(layers.size());
    for (const ImageLayer& layer : layers)
        manifest.layers.push_back(layer.blob);
    BlobName made = put_blob(lease, manifest_text(manifest));
    return {name.empty() ? stored.digest.text() : name, manifest.media_type,
            made.digest, made.size};
}

}  // namespace slipway
