#include "04-images/blob_references.hpp"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "04-images/foreign_json.hpp"
#include "04-images/image_index.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

namespace {

using Json = nlohmann::ordered_json;

std::optional<Digest> as_digest(const Json& value) {
    if (!value.is_string()) return std::nullopt;
    try {
        return Digest::parse(value.get<std::string>());
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::optional<BlobReference> as_reference(const Json& value) {
    auto digest = value.find("digest");
    auto size = value.find("size");
    if (digest == value.end() || size == value.end() ||
        !size->is_number_unsigned())
        return std::nullopt;
    std::optional<Digest> parsed = as_digest(*digest);
    if (!parsed) return std::nullopt;
    auto type = value.find("mediaType");
    bool typed = type != value.end() && type->is_string();
    return BlobReference{typed ? type->get<std::string>() : "", *parsed,
                         size->get<std::uint64_t>()};
}

// Recursion: parse_foreign_json() has limited the depth.
void collect(const Json& value, std::vector<BlobReference>& found) {
    if (value.is_object())
        if (auto reference = as_reference(value))
            found.push_back(std::move(*reference));
    if (value.is_structured())
        for (const Json& part : value) collect(part, found);
}

// Empty for a blob that cannot be a document: a layer.
std::string read_document(const ContentStore& store, const Digest& digest) {
    std::optional<std::uint64_t> size = blob_size(store, digest);
    if (!size || *size > largest_manifest) return {};
    UniqueFd fd = open_blob(store, digest);
    char first = 0;
    if (::pread(fd.get(), &first, 1, 0) != 1) return {};
    // Not verified: in a damaged manifest we had better see too much.
    constexpr std::string_view beginnings = "{[ \t\r\n";
    if (beginnings.find(first) == std::string_view::npos) return {};
    return read_all(fd.get(), largest_manifest);
}

}  // namespace

bool is_index_type(std::string_view type) {
    return type == "application/vnd.oci.image.index.v1+json" ||
           type == "application/vnd.docker.distribution.manifest.list.v2+json";
}

bool is_manifest_type(std::string_view type) {
    return type == "application/vnd.oci.image.manifest.v1+json" ||
           type == "application/vnd.docker.distribution.manifest.v2+json";
}

std::vector<BlobReference> references_in(std::string_view document) {
    std::vector<BlobReference> found;
    try {
        collect(parse_foreign_json(document), found);
    } catch (const Error&) {
        // A layer that begins like a document: it refers to nothing.
    }
    return found;
}

//@ begin reach
void reach_from(const ContentStore& store, std::vector<BlobReference> roots,
                std::map<Digest, Reached>& reached) {
    while (!roots.empty()) {
        BlobReference next = std::move(roots.back());
        roots.pop_back();
        Digest digest = next.digest;
        auto [place, is_new] =
            reached.try_emplace(digest, Reached{std::move(next)});
        if (!is_new) continue;
        place->second.present = blob_size(store, digest).has_value();
        std::string document = read_document(store, digest);
        if (document.empty()) continue;
        std::vector<BlobReference> children = references_in(document);
        roots.insert(roots.end(), children.begin(), children.end());
        place->second.children = std::move(children);
    }
}
//@ end reach

std::map<Digest, Reached> reach_all(const ContentStore& store) {
    std::string index = read_index(store);
    // Says what is wrong with it; nothing would be reached otherwise.
    with_context(store.root + "/index.json", [&] { images_in(index); });
    std::map<Digest, Reached> reached;
    reach_from(store, references_in(index), reached);
    return reached;
}

}  // namespace slipway
