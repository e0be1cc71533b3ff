#include "04-images/image_parts.hpp"

#include "04-images/blob_references.hpp"

namespace slipway {

namespace {

std::string document(const ContentStore& store, const Descriptor& descriptor) {
    return read_blob(store, descriptor.digest, largest_manifest);
}

void add_once(std::vector<Descriptor>& list, const Descriptor& blob) {
    for (const Descriptor& known : list)
        if (known.digest == blob.digest) return;
    list.push_back(blob);
}

void add_manifest(const ContentStore& store, ImageParts& parts,
                  const Descriptor& descriptor) {
    // What others attached to an image (signatures) goes along as it is.
    Manifest manifest =
        parse_artifact(document(store, descriptor), descriptor.media_type);
    for (const Descriptor& layer : manifest.layers)
        add_once(parts.blobs, layer);
    add_once(parts.blobs, manifest.config);
}

// False when something is missing.
bool add_index(const ContentStore& store, ImageParts& parts,
               const Descriptor& descriptor, int depth = 0) {
    constexpr int deepest = 4;
    if (depth > deepest) return false;
    Index index =
        parse_index(document(store, descriptor), descriptor.media_type);
    for (const Descriptor& entry : index.manifests) {
        if (blob_size(store, entry.digest) != entry.size) return false;
        if (!is_index_type(entry.media_type))
            add_manifest(store, parts, entry);
        else if (!add_index(store, parts, entry, depth + 1))
            return false;
        add_once(parts.manifests, entry);
    }
    return true;
}

}  // namespace

ImageParts parts_of(const ContentStore& store, const StoredImage& image) {
    const NamedImage& name = image.name;
    ImageParts parts{{}, {}, {name.media_type, name.digest, name.size}};
    bool is_index = is_index_type(name.media_type);
    if (is_index && add_index(store, parts, parts.root)) return parts;
    if (is_index)
        parts = {{},
                 {},
                 {image.manifest.media_type, image.manifest_digest,
                  blob_size(store, image.manifest_digest).value_or(0)},
                 true};
    add_manifest(store, parts, parts.root);
    return parts;
}

}  // namespace slipway
