// Pins: what is kept although no image has it.
//
//     ROOT/pins/NAME    a JSON object; its "blobs" and "layers" are kept
//
// A build remembers its steps so: each pin is a layer that an instruction once
// made. Whatever else is in the object is its owner's business.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "04-images/digest.hpp"
#include "04-images/image_store.hpp"
#include "common/files.hpp"

namespace slipway {

constexpr std::size_t largest_pin = 1 << 20;

struct Pinned {
    std::vector<Digest> blobs, layers;  ///< layers by DiffID
};

/// Puts the text, an object as above, under this name, in place of an earlier
/// one. Hold a lease (store_lock.hpp) from before the blobs were stored. With
/// ToDisk::Later a pin may be empty after a power cut.
void put_pin(const ImageStore& store, const std::string& name,
             const std::string& object, ToDisk to_disk = ToDisk::Later);
/// The text; nothing when there is no such pin.
std::optional<std::string> read_pin(const ImageStore& store,
                                    const std::string& name);
void remove_pin(const ImageStore& store, const std::string& name);
std::vector<std::string> list_pins(const ImageStore& store);

/// Everything that pins keep, for prune. A pin that cannot be read keeps
/// nothing: what was pinned can be made again.
Pinned all_pinned(const ImageStore& store);

}  // namespace slipway
