// The layers of an image, as they are packed and as they are known unpacked.
#pragma once

#include <vector>

#include "04-images/image_config.hpp"
#include "04-images/manifest.hpp"

namespace slipway {

struct ImageLayer {
    Descriptor blob;  ///< the packed tar
    Digest diff_id;   ///< of the tar itself: the snapshot's name
};

/// The lowest first. Throws InvalidArgument when manifest and config tell of
/// different numbers of layers.
std::vector<ImageLayer> layers_of(const Manifest& manifest,
                                  const ImageConfig& config);

/// For ImageConfig::diff_ids.
std::vector<Digest> diff_ids_of(const std::vector<ImageLayer>& layers);

/// Each blob once, though an image may have the same layer twice.
std::vector<ImageLayer> distinct_layers(std::vector<ImageLayer> layers);

/// "a3ed95caeb02": the twelve digits by which people know a digest.
std::string short_id(const Digest& digest);

}  // namespace slipway
