// Save: images into one tar that is two archives at once.
//
//     oci-layout, index.json     for skopeo, podman (oci-archive), containerd
//     manifest.json              for docker load, podman load
//     blobs/sha256/HEX           for both
//
// Source: OCI image-spec, image-layout.md; "Docker Image Specification v1.3",
// "Combined Image JSON + Filesystem Changeset Format", as docker 25 writes it.
#pragma once

#include <vector>

#include "04-images/byte_stream.hpp"
#include "04-images/image_store.hpp"
#include "04-images/store_lock.hpp"

namespace slipway {

/// Writes the tar, not compressed; layers stay packed as they are, which all
/// readers find out. Blobs that several images need are in it once. The bytes
/// depend on the images and their order alone.
///
/// Throws NotFound or DataLoss, before a byte is written, for a blob that is
/// missing or has another size than its manifest says. Throws DataLoss for one
/// that turns out to be damaged, and what `out` throws: what was written then
/// is no whole archive, and has no end mark.
void save_images(const StoreLease& lease,
                 const std::vector<StoredImage>& images, const ByteSink& out);

}  // namespace slipway
