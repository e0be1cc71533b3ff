#include "04-images/archive_save.hpp"

#include <sys/stat.h>

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "04-images/image_parts.hpp"
#include "04-images/reference.hpp"
#include "04-images/tar_writer.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

std::string blob_name(const Digest& digest) {
    return cat("blobs/sha256/", digest.hex());
}

void add_folder(TarWriter& tar, const std::string& name) {
    TarWriter::Header header;
    header.name = name;
    header.mode = S_IFDIR | 0755;
    tar.begin(header);
}

void begin_file(TarWriter& tar, const std::string& name, std::uint64_t size) {
    TarWriter::Header header;
    header.name = name;
    header.mode = S_IFREG | 0644;
    header.size = size;
    tar.begin(header);
}

void add_text(TarWriter& tar, const std::string& name,
              const std::string& text) {
    begin_file(tar, name, text.size());
    tar.write(text);
}

void add_blob(TarWriter& tar, const ContentStore& store, const Digest& digest,
              std::string& buffer) {
    BlobReader blob(store, digest);
    begin_file(tar, blob_name(digest), blob.size());
    while (std::size_t got = blob.read(buffer.data(), buffer.size()))
        tar.write({buffer.data(), got});
}

// docker's list: what it is called there, or nothing for an image by digest.
ordered_json docker_entry(const StoredImage& image) {
    ordered_json entry;
    entry["Config"] = blob_name(image.id());
    entry["RepoTags"] = ordered_json::array();
    entry["Layers"] = ordered_json::array();
    for (const ImageLayer& layer : image.layers())
        entry["Layers"].push_back(blob_name(layer.blob.digest));
    return entry;
}

void add_tag(ordered_json& entry, const std::string& name) {
    try {
        Reference reference = parse_reference(name);
        if (!reference.tag.empty() && !reference.digest)
            entry["RepoTags"].push_back(reference.familiar());
    } catch (const Error&) {
        // an image without a name
    }
}

}  // namespace

void save_images(const StoreLease& lease,
                 const std::vector<StoredImage>& images, const ByteSink& out) {
    std::map<Digest, ordered_json> by_id;  // several names, one entry
    std::map<Digest, std::uint64_t> blobs;
    std::vector<NamedImage> roots;
    for (const StoredImage& image : images) {
        auto entry = by_id.try_emplace(image.id(), docker_entry(image)).first;
        add_tag(entry->second, image.name.name);
        ImageParts parts = parts_of(lease.store, image);
        for (const auto* list : {&parts.blobs, &parts.manifests})
            for (const Descriptor& blob : *list)
                blobs.emplace(blob.digest, blob.size);
        blobs.emplace(parts.root.digest, parts.root.size);
        roots.push_back({image.name.name, parts.root.media_type,
                         parts.root.digest, parts.root.size});
    }
    ordered_json docker = ordered_json::array();
    for (const auto& [id, entry] : by_id) docker.push_back(entry);

    TarWriter tar(out);
    // Documents first: who reads a stream then knows what is to come.
    add_text(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    add_text(tar, "index.json", with_images(empty_index(), roots));
    add_text(tar, "manifest.json", docker.dump());
    add_folder(tar, "blobs");
    add_folder(tar, "blobs/sha256");
    constexpr std::size_t piece = 1 << 20;
    std::string buffer(piece, '\0');
    for (const auto& [digest, size] : blobs)
        add_blob(tar, lease.store, digest, buffer);
    tar.finish();
}

}  // namespace slipway
