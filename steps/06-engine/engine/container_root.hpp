// The root filesystem of a container, and what is put into it at a start.
#pragma once

#include <vector>

#include "04-images/image_store.hpp"
#include "04-images/overlay.hpp"
#include "06-engine/engine/container_spec.hpp"
#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// The image's layers, and on top of them the container's own folder.
OverlayPlan container_overlay(const Engine& engine, const Snapshots& snapshots,
                              const ContainerRecord& record);

/// Unpacks again what a power cut took from the image's layers.
void restore_layers(const ImageStore& images, const ContainerRecord& record);

struct ContainerRoot {
    std::vector<UniqueFd> layers;  ///< held: Snapshots::use()
    UniqueFd mount;   ///< the overlay; it hangs nowhere, the host never sees it
    UniqueFd folder;  ///< its top folder, to open names in
};
/// Mounts it. Throws NotFound when a layer has gone from the store.
ContainerRoot mount_root(const Engine& engine, const ImageStore& images,
                         const ContainerRecord& record);

/// What --mount, -v, --tmpfs and volumes are at this start, ready for
/// config.json, parents before children. Fresh volumes are filled from the
/// root. Throws NotFound for a folder of the host that is missing (--mount),
/// or makes it (-v).
std::vector<SpecMount> container_mounts(const Engine& engine,
                                        const ContainerRecord& record,
                                        int root);

}  // namespace slipway
