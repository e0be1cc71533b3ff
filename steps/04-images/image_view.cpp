#include "04-images/image_view.hpp"

#include <ctime>

#include <nlohmann/json.hpp>

#include "04-images/reference.hpp"
#include "common/error.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

std::string since(const std::string& created) {
    auto time = parse_time(created);
    return time ? time_ago(*time, std::time(nullptr)) : "N/A";
}

// As docker shows it: what the shell was told, without the shell.
std::string instruction(std::string text, bool whole) {
    constexpr std::size_t most = 45;
    if (whole || text.size() <= most) return text;
    return text.substr(0, most - 3) + "...";
}

ordered_json history_row(const HistoryEntry& entry, const std::string& id,
                         const std::string& size, bool whole) {
    ordered_json row;
    row["ID"] = id;
    row["CreatedSince"] = since(entry.created);
    row["CreatedBy"] = instruction(entry.created_by, whole);
    row["Size"] = size;
    row["Comment"] = entry.comment;
    row["CreatedAt"] = entry.created;
    return row;
}

}  // namespace

std::string image_id_text(const Digest& digest, bool whole) {
    return whole ? digest.text() : short_id(digest);
}

std::uint64_t unpacked_size(const ImageStore& store, const StoredImage& image) {
    std::uint64_t size = 0;
    for (const ImageLayer& layer : image.layers())
        size += store.snapshots.size(layer.diff_id).value_or(0);
    return size;
}

ImageName split_name(const std::string& name) {
    if (name.starts_with("sha256:")) return {};  // an ID: it has no name
    try {
        Reference reference = parse_reference(name);
        ImageName parts;
        parts.tag = reference.tag.empty() ? "<none>" : reference.tag;
        reference.tag.clear();
        reference.digest.reset();
        std::string familiar = reference.familiar();
        parts.repository = familiar;
        return parts;
    } catch (const Error&) {
        return {name, "<none>"};  // another tool's name
    }
}

ordered_json image_row(const ImageStore& store, const StoredImage& image,
                       bool whole, SizeText size_text) {
    ImageName name = split_name(image.name.name);
    ordered_json row;
    row["Repository"] = name.repository;
    row["Tag"] = name.tag;
    row["ID"] = image_id_text(image.id(), whole);
    row["CreatedSince"] = since(image.config.created);
    row["Size"] = size_text(unpacked_size(store, image));
    row["CreatedAt"] = image.config.created;
    row["Digest"] = image.name.digest.text();
    row["Platform"] = image.config.platform.text();
    return row;
}

ordered_json inspect_image(const ImageStore& store, const StoredImage& image) {
    ordered_json object;
    object["Id"] = image.id().text();
    object["RepoTags"] = ordered_json::array();
    object["RepoDigests"] = ordered_json::array();
    for (const NamedImage& named : list_images(store.content)) {
        if (named.digest != image.name.digest) continue;
        ImageName name = split_name(named.name);
        if (name.tag != "<none>")
            object["RepoTags"].push_back(name.repository + ":" + name.tag);
        object["RepoDigests"].push_back(name.repository + "@" +
                                        named.digest.text());
    }
    // The config as its maker wrote it, with fields that are not known here.
    ordered_json config = ordered_json::parse(
        read_blob(store.content, image.id(), largest_config));
    object["Created"] = image.config.created;
    object["Author"] = image.config.author;
    object["Architecture"] = image.config.platform.architecture;
    object["Variant"] = image.config.platform.variant;
    object["Os"] = image.config.platform.os;
    object["Size"] = unpacked_size(store, image);
    object["Config"] =
        config.contains("config") ? config["config"] : ordered_json::object();
    object["RootFS"]["Type"] = "layers";
    object["RootFS"]["Layers"] = ordered_json::array();
    for (const Digest& diff_id : image.config.diff_ids)
        object["RootFS"]["Layers"].push_back(diff_id.text());
    object["Descriptor"] = {{"mediaType", image.name.media_type},
                            {"digest", image.name.digest.text()},
                            {"size", image.name.size}};
    object["Manifest"] = image.manifest_digest.text();
    object["Blobs"] = ordered_json::array();
    for (const ImageLayer& layer : image.layers())
        object["Blobs"].push_back({{"mediaType", layer.blob.media_type},
                                   {"digest", layer.blob.digest.text()},
                                   {"size", layer.blob.size}});
    return object;
}

// The last step first, as it is read.
std::vector<ordered_json> history_rows(const ImageStore& store,
                                       const StoredImage& image, bool whole,
                                       SizeText size_text) {
    std::vector<ordered_json> rows;
    std::size_t layer = 0;
    for (const HistoryEntry& entry : image.config.history) {
        std::uint64_t size = 0;
        if (!entry.empty_layer)
            size = store.snapshots.size(image.config.diff_ids[layer++])
                       .value_or(0);
        bool is_last = rows.size() + 1 == image.config.history.size();
        rows.push_back(history_row(
            entry, is_last ? image_id_text(image.id(), whole) : "<missing>",
            size_text(size), whole));
    }
    return {rows.rbegin(), rows.rend()};
}

}  // namespace slipway
