// Layers that are there again: for programs that do not unpack.
#pragma once

#include <string>
#include <vector>

#include "04-images/image_store.hpp"

namespace slipway {

/// Has those of `layers`, the DiffIDs of the image with this manifest, that a
/// power cut took (Snapshots) unpacked again. `program`, in the folder of this
/// one, does it: it has the libraries, and a verb "unpack". Mostly there is
/// nothing to do, and a look is all it costs. Throws DataLoss.
void restore_layers(const ImageStore& store, const std::vector<Digest>& layers,
                    const Digest& manifest, const std::string& program);

}  // namespace slipway
