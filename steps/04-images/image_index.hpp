// index.json: which images the store has, by name.
//
// An entry is the descriptor of a manifest (or of an index, for an image of
// several platforms) whose annotations carry the name. Fields and entries of
// other tools are kept as they are. The file is replaced as a whole, so that
// readers need no lock.
//
// Source: OCI image-spec, image-layout.md and annotations.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/content_store.hpp"
#include "04-images/digest.hpp"
#include "04-images/store_lock.hpp"

namespace slipway {

/// Where a name is written: the first for skopeo and umoci, the second for
/// containerd. In what others wrote the first one counts, or the second where
/// the first is only its tag, as docker has it.
constexpr char ref_name_annotation[] = "org.opencontainers.image.ref.name";
constexpr char full_name_annotation[] = "io.containerd.image.name";

struct NamedImage {
    /// As "docker.io/library/nginx:latest". An image that has no name is kept
    /// under its ID, "sha256:…", which no name looks like.
    std::string name;
    std::string media_type;
    Digest digest;
    std::uint64_t size;  ///< of the manifest, in bytes

    bool is_unnamed() const { return name.starts_with("sha256:"); }
};

/// The images, in the order of the file. Entries without a name, or with a
/// digest other than sha256, are other tools' affair and left out. Throws
/// InvalidArgument when index.json is no index. So do all functions below.
std::vector<NamedImage> list_images(const ContentStore& store);
std::optional<NamedImage> find_image(const ContentStore& store,
                                     std::string_view name);

/// Gives each image its name, taking it from the one that had it: all of them,
/// or on failure none. One without a name is added only if it has none, and
/// goes when it gets one. The lease is the one that was held when their blobs
/// came. Throws NotFound when the store does not have a manifest, and
/// InvalidArgument for a name that is empty, no UTF-8, or beyond 4096 bytes.
void set_images(const StoreLease& lease, const std::vector<NamedImage>& images);

/// Takes the names away; the blobs stay until garbage is collected. Returns
/// those that were there, once each.
std::vector<std::string> remove_images(const ContentStore& store,
                                       const std::vector<std::string>& names);

// The same on the text of the file.

/// The text of an index without images.
std::string empty_index();
std::vector<NamedImage> images_in(std::string_view index);
std::string with_images(std::string_view index,
                        const std::vector<NamedImage>& images);
/// `removed`, when given, receives the names that were there.
std::string without_images(std::string_view index,
                           const std::vector<std::string>& names,
                           std::vector<std::string>* removed = nullptr);

/// index.json as it is now, unparsed. Throws beyond largest_manifest bytes.
std::string read_index(const ContentStore& store);

}  // namespace slipway
