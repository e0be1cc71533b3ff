#include "04-images/media_type.hpp"

#include <algorithm>

#include "common/error.hpp"

namespace slipway {

namespace {

constexpr std::string_view oci_foreign =
    "application/vnd.oci.image.layer.nondistributable.v1.tar";
constexpr std::string_view docker_foreign =
    "application/vnd.docker.image.rootfs.foreign.diff.tar";

bool is_token(std::string_view text) {
    constexpr char signs[] = "!#$&-^_.+";
    auto allowed = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') ||
               std::string_view(signs).find(c) != std::string_view::npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

Compression layer_compression(std::string_view media_type) {
    for (std::string_view tar :
         {oci_layer_type, docker_layer_type, oci_foreign, docker_foreign}) {
        if (!media_type.starts_with(tar)) continue;
        std::string_view packed = media_type.substr(tar.size());
        bool oci = tar == oci_layer_type || tar == oci_foreign;
        if (packed.empty()) return Compression::None;
        if (packed == (oci ? "+gzip" : ".gzip")) return Compression::Gzip;
        if (packed == (oci ? "+zstd" : ".zstd")) return Compression::Zstd;
    }
    throw Error(ErrorKind::Unsupported,
                cat(quote(media_type), " is no type of layer that is known"))
        .advise(
            "layers are tar, plain or packed with gzip or zstd; other "
            "types are for other programs than container engines");
}

bool is_foreign_layer(std::string_view media_type) {
    return media_type.starts_with(oci_foreign) ||
           media_type.starts_with(docker_foreign);
}

bool is_config_type(std::string_view media_type) {
    return media_type == oci_config_type || media_type == docker_config_type;
}

bool is_media_type(std::string_view text) {
    constexpr std::size_t longest = 255;  // RFC 6838 allows 127 on each side
    std::size_t slash = text.find('/');
    return text.size() <= longest && slash != std::string_view::npos &&
           is_token(text.substr(0, slash)) && is_token(text.substr(slash + 1));
}

}  // namespace slipway
