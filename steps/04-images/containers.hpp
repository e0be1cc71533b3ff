// Containers of step 4: an image's layers, read-only, and a folder of one's own
// on top, which is all that is ever written to.
//
//     ROOT/containers/NAME/image   which image, by the digest of its manifest
//     ROOT/containers/NAME/upper   what the command wrote and removed
//     ROOT/containers/NAME/work    the kernel's
//
// One without a name is taken away at its end; a killed one's, at the next
// start or prune.
#pragma once

#include <string>
#include <vector>

#include "04-images/image_store.hpp"
#include "04-images/overlay.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

struct Container {
    std::string name;  ///< empty: it goes when this goes
    std::string folder;
    StoredImage image;
    UniqueFd lock;                 ///< nobody else runs or removes it
    std::vector<UniqueFd> layers;  ///< held: Snapshots::use()

    /// Its root filesystem, to be mounted.
    OverlayPlan overlay(const ImageStore& store) const;
    std::string upper() const { return folder + "/upper"; }
};

/// Throws InvalidArgument for a name that is no name, Conflict when it exists.
Container create_container(ImageStore& store, const StoredImage& image,
                           const std::string& name);
/// Throws NotFound, and Conflict while somebody else has it.
Container open_container(ImageStore& store, const std::string& name);
/// Removes all of it.
void remove_container(Container& container);

std::vector<std::string> list_containers(const ImageStore& store);
/// The manifests of images that containers are made of, for prune.
std::vector<Digest> container_images(const ImageStore& store);
/// Removes what killed processes left.
void remove_container_leftovers(const ImageStore& store);

}  // namespace slipway
