// images, inspect, history: what is in the store.
#include <cstdio>
#include <ctime>
#include <memory>

#include <nlohmann/json.hpp>

#include "04-images/layer_report.hpp"
#include "04-images/reference.hpp"
#include "04-images/verbs.hpp"
#include "common/error.hpp"
#include "common/format.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string id_text(const Digest& digest, bool whole) {
    return whole ? digest.text() : short_id(digest);
}

std::string since(const std::string& created) {
    auto time = parse_time(created);
    return time ? time_ago(*time, std::time(nullptr)) : "N/A";
}

// What it takes on the disk, as docker's SIZE: layers that images share are
// counted for each.
std::uint64_t unpacked_size(const ImageStore& store, const StoredImage& image) {
    std::uint64_t size = 0;
    for (const ImageLayer& layer : image.layers())
        size += store.snapshots.size(layer.diff_id).value_or(0);
    return size;
}

/// A name in docker's two parts, "<none>" for what it does not have.
struct SplitName {
    std::string repository = "<none>", tag = "<none>";
};
SplitName split_name(const std::string& name) {
    if (name.starts_with("sha256:")) return {};  // an ID: it has no name
    try {
        Reference reference = parse_reference(name);
        SplitName parts;
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
                       bool whole) {
    SplitName name = split_name(image.name.name);
    ordered_json row;
    row["Repository"] = name.repository;
    row["Tag"] = name.tag;
    row["ID"] = id_text(image.id(), whole);
    row["CreatedSince"] = since(image.config.created);
    row["Size"] = format_size(unpacked_size(store, image));
    row["CreatedAt"] = image.config.created;
    row["Digest"] = image.name.digest.text();
    row["Platform"] = image.config.platform.text();
    return row;
}

const std::vector<Column> image_columns = {{"Repository", "REPOSITORY"},
                                           {"Tag", "TAG"},
                                           {"ID", "IMAGE ID"},
                                           {"CreatedSince", "CREATED"},
                                           {"Size", "SIZE"}};

// One damaged image must not hide the others.
std::vector<StoredImage> read_all_images(const ImageStore& store, int& status) {
    std::vector<StoredImage> images;
    for (const NamedImage& named : list_images(store.content)) {
        try {
            images.push_back(read_image(store.content, named));
        } catch (const Error& error) {
            std::fprintf(stderr, "step4-images: %s\n", error.what());
            status = 1;
        }
    }
    return images;
}

bool has_repository(const StoredImage& image, const std::string& wanted) {
    Reference reference = parse_reference(wanted);
    bool any_tag = wanted.find(':', wanted.rfind('/') + 1) == wanted.npos &&
                   !reference.digest;
    return any_tag ? image.name.name.starts_with(reference.name() + ":") ||
                         image.name.name.starts_with(reference.name() + "@")
                   : image.name.name == reference.text();
}

int list_all(const ImageStore& store, const ListForm& form,
             const std::vector<std::string>& words) {
    int status = 0;
    std::vector<ordered_json> rows;
    for (const StoredImage& image : read_all_images(store, status)) {
        if (!words.empty() && !has_repository(image, words[0])) continue;
        if (form.quiet)
            print(id_text(image.id(), form.whole) + "\n");
        else
            rows.push_back(image_row(store, image, form.whole));
    }
    if (!form.quiet)
        print(rows_text(rows, image_columns, form.template_text()));
    return status;
}

ordered_json inspect_object(const ImageStore& store, const StoredImage& image) {
    ordered_json object;
    object["Id"] = image.id().text();
    object["RepoTags"] = ordered_json::array();
    object["RepoDigests"] = ordered_json::array();
    for (const NamedImage& named : list_images(store.content)) {
        if (named.digest != image.name.digest) continue;
        SplitName name = split_name(named.name);
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

// As docker shows it: what the shell was told, without the shell.
std::string instruction(std::string text, bool whole) {
    constexpr std::size_t most = 45;
    if (whole || text.size() <= most) return text;
    return text.substr(0, most - 3) + "...";
}

ordered_json history_row(const HistoryEntry& entry, const std::string& id,
                         std::uint64_t size, bool whole) {
    ordered_json row;
    row["ID"] = id;
    row["CreatedSince"] = since(entry.created);
    row["CreatedBy"] = instruction(entry.created_by, whole);
    row["Size"] = format_size(size);
    row["Comment"] = entry.comment;
    row["CreatedAt"] = entry.created;
    return row;
}

const std::vector<Column> history_columns = {{"ID", "IMAGE"},
                                             {"CreatedSince", "CREATED"},
                                             {"CreatedBy", "CREATED BY"},
                                             {"Size", "SIZE"},
                                             {"Comment", "COMMENT"}};

// The last step first, as it is read.
std::vector<ordered_json> history_rows(const ImageStore& store,
                                       const StoredImage& image, bool whole) {
    std::vector<ordered_json> rows;
    std::size_t layer = 0;
    for (const HistoryEntry& entry : image.config.history) {
        std::uint64_t size = 0;
        if (!entry.empty_layer)
            size = store.snapshots.size(image.config.diff_ids[layer++])
                       .value_or(0);
        bool is_last = rows.size() + 1 == image.config.history.size();
        rows.push_back(history_row(
            entry, is_last ? id_text(image.id(), whole) : "<missing>", size,
            whole));
    }
    return {rows.rbegin(), rows.rend()};
}

LayerReport report_on(const ImageStore& store, const StoredImage& image) {
    std::vector<std::string> folders;
    for (const Digest& diff_id : image.config.diff_ids)
        folders.push_back(store.snapshots.path(diff_id));
    ReportOptions options;
    if (store.user_xattr) options.form = FolderForm::UserOverlay;
    return report_layers(folders, image.config.history, options);
}

void print_report(const LayerReport& report, const ListForm& form) {
    if (form.template_text() == "json")
        print(report_json(report) + "\n");
    else if (form.form.empty())
        print(report_text(report));
    else
        print(
            fill_template(form.form, ordered_json::parse(report_json(report))) +
            "\n");
}

void print_history(const ImageStore& store, const StoredImage& image,
                   const ListForm& form) {
    print(rows_text(history_rows(store, image, form.whole), history_columns,
                    form.quiet ? "{{.ID}}" : form.template_text()));
}

void print_inspected(const ordered_json& all, const std::string& form) {
    if (form.empty() || form == "json") {
        print(all.dump(form.empty() ? 4 : -1) + "\n");
        return;
    }
    for (const ordered_json& object : all)
        print(fill_template(form, object) + "\n");
}

}  // namespace

Verb images_verb(const Settings& settings) {
    auto form = std::make_shared<ListForm>();
    return {"images", "[OPTION...] [REPOSITORY[:TAG]]", "List the images.",
            [form](CommandLine& line) { declare_list_form(line, *form); },
            [&settings, form](auto& words) {
                if (words.size() > 1) only_word(words, "REPOSITORY");
                return list_all(settings.open_store(), *form, words);
            }};
}

Verb inspect_verb(const Settings& settings) {
    auto form = std::make_shared<std::string>();
    auto layers = std::make_shared<bool>(false);
    return {"inspect", "[OPTION...] IMAGE...", "All about images, as JSON.",
            [form, layers](CommandLine& line) {
                line.value("-f,--format", "TEMPLATE",
                           "for each image: '{{.Id}} {{json .Config.Env}}'",
                           [form](auto& text) { *form = text; });
                line.flag("--layers", "with what each layer adds and hides",
                          *layers);
            },
            [&settings, form, layers](auto& words) {
                if (words.empty()) only_word(words, "IMAGE");
                ImageStore store = settings.open_store();
                ordered_json all = ordered_json::array();
                for (const std::string& word : words) {
                    StoredImage image = find_stored_image(store.content, word);
                    all.push_back(inspect_object(store, image));
                    if (*layers)
                        all.back()["Layers"] = ordered_json::parse(
                            report_json(report_on(store, image)));
                }
                print_inspected(all, *form);
                return 0;
            }};
}

Verb history_verb(const Settings& settings) {
    auto form = std::make_shared<ListForm>();
    auto layers = std::make_shared<bool>(false);
    return {"history", "[OPTION...] IMAGE", "How an image was made.",
            [form, layers](CommandLine& line) {
                declare_list_form(line, *form);
                line.flag(
                    "--layers",
                    "what each layer adds, changes, deletes; which bytes\n"
                    "are in the image and cannot be seen",
                    *layers);
            },
            [&settings, form, layers](auto& words) {
                ImageStore store = settings.open_store();
                StoredImage image =
                    find_stored_image(store.content, only_word(words, "IMAGE"));
                if (*layers)
                    print_report(report_on(store, image), *form);
                else
                    print_history(store, image, *form);
                return 0;
            }};
}

}  // namespace slipway
