// Where all of step 4 keeps its things, and the images that are there.
//
//     ROOT/images/      the content store, an OCI image layout
//     ROOT/snapshots/   layers, unpacked
//     ROOT/containers/  writable layers that `run --name` keeps
//     ROOT/pins/        what else is kept (pins.hpp)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/content_store.hpp"
#include "04-images/image_config.hpp"
#include "04-images/image_index.hpp"
#include "04-images/image_layers.hpp"
#include "04-images/manifest.hpp"
#include "04-images/platform.hpp"
#include "04-images/snapshots.hpp"

namespace slipway {

struct ImageStore {
    /// Makes what is missing.
    explicit ImageStore(const std::string& root);
    std::string root;
    /// Marks of layers are user.overlay.*: see rootless.hpp.
    bool user_xattr;
    ContentStore content;
    Snapshots snapshots;
};

/// $SLIPWAY_ROOT, or /var/lib/slipway for root, or else
/// $XDG_DATA_HOME/slipway, ~/.local/share/slipway.
std::string default_store_root();
/// Of root, where nothing else is said.
constexpr char system_store_root[] = "/var/lib/slipway";

/// An image that is in the store, read.
struct StoredImage {
    NamedImage name;  ///< what the name points to: manifest or index
    Digest manifest_digest;
    Manifest manifest;
    ImageConfig config;

    /// Docker's image ID: the digest of the config.
    const Digest& id() const { return manifest.config.digest; }
    std::vector<ImageLayer> layers() const {
        return layers_of(manifest, config);
    }
    std::uint64_t packed_size() const;  ///< of its layers, in bytes
};

/// Reads what a name of the store points to. Of an index it is the image for
/// the platform, or the best of those whose manifests are there: somebody
/// pulled it for another platform. Throws NotFound, DataLoss, InvalidArgument.
StoredImage read_image(const ContentStore& store, const NamedImage& name,
                       const Platform& wanted = host_platform());

/// The image of a manifest, whose name may have gone to another one: `name` is
/// what it was.
StoredImage read_image(const ContentStore& store, const Digest& manifest,
                       const std::string& name = {});

/// What people's name for an image points to, not read: it may be damaged.
/// Empty when nothing has this name, which may then be an ID.
std::optional<NamedImage> find_by_name(const ContentStore& store,
                                       std::string_view text);

/// Finds an image by what people write: its name, or the beginning of its ID
/// or digest (with or without "sha256:"). Throws NotFound, and Conflict for a
/// beginning that several images have. By an ID those that are damaged are not
/// found.
StoredImage find_stored_image(const ContentStore& store, std::string_view text,
                              const Platform& wanted = host_platform());

}  // namespace slipway
