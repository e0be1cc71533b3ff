#include "04-images/image_layers.hpp"

#include <set>
#include <utility>

namespace slipway {

std::vector<ImageLayer> layers_of(const Manifest& manifest,
                                  const ImageConfig& config) {
    check_same_layers(manifest, config);
    std::vector<ImageLayer> layers;
    for (std::size_t i = 0; i < manifest.layers.size(); ++i)
        layers.push_back({manifest.layers[i], config.diff_ids[i]});
    return layers;
}

std::vector<Digest> diff_ids_of(const std::vector<ImageLayer>& layers) {
    std::vector<Digest> diff_ids;
    diff_ids.reserve(layers.size());
    for (const ImageLayer& layer : layers) diff_ids.push_back(layer.diff_id);
    return diff_ids;
}

std::vector<ImageLayer> distinct_layers(std::vector<ImageLayer> layers) {
    std::set<Digest> seen;
    std::erase_if(layers, [&](const ImageLayer& layer) {
        return !seen.insert(layer.blob.digest).second;
    });
    return layers;
}

std::string short_id(const Digest& digest) {
    constexpr std::size_t digits = 12;
    return std::string(digest.hex().substr(0, digits));
}

}  // namespace slipway
