#include "04-images/image_store.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "02-namespaces/id_map.hpp"
#include "04-images/blob_references.hpp"
#include "04-images/image_choice.hpp"
#include "04-images/media_type.hpp"
#include "04-images/reference.hpp"
#include "04-images/store_folder.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

const std::string& trusted(const std::string& root) {
    refuse_foreign_folder(root);
    return root;
}

}  // namespace

ImageStore::ImageStore(const std::string& root_folder)
    : root(trusted(root_folder)),
      user_xattr(in_user_namespace()),
      content(root_folder + "/images"),
      snapshots(root_folder + "/snapshots") {}

std::string default_store_root() {
    if (const char* root = ::getenv("SLIPWAY_ROOT"); root && *root) return root;
    if (::geteuid() == 0) return system_store_root;
    if (const char* data = ::getenv("XDG_DATA_HOME"); data && *data == '/')
        return cat(data, "/slipway");
    if (const char* home = ::getenv("HOME"); home && *home == '/')
        return cat(home, "/.local/share/slipway");
    throw Error(ErrorKind::InvalidArgument,
                "no place for images: HOME is unset")
        .advise("name one with --root DIR");
}

std::uint64_t StoredImage::packed_size() const {
    std::uint64_t size = 0;
    for (const ImageLayer& layer : layers()) size += layer.blob.size;
    return size;
}

namespace {

// For the platform, unless the only ones that are there are for others.
ChosenImage choose_present(const ContentStore& store, const Descriptor& root,
                           Platform wanted) {
    auto fetch = [&](const Descriptor& descriptor) {
        return read_blob(store, descriptor.digest, largest_manifest);
    };
    if (is_index_type(root.media_type)) {
        Index index = parse_index(fetch(root), root.media_type);
        auto is_there = [&](const Descriptor& entry) {
            return blob_size(store, entry.digest) == entry.size;
        };
        auto fitting = candidates(index, wanted);
        if (std::none_of(fitting.begin(), fitting.end(), is_there))
            for (const Descriptor& entry : index.manifests)
                if (entry.platform && is_there(entry)) {
                    wanted = *entry.platform;
                    break;
                }
    }
    return choose_image(root, wanted, fetch);
}

bool begins(const Digest& digest, std::string_view text) {
    return digest.hex().starts_with(text) || digest.text().starts_with(text);
}

bool may_be_id(std::string_view text) {
    if (text.starts_with("sha256:")) text.remove_prefix(7);
    return !text.empty() && text.size() <= 64 &&
           text.find_first_not_of("0123456789abcdef") == text.npos;
}

// As people may have typed it: "app:latest", and "app" alone.
void add_typed_forms(std::vector<std::string>& forms, const NamedImage& named) {
    if (named.is_unnamed()) return;
    try {
        std::string name = parse_reference(named.name).familiar();
        constexpr std::string_view usual = ":latest";
        forms.push_back(name);
        if (name.ends_with(usual))
            forms.push_back(name.substr(0, name.size() - usual.size()));
    } catch (const Error&) {
        // another tool's name
    }
}

[[noreturn]] void no_such_image(const ContentStore& store,
                                std::string_view text) {
    std::vector<std::string> forms;
    for (const NamedImage& named : list_images(store))
        add_typed_forms(forms, named);
    std::string near = nearest(text.substr(0, 256), forms);
    throw Error(ErrorKind::NotFound, cat("no such image: ", quote(text)))
        .advise(near.empty() ? "images shows which there are"
                             : cat("did you mean ", near, "?"));
}

}  // namespace

StoredImage read_image(const ContentStore& store, const NamedImage& name,
                       const Platform& wanted) {
    return with_context(cat("image ", name.name), [&] {
        ChosenImage chosen = choose_present(
            store, {name.media_type, name.digest, name.size}, wanted);
        std::string config =
            read_blob(store, chosen.manifest.config.digest, largest_config);
        return StoredImage{name, chosen.descriptor.digest,
                           std::move(chosen.manifest),
                           parse_image_config(config)};
    });
}

StoredImage read_image(const ContentStore& store, const Digest& manifest,
                       const std::string& name) {
    std::string text = read_blob(store, manifest, largest_manifest);
    auto type =
        parse_document(text, "manifest", largest_manifest).find("mediaType");
    return read_image(
        store, {name, type ? type->text() : std::string(oci_manifest_type),
                manifest, text.size()});
}

namespace {

// A damaged image hides none of the others.
std::optional<StoredImage> read_unless_damaged(const ContentStore& store,
                                               const NamedImage& named) {
    try {
        return read_image(store, named);
    } catch (const Error&) {
        return {};
    }
}

}  // namespace

std::optional<NamedImage> find_by_name(const ContentStore& store,
                                       std::string_view text) {
    std::string name;
    try {
        name = parse_reference(text).stored_name();
    } catch (const Error&) {
        if (may_be_id(text)) return {};
        throw;
    }
    return find_image(store, name);
}

StoredImage find_stored_image(const ContentStore& store, std::string_view text,
                              const Platform& wanted) {
    if (auto named = find_by_name(store, text))
        return read_image(store, *named, wanted);
    if (!may_be_id(text)) no_such_image(store, text);
    std::optional<StoredImage> found;
    for (const NamedImage& named : list_images(store)) {
        auto read = read_unless_damaged(store, named);
        if (!read) continue;
        StoredImage image = *std::move(read);
        if (!begins(image.id(), text) && !begins(image.name.digest, text) &&
            !begins(image.manifest_digest, text))
            continue;
        if (found && found->id() != image.id())
            throw Error(ErrorKind::Conflict,
                        cat(quote(text), " begins the ID of several images"))
                .advise("write more of its digits");
        found = std::move(image);
    }
    if (!found) no_such_image(store, text);
    return *std::move(found);
}

}  // namespace slipway
