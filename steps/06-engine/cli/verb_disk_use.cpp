// system df: what takes how much of the disk.
#include <ctime>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

#include "04-images/image_view.hpp"
#include "06-engine/cli/list_look.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/engine/container_view.hpp"
#include "06-engine/engine/disk_report.hpp"
#include "06-engine/engine/object_view.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;
using Rows = std::vector<ordered_json>;

std::string size_text(std::uint64_t bytes) {
    return decimal_size(static_cast<double>(bytes));
}

ordered_json sum_row(const char* type, const DiskSum& sum) {
    std::string reclaimable = size_text(sum.reclaimable);
    if (sum.size > 0)
        reclaimable += cat(" (", sum.reclaimable * 100 / sum.size, "%)");
    return {{"Active", cat(sum.active)},
            {"Reclaimable", reclaimable},
            {"Size", size_text(sum.size)},
            {"TotalCount", cat(sum.total)},
            {"Type", type}};
}

Rows sum_rows(const DiskReport& report) {
    return {sum_row("Images", report.image_sum),
            sum_row("Containers", report.container_sum),
            sum_row("Local Volumes", report.volume_sum),
            sum_row("Build Cache", report.cache_sum)};
}

Rows image_rows(const ImageStore& store, const DiskReport& report) {
    Rows rows;
    for (const ImageUse& use : report.images) {
        ordered_json row = image_row(store, use.image, false, size_text);
        row["SharedSize"] = size_text(use.shared);
        row["UniqueSize"] = size_text(use.size - use.shared);
        row["Containers"] = cat(use.containers);
        rows.push_back(std::move(row));
    }
    return rows;
}

Rows container_rows(const DiskReport& report) {
    Rows rows;
    for (const KnownContainer& each : report.containers) {
        ordered_json row =
            container_row(each.record, each.status, false, std::time(nullptr));
        row["Size"] = size_text(each.status.size_writable.value_or(0));
        rows.push_back(std::move(row));
    }
    return rows;
}

Rows volume_rows(const DiskReport& report) {
    Rows rows;
    for (const VolumeUse& use : report.volumes)
        rows.push_back(volume_row(use.volume, use.size, use.users));
    return rows;
}

Rows cache_rows(const DiskReport& report) {
    constexpr std::size_t short_id = 12;
    Rows rows;
    for (const CacheEntry& entry : report.cache)
        rows.push_back(
            {{"ID", entry.name.substr(entry.name.find('-') + 1, short_id)},
             {"CacheType", "regular"},
             {"Size", size_text(entry.bytes)},
             {"LastUsedSince", time_ago(entry.used, std::time(nullptr))},
             {"Description", entry.text}});
    return rows;
}

std::string table(const Rows& rows, const std::vector<Column>& columns) {
    return rows_text(rows, columns, "", table_column);
}

std::string whole_report(const ImageStore& store, const DiskReport& report) {
    return cat(
        "Images space usage:\n\n",
        table(image_rows(store, report), {{"Repository", "REPOSITORY"},
                                          {"Tag", "TAG"},
                                          {"ID", "IMAGE ID"},
                                          {"CreatedSince", "CREATED"},
                                          {"Size", "SIZE"},
                                          {"SharedSize", "SHARED SIZE"},
                                          {"UniqueSize", "UNIQUE SIZE"},
                                          {"Containers", "CONTAINERS"}}),
        "\nContainers space usage:\n\n",
        table(container_rows(report), {{"ID", "CONTAINER ID"},
                                       {"Image", "IMAGE"},
                                       {"Command", "COMMAND"},
                                       {"LocalVolumes", "LOCAL VOLUMES"},
                                       {"Size", "SIZE"},
                                       {"RunningFor", "CREATED"},
                                       {"Status", "STATUS"},
                                       {"Names", "NAMES"}}),
        "\nLocal Volumes space usage:\n\n",
        table(volume_rows(report),
              {{"Name", "VOLUME NAME"}, {"Links", "LINKS"}, {"Size", "SIZE"}}),
        "\nBuild cache usage: ", size_text(report.cache_sum.size), "\n\n",
        table(cache_rows(report), {{"ID", "CACHE ID"},
                                   {"CacheType", "CACHE TYPE"},
                                   {"Size", "SIZE"},
                                   {"LastUsedSince", "LAST USED"},
                                   {"Description", "STEP"}}));
}

struct DfOptions {
    std::string format;
    bool verbose = false;
};

int show_disk_use(const Engine& engine, const DfOptions& options) {
    DiskReport report = report_disk_use(engine);
    if (!options.verbose) {
        print_text(rows_text(sum_rows(report),
                             {{"Type", "TYPE"},
                              {"TotalCount", "TOTAL"},
                              {"Active", "ACTIVE"},
                              {"Size", "SIZE"},
                              {"Reclaimable", "RECLAIMABLE"}},
                             options.format, table_column));
        return 0;
    }
    ImageStore store(engine.root);
    if (options.format.empty()) {
        print_text(whole_report(store, report));
        return 0;
    }
    ordered_json all = {{"Images", image_rows(store, report)},
                        {"Containers", container_rows(report)},
                        {"Volumes", volume_rows(report)},
                        {"BuildCache", cache_rows(report)}};
    for (auto& list : all)
        for (ordered_json& row : list) row.erase(".Label");
    print_text(rows_text({all}, {}, options.format));
    return 0;
}

}  // namespace

Verb disk_use_verb(const EngineSettings& settings) {
    auto options = std::make_shared<DfOptions>();
    return {"system df", "[OPTION...]", "Show disk usage",
            [options](CommandLine& line) {
                declare_format(line, options->format);
                line.flag("-v,--verbose", "each thing by itself",
                          options->verbose);
            },
            [&settings, options](auto& words) {
                if (!words.empty())
                    throw Error(ErrorKind::InvalidArgument,
                                cat("df takes no word: ", quote(words[0])));
                return show_disk_use(settings.open(), *options);
            }};
}

}  // namespace slipway
