// The root filesystem of a stage, to be looked into: from outside, by a
// descriptor, while nothing is mounted anywhere.
#pragma once

#include <vector>

#include "04-images/image_layers.hpp"
#include "04-images/image_store.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// The folders of the layers, lowest first, for an overlay. There is always
/// one: below all an empty one, which is also what a stage from scratch has.
std::vector<std::string> layer_folders(const ImageStore& store,
                                       const std::vector<ImageLayer>& layers);

/// An overlay of the layers, read-only.
UniqueFd open_root(const ImageStore& store,
                   const std::vector<ImageLayer>& layers);

}  // namespace slipway
