#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "06-engine/engine/container_view.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

constexpr char never[] = "0001-01-01T00:00:00Z";  // Go's time 0

// Docker shows what is empty as null.
ordered_json list_or_null(const std::vector<std::string>& texts) {
    return texts.empty() ? ordered_json() : ordered_json(texts);
}

ordered_json health_json(const HealthView& health) {
    ordered_json object = {{"Status", health.status},
                           {"FailingStreak", health.failing_streak}};
    object["Log"] = ordered_json::array();
    for (const HealthResult& each : health.log)
        object["Log"].push_back({{"Start", each.start},
                                 {"End", each.end},
                                 {"ExitCode", each.exit_code},
                                 {"Output", each.output}});
    return object;
}

ordered_json state_json(const ContainerStatusView& status) {
    const std::string& word = status.status;
    bool runs = word == "running" || word == "paused" || word == "restarting";
    ordered_json state = {
        {"Status", word},
        {"Running", runs},
        {"Paused", word == "paused"},
        {"Restarting", word == "restarting"},
        {"OOMKilled", status.oom_killed},
        {"Dead", word == "dead"},
        {"Pid", status.pid},
        {"ExitCode", status.exit_code},
        {"Error", status.error},
        {"StartedAt", status.started.empty() ? never : status.started},
        {"FinishedAt", status.finished.empty() ? never : status.finished}};
    if (status.health) state["Health"] = health_json(*status.health);
    return state;
}

ordered_json mount_json(const MountView& mount) {
    ordered_json object = {{"Type", mount.type}};
    if (!mount.name.empty()) object["Name"] = mount.name;
    object["Source"] = mount.source;
    object["Destination"] = mount.destination;
    if (!mount.driver.empty()) object["Driver"] = mount.driver;
    object["Mode"] = mount.mode;
    object["RW"] = !mount.read_only;
    object["Propagation"] = mount.propagation;
    return object;
}

ordered_json graph_driver(const ContainerStatusView& status) {
    ordered_json data = {{"LowerDir", join(status.lower_folders, ":")},
                         {"MergedDir", status.merged_folder},
                         {"UpperDir", status.upper_folder},
                         {"WorkDir", status.work_folder}};
    return {{"Data", std::move(data)}, {"Name", "overlay2"}};
}

// Exposed ports are there, whether or not they are published; null: not.
ordered_json ports_json(const ContainerRecord& record,
                        const ContainerStatusView& status) {
    std::map<std::string, ordered_json> ports;
    if (status.pid == 0) return ordered_json::object();
    if (record.host.network_mode != "host")
        for (const std::string& port : record.config.exposed_ports)
            ports[port] = nullptr;
    for (const PortBinding& port : status.bound_ports)
        ports[cat(port.container_port, "/", port.protocol)].push_back(
            {{"HostIp", port.host_ip.empty() ? "0.0.0.0" : port.host_ip},
             {"HostPort", cat(port.host_port)}});
    ordered_json object = ordered_json::object();
    for (auto& [key, value] : ports) object[key] = std::move(value);
    return object;
}

// What somebody asked for on this network; nullptr: nothing.
const NetworkRequest* request_of(const ContainerRecord& record,
                                 const std::string& network) {
    for (const NetworkRequest& each : record.host.networks)
        if (each.network == network) return &each;
    return nullptr;
}

ordered_json ipam_json(const NetworkRequest* request) {
    ordered_json object;
    if (!request) return object;
    if (!request->ip.empty()) object["IPv4Address"] = request->ip;
    if (!request->ip6.empty()) object["IPv6Address"] = request->ip6;
    return object;
}

ordered_json endpoint_json(const ContainerRecord& record,
                           const EndpointView& endpoint) {
    const NetworkRequest* request = request_of(record, endpoint.network);
    std::vector<std::string> aliases = endpoint.aliases;
    if (aliases.empty() && request) aliases = request->aliases;
    ordered_json object;
    object["IPAMConfig"] = ipam_json(request);
    object["Links"] = nullptr;
    object["Aliases"] = list_or_null(aliases);
    object["MacAddress"] = endpoint.mac;
    object["DriverOpts"] = request && !request->driver_options.empty()
                               ? ordered_json(request->driver_options)
                               : ordered_json();
    object["GwPriority"] = 0;
    object["NetworkID"] = endpoint.network_id;
    object["EndpointID"] = endpoint.endpoint_id;
    object["Gateway"] = endpoint.gateway;
    object["IPAddress"] = endpoint.ip;
    object["IPPrefixLen"] = endpoint.prefix_length;
    object["IPv6Gateway"] = endpoint.gateway6;
    object["GlobalIPv6Address"] = endpoint.ip6;
    object["GlobalIPv6PrefixLen"] = endpoint.prefix_length6;
    object["DNSNames"] = list_or_null(endpoint.dns_names);
    return object;
}

std::vector<EndpointView> endpoints_of(const ContainerRecord& record,
                                       const ContainerStatusView& status) {
    if (!status.endpoints.empty()) return status.endpoints;
    std::vector<EndpointView> wanted;
    for (const std::string& name : network_names(record, status))
        wanted.push_back({.network = name});
    return wanted;
}

