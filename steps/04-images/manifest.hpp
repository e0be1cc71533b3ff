// Manifests: of which blobs an image is made; and indexes, which offer one
// image for several platforms. OCI's and Docker's (schema 2) alike.
//
// Parsing is for reading. A document that was pulled is stored as its bytes,
// since its digest is theirs; the functions that write are for images that are
// made here.
//
// Source: OCI image-spec, manifest.md and image-index.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/descriptor.hpp"
#include "04-images/overlay.hpp"  // most_layers

namespace slipway {

constexpr std::size_t most_index_entries = 10'000;
/// In bytes. A manifest that names a larger config is refused.
constexpr std::size_t largest_config = 8 << 20;

struct Manifest {
    std::string media_type;
    Descriptor config;
    std::vector<Descriptor> layers;  ///< the lowest first
    std::map<std::string, std::string> annotations = {};
    std::optional<Descriptor> subject = {};  ///< what this belongs to
    std::string artifact_type = {};
};

struct Index {
    std::string media_type;
    std::vector<Descriptor> manifests;
    std::map<std::string, std::string> annotations = {};
    std::optional<Descriptor> subject = {};
    std::string artifact_type = {};
};

/// Reads the manifest of an image. `media_type` is what the descriptor or the
/// registry calls it; empty when nobody said.
///
/// Throws Unsupported for a type of document, config or layer that is not
/// known, and for a foreign layer with urls: those are never followed, since
/// they would send us, and our credentials, wherever the image says. Throws
/// InvalidArgument for everything else that is wrong, among it a document that
/// can be taken for manifest and index (CVE-2021-41190) and one whose own
/// mediaType is not `media_type`.
Manifest parse_manifest(std::string_view bytes, std::string_view media_type);

/// The same whatever the types of config and layers: for those who keep what
/// others attached to an image, such as signatures, and do not unpack it.
Manifest parse_artifact(std::string_view bytes, std::string_view media_type);

/// Reads an index or a manifest list; throws like parse_manifest().
Index parse_index(std::string_view bytes, std::string_view media_type);

/// Compact JSON, the same for the same struct.
std::string manifest_text(const Manifest& manifest);
std::string index_text(const Index& index);

}  // namespace slipway
