// Push: an image of the store to a registry.
#pragma once

#include "04-images/image_store.hpp"
#include "04-images/progress.hpp"
#include "04-images/reference.hpp"
#include "04-images/repository.hpp"

namespace slipway {

struct PushPlan {
    RegistryOptions registry;
    std::uint64_t chunk = 32 << 20;  ///< bytes; see BlobPush
    unsigned threads = 4;            ///< layers at once
    ProgressSink progress;
};

struct PushedImage {
    Digest digest;
    std::uint64_t size;  ///< of the manifest, in bytes
    /// An index some of whose images are not in the store: the image that is
    /// here was pushed alone.
    bool is_part = false;
};

/// Pushes what the name points to, byte for byte: blobs first, then manifests,
/// then the index. Layers that came from another repository of the same
/// registry are mounted from there, when it can. Throws InvalidArgument for a
/// reference by digest, NotFound when the store lacks a blob.
PushedImage push_image(const ImageStore& store, const StoredImage& image,
                       const Reference& target, const PushPlan& plan);

}  // namespace slipway
