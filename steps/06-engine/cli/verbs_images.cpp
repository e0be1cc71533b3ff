// images, history: what is in the store.
#include <fnmatch.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "04-images/image_view.hpp"
#include "04-images/reference.hpp"
#include "06-engine/cli/list_look.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/cli/moment.hpp"
#include "06-engine/engine/container_view.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

std::string size_text(std::uint64_t bytes) {
    return decimal_size(static_cast<double>(bytes), 3);
}

struct ImagesOptions {
    ListLook look;
    Filters filters =
        Filters({"before", "dangling", "label", "reference", "since", "until"});
    bool all = false, digests = false;
};

void declare_images(CommandLine& line, ImagesOptions& options) {
    line.flag("-a,--all", "all of them (there are no hidden ones here)",
              options.all);
    line.flag("--digests", "with digests", options.digests);
    declare_filters(line, options.filters);
    declare_list_look(line, options.look, "image IDs");
    declare_no_trunc(line, options.look);
}

// One damaged image must not hide the others. The newest comes first.
std::vector<StoredImage> read_all(const ImageStore& store, int& status) {
    std::vector<StoredImage> images;
    for (const NamedImage& named : list_images(store.content)) try {
            images.push_back(read_image(store.content, named));
        } catch (const Error& error) {
            print_error(error);
            status = 1;
        }
    std::stable_sort(images.begin(), images.end(),
                     [](const auto& a, const auto& b) {
                         return parse_time(a.config.created).value_or(0) >
                                parse_time(b.config.created).value_or(0);
                     });
    return images;
}

// The word behind `images`: all tags of a repository, or one of them.
bool has_repository(const StoredImage& image, const std::string& wanted) {
    if (wanted.find_first_of("*?[") != wanted.npos)
        return ::fnmatch(wanted.c_str(),
                         split_name(image.name.name).repository.c_str(),
                         FNM_PATHNAME) == 0;
    Reference reference = parse_reference(wanted);
    bool any_tag = wanted.find(':', wanted.rfind('/') + 1) == wanted.npos &&
                   !reference.digest;
    return any_tag ? image.name.name.starts_with(reference.name() + ":") ||
                         image.name.name.starts_with(reference.name() + "@")
                   : image.name.name == reference.text();
}

// "reference=busy*", "reference=*/app:1.*": with a tag or without.
bool matches_reference(const StoredImage& image, const std::string& pattern) {
    ImageName name = split_name(image.name.name);
    std::string whole = name.repository + ":" + name.tag;
    return ::fnmatch(pattern.c_str(), name.repository.c_str(), FNM_PATHNAME) ==
               0 ||
           ::fnmatch(pattern.c_str(), whole.c_str(), FNM_PATHNAME) == 0;
}

/// When images that are shown were made, at the earliest and at the latest.
struct CreatedRange {
    std::optional<std::time_t> after, before;
};

CreatedRange created_range(const ImageStore& store, const Filters& filters) {
    CreatedRange range;
    auto created = [&](const std::string& name) {
        StoredImage image = find_stored_image(store.content, name);
        return parse_time(image.config.created).value_or(0);
    };
    for (const std::string& name : filters.values("since"))
        range.after = created(name);
    for (const std::string& name : filters.values("before"))
        range.before = created(name);
    constexpr std::int64_t second = 1'000'000'000;
    for (const std::string& time : filters.values("until"))
        range.before =
            parse_moment("--filter until", time, moment_now()) / second;
    return range;
}

bool is_wanted(const StoredImage& image, const Filters& filters,
               const CreatedRange& range) {
    std::time_t created = parse_time(image.config.created).value_or(0);
    bool dangles = image.name.is_unnamed();
    return (!range.after || created > *range.after) &&
           (!range.before || created < *range.before) &&
           filters.labels("label", image.config.config.labels) &&
           (filters.values("dangling").empty() ||
            filters.truth("dangling", true) == dangles) &&
           filters.any("reference", [&](const std::string& pattern) {
               return matches_reference(image, pattern);
           });
}

