#include "04-images/blob_references.hpp"

#include <algorithm>
#include <optional>

#include "04-images/foreign_json.hpp"
#include "04-images/image_index.hpp"
#include "04-images/json_events.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

namespace {

std::optional<Digest> as_digest(const std::string& text) {
    if (!text.starts_with("sha256:")) return std::nullopt;
    try {
        return Digest::parse(text);
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// Finds the descriptors in a document while it is read.
class Descriptors : public JsonEvents {
  public:
    std::vector<BlobReference> found;

    bool start_object(std::size_t) override { return enter(); }
    bool start_array(std::size_t) override { return enter(); }
    bool key(string_t& name) override {
        key_ = std::move(name);
        return true;
    }
    bool string(string_t& text) override {
        if (key_ == "digest")
            open_.back().digest = std::move(text);
        else if (key_ == "mediaType")
            open_.back().media_type = std::move(text);
        key_.clear();
        return true;
    }
    bool number_unsigned(number_unsigned_t number) override {
        if (key_ == "size") open_.back().size = number;
        key_.clear();
        return true;
    }
    bool end_object() override { return leave(); }
    bool end_array() override { return leave(); }

  private:
    struct Fields {
        std::string media_type = {}, digest = {};
        std::optional<std::uint64_t> size = {};
    };

    bool enter() {
        key_.clear();  // its value is no text and no number
        open_.emplace_back();
        return open_.size() <= static_cast<std::size_t>(deepest_json);
    }
    bool leave() {
        Fields& fields = open_.back();
        if (auto digest = as_digest(fields.digest); digest && fields.size)
            found.push_back(
                {std::move(fields.media_type), *digest, *fields.size});
        open_.pop_back();
        key_.clear();
        return true;
    }

    std::vector<Fields> open_;
    std::string key_;  // of the value that comes next
};

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
    Descriptors descriptors;
    // What is no JSON is a layer that begins like a document.
    bool is_whole = nlohmann::json::sax_parse(document, &descriptors);
    return is_whole ? std::move(descriptors.found)
                    : std::vector<BlobReference>();
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
