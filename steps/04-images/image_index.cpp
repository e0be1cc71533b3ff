#include "04-images/image_index.hpp"

#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "04-images/foreign_json.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_name = 4096;

[[noreturn]] void throw_malformed(std::string_view why) {
    throw Error(ErrorKind::InvalidArgument, cat("no image index: ", why))
        .advise(
            "fsck looks through the store; another tool may have written "
            "this file");
}

// Null for a field that is not there.
const Json& field(const Json& object, const char* name) {
    static const Json nothing;
    auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

std::string text_field(const Json& object, const char* name) {
    const Json& value = field(object, name);
    if (!value.is_string()) throw_malformed(cat(name, " is no text"));
    return value.get<std::string>();
}

Json parse_index(std::string_view text) {
    Json index = parse_foreign_json(text);
    if (!index.is_object()) throw_malformed("it is no object");
    if (field(index, "schemaVersion") != 2)
        throw_malformed("its schemaVersion is not 2");
    if (!field(index, "manifests").is_array())
        throw_malformed("its manifests are no list");
    for (const Json& entry : index["manifests"])
        if (!entry.is_object()) throw_malformed("one entry is no object");
    return index;
}

// Empty when it is not there.
std::string annotation(const Json& annotations, const char* key) {
    return annotations.contains(key) ? text_field(annotations, key) : "";
}

// Empty for an entry without a name.
std::string name_of(const Json& entry) {
    const Json& annotations = field(entry, "annotations");
    if (annotations.is_null()) return {};
    if (!annotations.is_object()) throw_malformed("annotations are no object");
    std::string full = annotation(annotations, full_name_annotation);
    std::string reference = annotation(annotations, ref_name_annotation);
    // umoci tag copies an entry and changes one name only: the other is then
    // that of another image.
    bool belong_together = reference.empty() || full.ends_with(":" + reference);
    return !full.empty() && belong_together ? full : reference;
}

std::optional<NamedImage> image_of(const Json& entry) {
    std::string name = name_of(entry);
    std::string digest = text_field(entry, "digest");
    const Json& size = field(entry, "size");
    if (!size.is_number_unsigned()) throw_malformed("size is no number");
    if (name.empty() || !digest.starts_with("sha256:")) return std::nullopt;
    return NamedImage{name, text_field(entry, "mediaType"),
                      Digest::parse(digest), size.get<std::uint64_t>()};
}

Json entry_of(const NamedImage& image) {
    return {{"mediaType", image.media_type},
            {"digest", image.digest.text()},
            {"size", image.size},
            {"annotations",
             {{ref_name_annotation, image.name},
              {full_name_annotation, image.name}}}};
}

void check_name(const std::string& name) {
    if (!name.empty() && name.size() <= longest_name) return;
    throw Error(ErrorKind::InvalidArgument,
                name.empty()
                    ? "an image without a name"
                    : cat("a name of ", name.size(),
                          " bytes, more than the allowed ", longest_name));
}

std::string text_of(const Json& index) {
    std::string text;
    try {
        text = index.dump();
    } catch (const Json::exception&) {
        throw Error(ErrorKind::InvalidArgument,
                    "the name or type of an image is no UTF-8");
    }
    // Or nobody, we included, would read it again.
    if (text.size() > largest_manifest)
        throw Error(
            ErrorKind::InvalidArgument,
            cat("index.json would have more than ", largest_manifest, " bytes"))
            .advise("remove images that are not needed");
    return text;
}

bool is_unnamed(const Json& entry) {
    return name_of(entry).starts_with("sha256:");
}

// An image is listed without a name only while it has none. Whether there is
// nothing to add.
bool settle_unnamed(Json& manifests, const NamedImage& image) {
    auto is_same = [&](const Json& entry) {
        return text_field(entry, "digest") == image.digest.text() &&
               !name_of(entry).empty();
    };
    if (image.is_unnamed())
        return std::any_of(manifests.begin(), manifests.end(), is_same);
    manifests.erase(std::remove_if(manifests.begin(), manifests.end(),
                                   [&](const Json& entry) {
                                       return is_same(entry) &&
                                              is_unnamed(entry);
                                   }),
                    manifests.end());
    return false;
}

// Where the name was, if it was; one that another tool gave twice is there once
// afterwards.
void put(Json& manifests, const NamedImage& image) {
    check_name(image.name);
    if (settle_unnamed(manifests, image)) return;
    auto has_name = [&](const Json& entry) {
        return name_of(entry) == image.name;
    };
    auto first = std::find_if(manifests.begin(), manifests.end(), has_name);
    if (first == manifests.end()) {
        manifests.push_back(entry_of(image));
        return;
    }
    *first = entry_of(image);
    manifests.erase(std::remove_if(first + 1, manifests.end(), has_name),
                    manifests.end());
}

void must_have(const ContentStore& store, const NamedImage& image) {
    std::optional<std::uint64_t> size = blob_size(store, image.digest);
    if (size == image.size) return;
    throw Error(ErrorKind::NotFound,
                cat("name ", quote(image.name), ": blob ", image.digest.text(),
                    size ? " has another size" : " is not in the store"));
}

void edit_index(const ContentStore& store,
                const std::function<std::string(const std::string&)>& edit) {
    UniqueFd lock = lock_index(store);
    std::string path = store.root + "/index.json";
    std::string before = read_index(store);
    std::string after = with_context(path, [&] { return edit(before); });
    if (after != before) write_file_atomic(path, after);
}

}  // namespace

