// Archives of images, made by hand and by save.
#pragma once

#include <string>
#include <vector>

#include "04-images/archive_load.hpp"
#include "04-images/archive_save.hpp"
#include "04-images/image_store.hpp"
#include "unit/04-images/store_fixture.hpp"
#include "unit/04-images/stream_fixture.hpp"
#include "unit/04-images/tar_fixture.hpp"

namespace slipway {

inline std::string hex_of(std::string_view bytes) {
    return std::string(Digest::of(bytes).hex());
}

inline std::string blob_file(std::string_view bytes) {
    return tar_file("blobs/sha256/" + hex_of(bytes), bytes);
}

/// "\"a\",\"b\""
inline std::string quoted_list(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words)
        list += cat(list.empty() ? "" : ",", "\"", word, "\"");
    return list;
}

inline std::string config_of(const std::vector<std::string>& layers) {
    std::vector<std::string> diff_ids;
    for (const std::string& layer : layers)
        diff_ids.push_back(Digest::of(layer).text());
    return cat("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},",
               "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[",
               quoted_list(diff_ids), "]}}");
}

/// An entry of manifest.json; `tags` as JSON.
inline std::string docker_entry(const std::string& config,
                                const std::vector<std::string>& layers,
                                const std::string& tags) {
    return cat("{\"Config\":\"", config, "\",\"RepoTags\":", tags,
               ",\"Layers\":[", quoted_list(layers), "]}");
}

inline std::string docker_manifest(const std::string& entries) {
    return tar_file("manifest.json", cat("[", entries, "]"));
}

/// An image as Docker wrote it before version 25, with a layer of these bytes.
inline std::string old_archive(const std::string& layer = "layer",
                               const std::string& tags = "[\"app:1\"]") {
    std::string config = config_of({layer});
    return tar_file("id/VERSION", "1.0") + tar_file("id/json", "{}") +
           tar_file("id/layer.tar", layer) +
           tar_file(hex_of(config) + ".json", config) +
           docker_manifest(
               docker_entry(hex_of(config) + ".json", {"id/layer.tar"}, tags)) +
           tar_file("repositories", "{}");
}

/// What load says of an archive, to which an end mark is added.
struct LoadTest : TestStore {
    std::vector<NamedImage> load(const std::string& entries,
                                 std::size_t piece = 1 << 20) {
        StoreLease lease = hold_store(store);
        return read_archive(lease, source_from(entries + tar_end(), piece));
    }
    /// What it throws; kind System and "" when it throws nothing. Then no
    /// name is there, and nothing half-written.
    Error refused(const std::string& entries) {
        try {
            load(entries);
        } catch (const Error& error) {
            if (files_in("ingest") != 0)
                return Error(ErrorKind::System, "something is left in ingest/");
            if (!list_images(store).empty())
                return Error(ErrorKind::System, "an image has a name");
            return error;
        }
        return Error(ErrorKind::System, "");
    }
};

/// What save writes.
inline std::string saved(const ContentStore& store,
                         const std::vector<std::string>& names) {
    StoreLease lease = hold_store(store);
    std::vector<StoredImage> images;
    for (const std::string& name : names)
        images.push_back(find_stored_image(store, name));
    std::string tar;
    save_images(lease, images, [&](std::string_view bytes) { tar += bytes; });
    return tar;
}

}  // namespace slipway
