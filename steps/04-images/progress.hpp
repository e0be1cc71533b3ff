// Progress: what pull, push and load tell about each layer while they work.
#pragma once

#include <cstdint>
#include <functional>

#include "04-images/digest.hpp"

namespace slipway {

struct LayerProgress {
    enum class State {
        Waiting,
        Present,      ///< nothing to do
        Downloading,  ///< and unpacking what has come
        Unpacking,    ///< what the store has
        Pulled,
        Uploading,
        Uploaded,
        Mounted,  ///< taken from another repository of the registry
    };
    Digest layer;  ///< of the blob
    State state;
    std::uint64_t current = 0, total = 0;  ///< bytes, when it is under way
};

/// Called from several threads at once. Empty: nobody wants to know.
using ProgressSink = std::function<void(const LayerProgress& progress)>;

}  // namespace slipway
