// The report of the layers, for people and for programs.
#include <nlohmann/json.hpp>

#include "04-images/layer_changes.hpp"
#include "04-images/layer_report.hpp"
#include "common/format.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

std::string tenths(unsigned number) {
    return cat(number / 10, ".", number % 10);
}

// At most so many bytes of it, and no half of a letter.
std::string shortened(std::string text, std::size_t most) {
    if (text.size() <= most) return text;
    auto is_inside = [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
    };
    while (most > 0 && is_inside(text[most])) --most;
    return text.substr(0, most) + "…";
}

std::string layers_text(const std::vector<std::size_t>& layers) {
    std::vector<std::string> numbers;
    for (std::size_t layer : layers) numbers.push_back(cat(layer));
    return cat(layers.size() == 1 ? "layer " : "layers ", join(numbers, ", "));
}

std::string hidden_text(const std::vector<HiddenPath>& paths, std::uint64_t all,
                        std::string_view deed, std::size_t most) {
    std::vector<std::vector<std::string>> rows;
    for (const HiddenPath& path : paths) {
        if (rows.size() == most) break;
        rows.push_back(
            {cat("  ", format_size(path.bytes)),
             cat(printable(path.path), ": in ", layers_text(path.held_by), ", ",
                 deed, " by layer ", path.hidden_by)});
    }
    std::string text = table_text(rows);
    if (all > rows.size())
        text += cat("  … and ", all - rows.size(), " more\n");
    return text;
}

ordered_json json_of(const std::vector<HiddenPath>& paths) {
    ordered_json list = ordered_json::array();
    for (const HiddenPath& path : paths)
        list.push_back({{"path", path.path},
                        {"bytes", path.bytes},
                        {"heldBy", path.held_by},
                        {"hiddenBy", path.hidden_by}});
    return list;
}

}  // namespace

std::string report_text(const LayerReport& report, std::size_t rows) {
    std::vector<std::vector<std::string>> layers = {{"LAYER", "SIZE", "WASTED",
                                                     "ADDED", "CHANGED",
                                                     "DELETED", "CREATED BY"}};
    for (const LayerSummary& layer : report.layers)
        layers.push_back({cat(layers.size()), format_size(layer.bytes),
                          format_size(layer.wasted), cat(layer.added),
                          cat(layer.changed), cat(layer.deleted),
                          shortened(printable(layer.created_by), 60)});
    std::string text = cat(
        table_text(layers), "\n", format_size(report.bytes), " in ",
        report.layers.size(), report.layers.size() == 1 ? " layer" : " layers",
        ", of which ", format_size(report.wasted),
        " cannot be seen: efficiency ", tenths(report.efficiency()), " %\n");
    if (report.all_deleted > 0)
        text += cat(
            "\ndeleted, but still in the image:\n",
            hidden_text(report.deleted, report.all_deleted, "deleted", rows));
    if (report.all_replaced > 0)
        text += cat("\nreplaced:\n",
                    hidden_text(report.replaced, report.all_replaced,
                                "replaced", rows));
    return text;
}

std::string report_json(const LayerReport& report) {
    ordered_json layers = ordered_json::array();
    for (const LayerSummary& layer : report.layers)
        layers.push_back({{"layer", layers.size() + 1},
                          {"createdBy", layer.created_by},
                          {"bytes", layer.bytes},
                          {"wasted", layer.wasted},
                          {"added", layer.added},
                          {"changed", layer.changed},
                          {"deleted", layer.deleted}});
    ordered_json whole = {
        {"bytes", report.bytes},
        {"wasted", report.wasted},
        {"efficiency", static_cast<double>(report.efficiency()) / 10},
        {"layers", layers},
        {"deleted", json_of(report.deleted)},
        {"allDeleted", report.all_deleted},
        {"replaced", json_of(report.replaced)},
        {"allReplaced", report.all_replaced}};
    return whole.dump(2, ' ', false, ordered_json::error_handler_t::replace) +
           '\n';
}

}  // namespace slipway