ordered_json row_of(const ImageStore& store, const StoredImage& image,
                    bool whole) {
    ordered_json row = image_row(store, image, whole, size_text);
    if (auto created = parse_time(image.config.created))
        row["CreatedAt"] = local_time_text(*created);
    for (const char* key : {"Containers", "SharedSize", "UniqueSize"})
        row[key] = "N/A";
    row["VirtualSize"] = row["Size"];
    row[".Label"] = image.config.config.labels;
    return row;
}

int list_all(const ImageStore& store, const ImagesOptions& options,
             const std::vector<std::string>& words) {
    int status = 0;
    CreatedRange range = created_range(store, options.filters);
    std::vector<ordered_json> rows;
    for (const StoredImage& image : read_all(store, status)) {
        if (!words.empty() && !has_repository(image, words[0])) continue;
        if (!is_wanted(image, options.filters, range)) continue;
        ordered_json row = row_of(store, image, options.look.whole);
        // An image with several names has one ID.
        bool again = options.look.quiet && !rows.empty() &&
                     rows.back()["ID"] == row["ID"];
        if (!again) rows.push_back(std::move(row));
    }
    std::vector<Column> columns = {{"Repository", "REPOSITORY"},
                                   {"Tag", "TAG"},
                                   {"ID", "IMAGE ID"},
                                   {"CreatedSince", "CREATED"},
                                   {"Size", "SIZE"}};
    if (options.digests)
        columns.insert(columns.begin() + 2, {"Digest", "DIGEST"});
    print_rows(rows, columns, options.look);
    return status;
}

struct HistoryOptions {
    ListLook look;
    bool human = true;
};

int show_history(const ImageStore& store, const std::string& name,
                 const HistoryOptions& options) {
    constexpr std::size_t letters = 45;
    StoredImage image = find_stored_image(store.content, name);
    SizeText size = options.human ? size_text : [](std::uint64_t bytes) {
        return std::to_string(bytes);
    };
    std::vector<ordered_json> rows = history_rows(store, image, true, size);
    for (ordered_json& row : rows) {
        auto id = row["ID"].get<std::string>();
        if (!options.look.whole && id.starts_with("sha256:"))
            row["ID"] = id.substr(7, 12);
        if (!options.look.whole)
            row["CreatedBy"] =
                ellipsis(row["CreatedBy"].get<std::string>(), letters);
    }
    print_rows(rows,
               {{"ID", "IMAGE"},
                options.human ? Column{"CreatedSince", "CREATED"}
                              : Column{"CreatedAt", "CREATED AT"},
                {"CreatedBy", "CREATED BY"},
                {"Size", "SIZE"},
                {"Comment", "COMMENT"}},
               options.look);
    return 0;
}

}  // namespace

Verb list_images_verb(const EngineSettings& settings) {
    auto options = std::make_shared<ImagesOptions>();
    return {"images", "[OPTION...] [REPOSITORY[:TAG]]", "List images",
            [options](CommandLine& line) { declare_images(line, *options); },
            [&settings, options](auto& words) {
                if (words.size() > 1) only_word(words, "REPOSITORY");
                return list_all(settings.images.open_store(), *options, words);
            }};
}

Verb image_history_verb(const EngineSettings& settings) {
    auto options = std::make_shared<HistoryOptions>();
    return {"history", "[OPTION...] IMAGE", "Show the history of an image",
            [options](CommandLine& line) {
                declare_list_look(line, options->look, "image IDs");
                declare_no_trunc(line, options->look);
                line.flag("-H,--human",
                          "sizes and dates for people (--human=false: bytes)",
                          options->human);
            },
            [&settings, options](auto& words) {
                return show_history(settings.images.open_store(),
                                    only_word(words, "IMAGE"), *options);
            }};
}

}  // namespace slipway
