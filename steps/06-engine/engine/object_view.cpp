#include "06-engine/engine/object_view.hpp"

#include <nlohmann/json.hpp>

#include "06-engine/engine/container_view.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

std::string driver_of(const Network& network) {
    return network.driver == "none" ? "null" : network.driver;
}

std::string local_time_of(const std::string& created) {
    auto time = parse_time(created);
    return time ? local_time_text(*time) : created;
}

std::string truth(bool is) {
    return is ? "true" : "false";
}

std::string with_prefix(const std::string& address, unsigned prefix) {
    return address.empty() ? "" : cat(address, "/", prefix);
}

ordered_json ipam_json(const Network& network) {
    ordered_json list = ordered_json::array();
    if (!network.subnet.empty()) {
        ordered_json four = {{"Subnet", network.subnet}};
        if (!network.ip_range.empty()) four["IPRange"] = network.ip_range;
        four["Gateway"] = network.gateway;
        list.push_back(std::move(four));
    }
    if (!network.subnet6.empty())
        list.push_back(
            {{"Subnet", network.subnet6}, {"Gateway", network.gateway6}});
    return {{"Driver", "default"},
            {"Options", nullptr},
            {"Config", std::move(list)}};
}

ordered_json map_or_null(const std::map<std::string, std::string>& map) {
    return map.empty() ? ordered_json() : ordered_json(map);
}

}  // namespace

ordered_json network_row(const Network& network, bool whole) {
    constexpr std::size_t short_id = 12;
    ordered_json row;
    row["CreatedAt"] = local_time_of(network.created);
    row["Driver"] = driver_of(network);
    row["ID"] = whole ? network.id : network.id.substr(0, short_id);
    row["IPv4"] = truth(!network.subnet.empty());
    row["IPv6"] = truth(!network.subnet6.empty());
    row["Internal"] = truth(network.internal);
    row["Labels"] = labels_text(network.labels);
    row["Name"] = network.name;
    row["Scope"] = "local";
    row[".Label"] = network.labels;
    return row;
}

ordered_json inspect_network(const Network& network,
                             const std::vector<Endpoint>& endpoints) {
    ordered_json object;
    object["Name"] = network.name;
    object["Id"] = network.id;
    object["Created"] = network.created;
    object["Scope"] = "local";
    object["Driver"] = driver_of(network);
    object["EnableIPv4"] = !network.subnet.empty();
    object["EnableIPv6"] = !network.subnet6.empty();
    object["IPAM"] = ipam_json(network);
    object["Internal"] = network.internal;
    object["Attachable"] = false;
    object["Ingress"] = false;
    object["ConfigFrom"] = {{"Network", ""}};
    object["ConfigOnly"] = false;
    object["Containers"] = ordered_json::object();
    for (const Endpoint& each : endpoints)
        object["Containers"][each.container] = {
            {"Name", each.name},
            {"EndpointID", each.id},
            {"MacAddress", each.mac},
            {"IPv4Address", with_prefix(each.ip, each.prefix)},
            {"IPv6Address", with_prefix(each.ip6, each.prefix6)}};
    object["Options"] = ordered_json(network.options);
    object["Labels"] = ordered_json(network.labels);
    return object;
}

ordered_json volume_row(const Volume& volume, std::optional<std::uint64_t> size,
                        std::optional<std::size_t> users) {
    ordered_json row;
    row["Availability"] = "N/A";
    row["Driver"] = volume.driver;
    row["Group"] = "N/A";
    row["Labels"] = labels_text(volume.labels);
    row["Links"] = users ? cat(*users) : "N/A";
    row["Mountpoint"] = volume.folder;
    row["Name"] = volume.name;
    row["Scope"] = "local";
    row["Size"] = size ? decimal_size(static_cast<double>(*size)) : "N/A";
    row["Status"] = "N/A";
    row[".Label"] = volume.labels;
    return row;
}

ordered_json inspect_volume(const Volume& volume) {
    ordered_json object;
    object["CreatedAt"] = volume.created;
    object["Driver"] = volume.driver;
    object["Labels"] = map_or_null(volume.labels);
    object["Mountpoint"] = volume.folder;
    object["Name"] = volume.name;
    object["Options"] = map_or_null(volume.options);
    object["Scope"] = "local";
    return object;
}

}  // namespace slipway
