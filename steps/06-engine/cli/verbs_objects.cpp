// volume ls, network ls.
#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "06-engine/cli/list_look.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/engine/container_network.hpp"
#include "06-engine/engine/object_view.hpp"
#include "06-engine/engine/volumes.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

void refuse_words(const std::vector<std::string>& words) {
    if (!words.empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat("ls takes no word: ", quote(words[0])))
            .advise(cat("one of them by name: ls --filter name=", words[0]));
}

int list_volumes(const Engine& engine, const ListLook& look,
                 const Filters& filters) {
    std::vector<ordered_json> rows;
    for (const Volume& volume : list_volumes(engine)) {
        auto dangles = [&] {
            return users_of_volume(engine, volume.name).empty();
        };
        bool wanted = filters.pattern("name", volume.name) &&
                      filters.pattern("driver", volume.driver) &&
                      filters.labels("label", volume.labels) &&
                      (filters.values("dangling").empty() ||
                       filters.truth("dangling", true) == dangles());
        if (wanted) rows.push_back(volume_row(volume));
    }
    print_rows(rows, {{"Driver", "DRIVER"}, {"Name", "VOLUME NAME"}}, look,
               "Name");
    return 0;
}

bool is_wanted_network(const NetworkStore& store, const Network& network,
                       const Filters& filters) {
    std::string driver = network.driver == "none" ? "null" : network.driver;
    auto is = [](const std::string& text) {
        return [text](const std::string& wanted) { return wanted == text; };
    };
    bool wanted =
        filters.pattern("name", network.name) &&
        filters.pattern("id", network.id) &&
        filters.any("driver", is(driver)) &&
        filters.any("scope", is("local")) &&
        filters.any("type", is(network.predefined() ? "builtin" : "custom")) &&
        filters.labels("label", network.labels);
    if (!wanted || filters.values("dangling").empty()) return wanted;
    bool dangles =
        !network.predefined() && endpoints_on(store, network).empty();
    return filters.truth("dangling", true) == dangles;
}

int list_networks(const Engine& engine, const ListLook& look,
                  const Filters& filters) {
    NetworkStore store = network_store(engine);
    std::vector<ordered_json> rows;
    for (const Network& network : list_networks(store))
        if (is_wanted_network(store, network, filters))
            rows.push_back(network_row(network, look.whole));
    print_rows(rows,
               {{"ID", "NETWORK ID"},
                {"Name", "NAME"},
                {"Driver", "DRIVER"},
                {"Scope", "SCOPE"}},
               look);
    return 0;
}

struct ObjectOptions {
    ListLook look;
    Filters filters;
};

}  // namespace

Verb list_volumes_verb(const EngineSettings& settings) {
    auto options = std::make_shared<ObjectOptions>(
        ObjectOptions{{}, Filters({"dangling", "driver", "label", "name"})});
    return {"volume ls", "[OPTION...]", "List volumes",
            [options](CommandLine& line) {
                declare_filters(line, options->filters);
                declare_list_look(line, options->look, "volume names");
            },
            [&settings, options](auto& words) {
                refuse_words(words);
                return list_volumes(settings.open(), options->look,
                                    options->filters);
            }};
}

Verb list_networks_verb(const EngineSettings& settings) {
    auto options = std::make_shared<ObjectOptions>(
        ObjectOptions{{},
                      Filters({"dangling", "driver", "id", "label", "name",
                               "scope", "type"})});
    return {"network ls", "[OPTION...]", "List networks",
            [options](CommandLine& line) {
                declare_filters(line, options->filters);
                declare_list_look(line, options->look, "network IDs");
                declare_no_trunc(line, options->look);
            },
            [&settings, options](auto& words) {
                refuse_words(words);
                return list_networks(settings.open(), options->look,
                                     options->filters);
            }};
}

}  // namespace slipway
