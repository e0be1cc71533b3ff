// Pull: an image from a registry into the store, ready to run.
//
// The manifest is asked for first; it names the rest. Layers come several at
// once; each is written into the store and unpacked while it arrives. Then
// what names others is stored after what it names, and the image gets its name
// last, so that whoever looks sees a whole image or none. However the program
// ends, what was complete stays, and what was not is resumed.
#pragma once

#include "04-images/image_store.hpp"
#include "04-images/platform.hpp"
#include "04-images/progress.hpp"
#include "04-images/reference.hpp"
#include "04-images/repository.hpp"
#include "04-images/unpack_layer.hpp"

namespace slipway {

struct PullPlan {
    Platform platform = host_platform();
    RegistryOptions registry;
    UnpackOptions unpack;
    unsigned threads = 4;  ///< layers at once
    ProgressSink progress;
    /// No: the image gets no name, and stays as long as the caller holds the
    /// store.
    bool sets_name = true;
};

struct Pulled {
    NamedImage image;
    bool was_here;  ///< under this name, complete
};

/// The name of an image by digest has no tag: "name@sha256:…".
Pulled pull_image(ImageStore& store, const Reference& reference,
                  const PullPlan& plan);

}  // namespace slipway
