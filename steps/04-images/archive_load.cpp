#include "04-images/archive_load.hpp"

#include <algorithm>
#include <string>

#include "04-images/archive_files.hpp"
#include "04-images/blob_references.hpp"
#include "04-images/decompress.hpp"
#include "04-images/document.hpp"
#include "04-images/image_store.hpp"
#include "04-images/media_type.hpp"
#include "04-images/peek.hpp"
#include "04-images/reference.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_images = 10'000;

// Everything that the image needs is in the store, in its right size.
void check_whole(const ContentStore& store, const NamedImage& named) {
    StoredImage image = read_image(store, named);
    for (const ImageLayer& layer : image.layers())
        if (blob_size(store, layer.blob.digest) != layer.blob.size)
            throw Error(ErrorKind::DataLoss, cat("the archive lacks layer ",
                                                 layer.blob.digest.text()));
}

std::string id_of(const ContentStore& store, NamedImage unnamed) {
    unnamed.name = unnamed.digest.text();
    return read_image(store, unnamed).id().text();
}

std::vector<NamedImage> oci_images(const StoreLease& lease,
                                   const std::string& text) {
    std::vector<NamedImage> images;
    for (NamedImage& named : images_in(text)) {
        named.name = parse_reference(named.name).text();
        images.push_back(std::move(named));
    }
    for (const Descriptor& entry : parse_index(text, "").manifests) {
        auto has_name = [&](const NamedImage& named) {
            return named.digest == entry.digest;
        };
        if (std::any_of(images.begin(), images.end(), has_name)) continue;
        NamedImage image{"", entry.media_type, entry.digest, entry.size};
        image.name = id_of(lease.store, image);
        images.push_back(std::move(image));
    }
    return images;
}

// A layer may be packed in any way: its first bytes tell.
Descriptor layer_blob(const ContentStore& store, const BlobName& blob,
                      const Digest& diff_id) {
    UniqueFd file = open_blob(store, blob.digest);
    std::string first = peek(file_source(file.get())).first;
    std::string type(oci_layer_type);
    switch (compression_of(first)) {
        case Compression::None:
            if (blob.digest != diff_id)
                throw Error(ErrorKind::DataLoss,
                            cat("layer ", blob.digest.text(),
                                " is not the one that the config names: ",
                                diff_id.text()));
            break;
        case Compression::Gzip:
            type += "+gzip";
            break;
        case Compression::Zstd:
            type += "+zstd";
            break;
    }
    return {type, blob.digest, blob.size};
}

// Docker's archives have no manifest in the sense of a registry: it is made.
// The config's bytes stay as they are, so the image keeps its ID.
NamedImage docker_image(const StoreLease& lease, const ArchiveFiles& files,
                        const DocumentField& entry) {
    BlobName config_blob = files.find(entry.at("Config").text());
    ImageConfig config = parse_image_config(
        read_blob(lease.store, config_blob.digest, largest_config));
    std::vector<std::string> paths;
    if (auto layers = entry.find("Layers")) paths = layers->texts();
    if (paths.size() != config.diff_ids.size())
        throw Error(ErrorKind::InvalidArgument,
                    cat("manifest.json has ", paths.size(),
                        " layers, the config ", config.diff_ids.size()));
    Manifest manifest{
        std::string(oci_manifest_type),
        {std::string(oci_config_type), config_blob.digest, config_blob.size},
        {}};
    for (std::size_t i = 0; i < paths.size(); ++i)
        manifest.layers.push_back(
            layer_blob(lease.store, files.find(paths[i]), config.diff_ids[i]));
    BlobName made = put_blob(lease, manifest_text(manifest));
    return {config_blob.digest.text(), manifest.media_type, made.digest,
            made.size};
}

std::vector<NamedImage> docker_images(const StoreLease& lease,
                                      const ArchiveFiles& files,
                                      const std::string& text) {
    // A list, where parse_document() wants an object.
    DocumentField root = parse_document(cat("{\"images\":", text, "}"),
                                        "manifest.json", largest_manifest + 16);
    std::vector<NamedImage> images;
    for (const DocumentField& entry : root.at("images").items(most_images)) {
        NamedImage image = docker_image(lease, files, entry);
        std::vector<std::string> names;
        if (auto tags = entry.find("RepoTags")) names = tags->texts();
        if (names.empty()) images.push_back(image);
        for (const std::string& name : names) {
            image.name = parse_reference(name).text();
            images.push_back(image);
        }
    }
    return images;
}

}  // namespace

std::vector<NamedImage> read_archive(const StoreLease& lease,
                                     const ByteSource& archive) {
    Peeked start = peek(archive);
    ArchiveFiles files = read_archive_files(
        lease, decompress(start.source, compression_of(start.first)));
    std::vector<NamedImage> images;
    auto oci = files.texts.find("index.json");
    auto docker = files.texts.find("manifest.json");
    if (oci != files.texts.end())
        images = oci_images(lease, oci->second);
    else if (docker != files.texts.end())
        images = docker_images(lease, files, docker->second);
    else
        throw Error(ErrorKind::InvalidArgument,
                    "no archive of images: it has neither index.json nor "
                    "manifest.json")
            .advise("for the tar of a root filesystem there is import");
    if (images.empty())
        throw Error(ErrorKind::InvalidArgument, "there is no image in it");
    for (const NamedImage& image : images) check_whole(lease.store, image);
    return images;
}

}  // namespace slipway
