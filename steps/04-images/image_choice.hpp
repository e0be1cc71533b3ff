// Which image of an index is the one for a platform.
// Source: OCI image-spec, image-index.md; attestations as BuildKit stores them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "04-images/manifest.hpp"

namespace slipway {

/// An index may lead to indexes; deeper than this it is refused.
constexpr int deepest_index = 4;
/// Documents that are fetched before the search is given up.
constexpr int most_documents = 16;

/// The entries that may be what is wanted, the best first, equals in their
/// order. Those that name no platform come last. Attestations are left out.
std::vector<Descriptor> candidates(const Index& index, const Platform& wanted);

/// "linux/amd64, linux/arm/v7": what an index offers, once each.
std::string offered_platforms(const Index& index);

struct ChosenImage {
    Descriptor descriptor;  ///< of the manifest
    std::string bytes;      ///< the manifest as it was fetched
    Manifest manifest;
};

/// Brings the bytes that a descriptor points to. They are checked by whoever
/// asked; only that they are no more than size is up to the function.
using FetchDocument = std::function<std::string(const Descriptor&)>;

/// Follows `root`, a manifest or an index, to the manifest for a platform.
///
/// Throws NotFound that says what is offered; Unsupported for types that are
/// not known; DataLoss when bytes do not have their digest; InvalidArgument
/// for indexes that are nested too deep and for documents that are too large,
/// before they are fetched. A manifest without a platform in the index, or
/// given as `root`, is taken as it is: its config tells, which is not read
/// here.
ChosenImage choose_image(const Descriptor& root, const Platform& wanted,
                         const FetchDocument& fetch);

}  // namespace slipway
