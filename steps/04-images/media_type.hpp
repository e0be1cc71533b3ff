// Media types: what a blob is. Two families name the same things, OCI's and
// Docker's older ones.
// Source: OCI image-spec, media-types.md, "Compatibility Matrix"; Docker's
// "Image Manifest V 2, Schema 2".
#pragma once

#include <string_view>

namespace slipway {

constexpr std::string_view oci_index_type =
    "application/vnd.oci.image.index.v1+json";
constexpr std::string_view oci_manifest_type =
    "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view oci_config_type =
    "application/vnd.oci.image.config.v1+json";
/// With "+gzip", "+zstd", or without.
constexpr std::string_view oci_layer_type =
    "application/vnd.oci.image.layer.v1.tar";

constexpr std::string_view docker_index_type =
    "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr std::string_view docker_manifest_type =
    "application/vnd.docker.distribution.manifest.v2+json";
constexpr std::string_view docker_config_type =
    "application/vnd.docker.container.image.v1+json";
/// With ".gzip", ".zstd", or without.
constexpr std::string_view docker_layer_type =
    "application/vnd.docker.image.rootfs.diff.tar";

enum class Compression { None, Gzip, Zstd };

/// How the tar of a layer is packed. Throws Unsupported for a type that is no
/// layer of a root filesystem.
Compression layer_compression(std::string_view media_type);

/// Layers of which a registry may not hold the bytes (Windows). Without urls
/// they are layers like others.
bool is_foreign_layer(std::string_view media_type);

bool is_config_type(std::string_view media_type);

/// TYPE/SUBTYPE and nothing behind, so that it can stand in a header of HTTP.
bool is_media_type(std::string_view text);

}  // namespace slipway
