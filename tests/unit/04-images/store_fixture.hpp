// A content store in a temporary folder, and images to put into it.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "04-images/content_store.hpp"
#include "04-images/image_index.hpp"
#include "04-images/ingest.hpp"
#include "04-images/store_lock.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

constexpr char oci_manifest[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char oci_index[] = "application/vnd.oci.image.index.v1+json";

struct TestStore {
    TempDir folder{"store"};
    ContentStore store{folder.path() + "/images"};

    std::string path(const std::string& inside) const {
        return store.root + "/" + inside;
    }
    std::string part(const Digest& digest) const {
        return path("ingest/") + std::string(digest.hex());
    }
    std::size_t files_in(const std::string& inside) const {
        std::filesystem::directory_iterator entries(path(inside));
        return static_cast<std::size_t>(std::distance(begin(entries), {}));
    }
};

inline std::string descriptor(const std::string& type, const BlobName& blob) {
    return cat("{\"mediaType\":\"", type, "\",\"digest\":\"",
               blob.digest.text(), "\",\"size\":", blob.size, "}");
}

/// A config, layers of these bytes, and the manifest, which is returned.
inline BlobName put_image(const StoreLease& lease,
                          const std::vector<std::string>& layers) {
    std::string list, diff_ids;
    for (const std::string& bytes : layers) {
        BlobName layer = put_blob(lease, bytes);
        std::string comma = list.empty() ? "" : ",";
        list +=
            comma + descriptor("application/vnd.oci.image.layer.v1.tar", layer);
        diff_ids += cat(comma, "\"", layer.digest.text(), "\"");
    }
    BlobName config = put_blob(
        lease,
        cat("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},",
            "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[", diff_ids, "]}}"));
    return put_blob(
        lease,
        cat("{\"schemaVersion\":2,\"mediaType\":\"", oci_manifest,
            "\",\"config\":",
            descriptor("application/vnd.oci.image.config.v1+json", config),
            ",\"layers\":[", list, "]}"));
}

inline NamedImage named(const std::string& name, const BlobName& manifest,
                        const char* type = oci_manifest) {
    return {name, type, manifest.digest, manifest.size};
}

}  // namespace slipway
