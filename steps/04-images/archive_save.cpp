#include "04-images/archive_save.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "04-images/image_parts.hpp"
#include "04-images/media_type.hpp"
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

// In full: podman takes "app:1" for its own, not for docker.io's.
void add_tag(ordered_json& tags, const NamedImage& name) {
    if (name.is_unnamed()) return;
    try {
        Reference reference = parse_reference(name.name);
        std::string tag = reference.text();
        bool is_tag = !reference.tag.empty() && !reference.digest;
        if (is_tag && std::find(tags.begin(), tags.end(), tag) == tags.end())
            tags.push_back(tag);
    } catch (const Error&) {
        // another tool's name, which index.json has
    }
}

ordered_json docker_entry(const StoredImage& image) {
    ordered_json entry;
    entry["Config"] = blob_name(image.id());
    entry["RepoTags"] = ordered_json::array();
    entry["Layers"] = ordered_json::array();
    for (const ImageLayer& layer : image.layers())
        entry["Layers"].push_back(blob_name(layer.blob.digest));
    return entry;
}

/// What the archive will consist of.
struct Contents {
    std::map<Digest, ordered_json> docker;  ///< by ID: several names, one entry
    std::vector<Descriptor> roots;
    std::map<Digest, std::uint64_t> blobs;  ///< size
};

void add_root(Contents& contents, const NamedImage& name, Descriptor root) {
    if (!name.is_unnamed())
        root.annotations = {{ref_name_annotation, name.name},
                            {full_name_annotation, name.name}};
    else
        root.annotations.clear();
    auto& roots = contents.roots;
    if (std::find(roots.begin(), roots.end(), root) == roots.end())
        roots.push_back(std::move(root));
}

Contents contents_of(const ContentStore& store,
                     const std::vector<StoredImage>& images) {
    Contents contents;
    for (const StoredImage& image : images) {
        auto entry = contents.docker.try_emplace(image.id());
        if (entry.second) entry.first->second = docker_entry(image);
        add_tag(entry.first->second["RepoTags"], image.name);
        ImageParts parts = parts_of(store, image);
        for (const auto* list : {&parts.blobs, &parts.manifests})
            for (const Descriptor& blob : *list)
                contents.blobs.emplace(blob.digest, blob.size);
        contents.blobs.emplace(parts.root.digest, parts.root.size);
        add_root(contents, image.name, parts.root);
    }
    return contents;
}

// Before the first byte: who reads from a pipe has them by then.
void must_have_all(const ContentStore& store, const Contents& contents) {
    for (const auto& [digest, size] : contents.blobs) {
        auto found = blob_size(store, digest);
        if (found == size) continue;
        throw Error(found ? ErrorKind::DataLoss : ErrorKind::NotFound,
                    cat("blob ", digest.text(),
                        found ? " has another size than its manifest says"
                              : " is not in the store"))
            .advise("pull the image again");
    }
}

std::string docker_text(const Contents& contents) {
    ordered_json list = ordered_json::array();
    for (const auto& [id, entry] : contents.docker) list.push_back(entry);
    return list.dump();
}

}  // namespace

void save_images(const StoreLease& lease,
                 const std::vector<StoredImage>& images, const ByteSink& out) {
    Contents contents = contents_of(lease.store, images);
    must_have_all(lease.store, contents);
    TarWriter tar(out);
    // Documents first: who reads a stream then knows what is to come.
    add_text(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    add_text(tar, "index.json",
             index_text({std::string(oci_index_type), contents.roots}));
    add_text(tar, "manifest.json", docker_text(contents));
    add_folder(tar, "blobs");
    add_folder(tar, "blobs/sha256");
    constexpr std::size_t piece = 1 << 20;
    std::string buffer(piece, '\0');
    for (const auto& [digest, size] : contents.blobs)
        add_blob(tar, lease.store, digest, buffer);
    tar.finish();
}

}  // namespace slipway
