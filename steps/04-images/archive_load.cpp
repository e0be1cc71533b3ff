#include "04-images/archive_load.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "04-images/archive_files.hpp"
#include "04-images/blob_references.hpp"
#include "04-images/decompress.hpp"
#include "04-images/image_store.hpp"
#include "04-images/layer_name.hpp"
#include "04-images/media_type.hpp"
#include "04-images/peek.hpp"
#include "04-images/reference.hpp"
#include "04-images/store_folder.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_images = 10'000;

void must_be_there(const ContentStore& store, const BlobName& blob,
                   const char* what) {
    std::optional<std::uint64_t> size = blob_size(store, blob.digest);
    if (size == blob.size) return;
    throw Error(ErrorKind::DataLoss, cat(size ? "another size than promised: "
                                              : "the archive lacks ",
                                         what, " ", blob.digest.text()));
}

StoredImage read_present(const ContentStore& store, const NamedImage& named) {
    try {
        return read_image(store, named);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
        throw Error(ErrorKind::DataLoss,
                    cat("the archive is not whole: ", error.message()));
    }
}

// Everything that the image needs is in the store, in its right size.
StoredImage read_whole(const ContentStore& store, const NamedImage& named) {
    must_be_there(store, {named.digest, named.size}, "manifest");
    StoredImage image = read_present(store, named);
    const Descriptor& config = image.manifest.config;
    must_be_there(store, {config.digest, config.size}, "config");
    for (const ImageLayer& layer : image.layers())
        must_be_there(store, {layer.blob.digest, layer.blob.size}, "layer");
    return image;
}

// A name with a digest is a promise: whoever runs it does not look again.
std::string checked_name(const std::string& text, const Digest& digest) {
    Reference reference = parse_reference(text);
    if (reference.digest && reference.digest != digest)
        throw Error(ErrorKind::DataLoss,
                    cat("name ", quote(reference.text()),
                        " is given to an image with digest ", digest.text()));
    return reference.stored_name();
}

std::vector<NamedImage> oci_images(const StoreLease& lease,
                                   const std::string& text) {
    std::vector<NamedImage> images;
    Index index = parse_index(text, "");  // strictly, before it is believed
    for (NamedImage& named : images_in(text)) {
        named.name = checked_name(named.name, named.digest);
        images.push_back(std::move(named));
    }
    for (const Descriptor& entry : index.manifests) {
        auto has_name = [&](const NamedImage& named) {
            return named.digest == entry.digest;
        };
        if (std::any_of(images.begin(), images.end(), has_name)) continue;
        NamedImage image{entry.digest.text(), entry.media_type, entry.digest,
                         entry.size};
        image.name = read_whole(lease.store, image).id().text();
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

// Everything else is checked by what the config says; the config itself only
// by its name, in which all who write archives have its digest: HEX.json,
// sha256:HEX, blobs/sha256/HEX.
void check_config_name(std::string_view path, const Digest& digest) {
    std::string name(path.substr(path.rfind('/') + 1));
    if (name.starts_with("sha256:")) name.erase(0, 7);
    if (name.ends_with(".json")) name.erase(name.size() - 5);
    if (is_blob_name(name) && name != digest.hex())
        throw Error(ErrorKind::DataLoss, cat("config ", shown_name(path),
                                             " has digest ", digest.text()));
}

// Docker's archives have no manifest in the sense of a registry: it is made.
// The config's bytes stay as they are, so the image keeps its ID.
NamedImage docker_image(const StoreLease& lease, const ArchiveFiles& files,
                        const DocumentField& entry) {
    std::string config_path = entry.at("Config").text();
    BlobName config_blob = files.find(config_path);
    check_config_name(config_path, config_blob.digest);
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
    DocumentField list = parse_document_list(text, "manifest.json",
                                             largest_manifest, image_fault);
    std::vector<NamedImage> images;
    for (const DocumentField& entry : list.items(most_images)) {
        NamedImage image = docker_image(lease, files, entry);
        std::vector<std::string> names;
        if (auto tags = entry.find("RepoTags")) names = tags->texts();
        if (names.empty()) images.push_back(image);
        for (const std::string& name : names) {
            image.name = checked_name(name, image.digest);
            images.push_back(image);
        }
    }
    return images;
}

// Twice the same is once. Two images of one name would be one in the store.
void drop_repeated(std::vector<NamedImage>& images) {
    std::map<std::string, Digest> known;
    std::erase_if(images, [&](const NamedImage& image) {
        auto [place, is_new] = known.emplace(image.name, image.digest);
        if (!is_new && place->second != image.digest)
            throw Error(ErrorKind::InvalidArgument,
                        cat("two images are named ", quote(image.name)));
        return !is_new;
    });
}

}  // namespace

std::vector<NamedImage> read_archive(const StoreLease& lease,
                                     const ByteSource& archive,
                                     EarlyUnpack* early) {
    Peeked start = peek(archive);
    ArchiveFiles files = read_archive_files(
        lease, decompress(start.source, compression_of(start.first)), early);
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
    drop_repeated(images);
    for (const NamedImage& image : images) read_whole(lease.store, image);
    return images;
}

}  // namespace slipway
