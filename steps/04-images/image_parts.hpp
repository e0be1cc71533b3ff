// What an image consists of, for those who send it somewhere: push, save.
#pragma once

#include <vector>

#include "04-images/image_store.hpp"

namespace slipway {

/// Each blob once; what is named by another comes before it.
struct ImageParts {
    std::vector<Descriptor> blobs;      ///< layers and configs
    std::vector<Descriptor> manifests;  ///< those of an index
    Descriptor root;                    ///< what the image's name stands for
    /// The name stands for an index some of whose images are not in the store:
    /// `root` is the image that is. Nobody takes an index with holes.
    bool is_part = false;
};

/// Throws NotFound when the store does not have a document.
ImageParts parts_of(const ContentStore& store, const StoredImage& image);

}  // namespace slipway