std::string empty_index() {
    return "{\"schemaVersion\":2,"
           "\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
           "\"manifests\":[]}";
}

std::vector<NamedImage> images_in(std::string_view index) {
    std::vector<NamedImage> images;
    Json parsed = parse_index(index);  // must outlive the loop over its part
    for (const Json& entry : parsed["manifests"])
        if (auto image = image_of(entry)) images.push_back(std::move(*image));
    return images;
}

std::string with_images(std::string_view text,
                        const std::vector<NamedImage>& images) {
    Json index = parse_index(text);
    for (const NamedImage& image : images) put(index["manifests"], image);
    return text_of(index);
}

std::string without_images(std::string_view text,
                           const std::vector<std::string>& names,
                           std::vector<std::string>* removed) {
    Json index = parse_index(text);
    Json kept = Json::array();
    std::vector<std::string> gone;
    for (Json& entry : index["manifests"]) {
        std::string name = name_of(entry);
        if (!name.empty() &&
            std::find(names.begin(), names.end(), name) != names.end())
            gone.push_back(name);
        else
            kept.push_back(std::move(entry));
    }
    std::sort(gone.begin(), gone.end());
    gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
    if (removed) *removed = gone;
    if (gone.empty()) return std::string(text);
    index["manifests"] = std::move(kept);
    return text_of(index);
}

std::string read_index(const ContentStore& store) {
    return read_store_file(store, "index.json", largest_manifest);
}

std::vector<NamedImage> list_images(const ContentStore& store) {
    std::string text = read_index(store);
    return with_context(store.root + "/index.json",
                        [&] { return images_in(text); });
}

std::optional<NamedImage> find_image(const ContentStore& store,
                                     std::string_view name) {
    for (NamedImage& image : list_images(store))
        if (image.name == name) return std::move(image);
    return std::nullopt;
}

void set_images(const StoreLease& lease,
                const std::vector<NamedImage>& images) {
    for (const NamedImage& image : images) must_have(lease.store, image);
    edit_index(lease.store, [&](const std::string& index) {
        return with_images(index, images);
    });
}

std::vector<std::string> remove_images(const ContentStore& store,
                                       const std::vector<std::string>& names) {
    std::vector<std::string> removed;
    edit_index(store, [&](const std::string& index) {
        return without_images(index, names, &removed);
    });
    return removed;
}

}  // namespace slipway
