#include "06-engine/network/network_config.hpp"

#include <dirent.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <nlohmann/json.hpp>

#include "06-engine/network/network_store.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_document = 1 << 20;
constexpr char damaged[] =
    "the file was changed or the disk is damaged: remove it, and create the "
    "network again";
constexpr char suffix[] = ".json";

std::string path_of(const NetworkStore& store, const std::string& name) {
    return cat(networks_folder(store), "/", name, suffix);
}

std::optional<Network> read_network(const NetworkStore& store,
                                    const std::string& name) {
    std::string path = path_of(store, name);
    try {
        return with_context(cat("network ", name), [&] {
            return parse_network(read_file(path, largest_document));
        });
    } catch (const Error& error) {
        if (error.system_errno() == ENOENT) return std::nullopt;
        throw;
    }
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(folder.c_str()),
                                            ::closedir);
    if (!dir) return names;
    while (dirent* entry = ::readdir(dir.get())) {
        std::string name = entry->d_name;
        if (name.ends_with(suffix) && name[0] != '.')
            names.push_back(name.substr(0, name.size() - sizeof suffix + 1));
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool is_predefined(std::string_view name) {
    return name == "bridge" || name == "host" || name == "none";
}

}  // namespace

std::string random_hex(std::size_t digits) {
    std::string bytes((digits + 1) / 2, '\0');
    check(::getrandom(bytes.data(), bytes.size(), 0), "getrandom");
    std::string text;
    for (char each : bytes) {
        auto byte = static_cast<unsigned char>(each);
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text.substr(0, digits);
}

std::string networks_folder(const NetworkStore& store) {
    return store.root + "/engine/networks";
}

void write_network(const NetworkStore& store, const Network& network) {
    write_file_atomic(path_of(store, network.name),
                      network_json(network).dump(2) + "\n");
}

void delete_network_file(const NetworkStore& store, const std::string& name) {
    if (::unlink(path_of(store, name).c_str()) != 0 && errno != ENOENT)
        check(-1, "remove network ", name);
}

std::string Network::device() const {
    if (driver != "bridge") return "";
    auto named = options.find("com.docker.network.bridge.name");
    return named != options.end() ? named->second : "sw-" + id.substr(0, 12);
}

bool Network::predefined() const {
    return is_predefined(name);
}

bool Network::has_names() const {
    return driver == "bridge" && name != "bridge";
}

bool Network::option(std::string_view which, bool otherwise) const {
    auto found = options.find(std::string(which));
    if (found == options.end()) return otherwise;
    return found->second == "true" || found->second == "1";
}

std::vector<Network> list_networks(const NetworkStore& store) {
    ensure_predefined(store);
    std::vector<Network> networks;
    for (const std::string& name : names_in(networks_folder(store)))
        // One that was listed may have been removed since.
        if (auto network = read_network(store, name))
            networks.push_back(std::move(*network));
    return networks;
}

std::vector<std::string> network_names(const NetworkStore& store) {
    return names_in(networks_folder(store));
}

Network get_network(const NetworkStore& store, const std::string& text) {
    if (is_predefined(text)) ensure_predefined(store);
    bool plain = !text.empty() && text.find('/') == std::string::npos;
    if (plain)
        if (auto network = read_network(store, text)) return *network;
    std::vector<std::string> names;
    std::vector<Network> found;
    for (Network& network : list_networks(store)) {
        names.push_back(network.name);
        if (plain && network.id.starts_with(text))
            found.push_back(std::move(network));
    }
    if (found.size() == 1) return found[0];
    if (found.size() > 1)
        throw Error(ErrorKind::InvalidArgument,
                    cat("network ", text, " is ambiguous (", found.size(),
                        " matches found on ID prefix)"));
    std::string guess = nearest(text, names);
    throw Error(ErrorKind::NotFound, cat("network ", text, " not found"))
        .advise(guess.empty() ? "network ls shows which there are"
                              : cat("did you mean ", guess, "?"));
}

nlohmann::ordered_json network_json(const Network& network) {
    return {{"id", network.id},
            {"name", network.name},
            {"driver", network.driver},
            {"created", network.created},
            {"subnet", network.subnet},
            {"gateway", network.gateway},
            {"ipRange", network.ip_range},
            {"subnetChosen", network.subnet_chosen},
            {"subnet6", network.subnet6},
            {"gateway6", network.gateway6},
            {"internal", network.internal},
            {"labels", network.labels},
            {"options", network.options}};
}

Network parse_network(std::string_view text) {
    try {
        DocumentField document =
            parse_document(text, "network", largest_document, damaged);
        auto field = [&](const char* name) { return document.at(name).text(); };
        auto chosen = document.find("subnetChosen");
        return {.id = field("id"),
                .name = field("name"),
                .driver = field("driver"),
                .created = field("created"),
                .subnet = field("subnet"),
                .gateway = field("gateway"),
                .ip_range = field("ipRange"),
                .subnet_chosen = chosen && chosen->truth(),
                .subnet6 = field("subnet6"),
                .gateway6 = field("gateway6"),
                .internal = document.at("internal").truth(),
                .labels = document.at("labels").text_map(),
                .options = document.at("options").text_map()};
    } catch (const Error& error) {
        throw Error(ErrorKind::DataLoss, error.message()).advise(damaged);
    }
}

}  // namespace slipway