// Docker repeats the default network's endpoint beside the list of all.
void add_first_endpoint(ordered_json& object, const EndpointView& endpoint) {
    object["EndpointID"] = endpoint.endpoint_id;
    object["Gateway"] = endpoint.gateway;
    object["GlobalIPv6Address"] = endpoint.ip6;
    object["GlobalIPv6PrefixLen"] = endpoint.prefix_length6;
    object["IPAddress"] = endpoint.ip;
    object["IPPrefixLen"] = endpoint.prefix_length;
    object["IPv6Gateway"] = endpoint.gateway6;
    object["MacAddress"] = endpoint.mac;
}

ordered_json network_settings(const ContainerRecord& record,
                              const ContainerStatusView& status) {
    std::size_t slash = status.sandbox.rfind('/');
    ordered_json object;
    object["Bridge"] = "";
    object["SandboxID"] =
        status.sandbox.empty() ? "" : status.sandbox.substr(slash + 1);
    object["SandboxKey"] = status.sandbox;
    object["Ports"] = ports_json(record, status);
    object["HairpinMode"] = false;
    object["LinkLocalIPv6Address"] = "";
    object["LinkLocalIPv6PrefixLen"] = 0;
    object["SecondaryIPAddresses"] = nullptr;
    object["SecondaryIPv6Addresses"] = nullptr;
    std::vector<EndpointView> endpoints = endpoints_of(record, status);
    auto first =
        std::find_if(endpoints.begin(), endpoints.end(),
                     [](auto& each) { return each.network == "bridge"; });
    add_first_endpoint(object,
                       first == endpoints.end() ? EndpointView{} : *first);
    object["Networks"] = ordered_json::object();
    for (const EndpointView& endpoint : endpoints)
        object["Networks"][endpoint.network] = endpoint_json(record, endpoint);
    return object;
}

void add_paths(ordered_json& object, const ContainerStatusView& status) {
    object["ResolvConfPath"] = status.resolv_conf_path;
    object["HostnamePath"] = status.hostname_path;
    object["HostsPath"] = status.hosts_path;
    object["LogPath"] = status.log_path;
}

// What a process may not see, and not change (runtime-spec, maskedPaths).
// What holds when nothing was asked for.
void add_usual_modes(ordered_json& host_config, const HostConfig& host) {
    if (host.ipc_mode.empty()) host_config["IpcMode"] = "private";
    if (host.cgroupns_mode.empty())
        host_config["CgroupnsMode"] = host.privileged ? "host" : "private";
}

void add_masks(ordered_json& host_config, const HostConfig& host) {
    const auto& options = host.security_options;
    bool open =
        host.privileged || std::find(options.begin(), options.end(),
                                     "systempaths=unconfined") != options.end();
    ordered_json none = ordered_json::array();
    host_config["MaskedPaths"] =
        open ? none
             : ordered_json{
                   "/proc/asound",      "/proc/acpi",
                   "/proc/interrupts",  "/proc/kcore",
                   "/proc/keys",        "/proc/latency_stats",
                   "/proc/timer_list",  "/proc/timer_stats",
                   "/proc/sched_debug", "/proc/scsi",
                   "/sys/firmware",     "/sys/devices/virtual/powercap"};
    host_config["ReadonlyPaths"] =
        open ? none
             : ordered_json{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                            "/proc/sysrq-trigger"};
}

}  // namespace

ordered_json inspect_container(const ContainerRecord& record,
                               const ContainerStatusView& status) {
    ordered_json kept = record_json(record);
    std::vector<std::string> words = command_words(record);
    ordered_json object;
    object["Id"] = record.id;
    object["Created"] = record.created;
    object["Path"] = words.empty() ? "" : words[0];
    if (!words.empty()) words.erase(words.begin());
    object["Args"] = words;
    object["State"] = state_json(status);
    object["Image"] = record.image_id;
    add_paths(object, status);
    object["Name"] = cat("/", record.name);
    object["RestartCount"] = status.restart_count;
    object["Driver"] = "overlay2";
    object["Platform"] = "linux";
    object["MountLabel"] = "";
    object["ProcessLabel"] = "";
    object["AppArmorProfile"] = "";
    object["ExecIDs"] = list_or_null(status.exec_ids);
    object["HostConfig"] = std::move(kept["HostConfig"]);
    add_masks(object["HostConfig"], record.host);
    add_usual_modes(object["HostConfig"], record.host);
    object["GraphDriver"] = graph_driver(status);
    if (status.size_writable) object["SizeRw"] = *status.size_writable;
    if (status.size_total) object["SizeRootFs"] = *status.size_total;
    object["Mounts"] = ordered_json::array();
    for (const MountView& mount : status.mounts)
        object["Mounts"].push_back(mount_json(mount));
    object["Config"] = std::move(kept["Config"]);
    object["NetworkSettings"] = network_settings(record, status);
    object["Slipway"] = std::move(kept["Slipway"]);
    object["Slipway"]["Reason"] = status.reason;
    return object;
}

}  // namespace slipway
