#include <algorithm>

#include "06-engine/engine/other_runtime.hpp"
#include "06-engine/engine/record_fields.hpp"
#include "06-engine/engine/record_parts.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

// A profile stands among the options, its text in full, as Docker's client
// sends it.
constexpr std::string_view seccomp_option = "seccomp=";

ordered_json ports_json(const std::vector<PortBinding>& ports) {
    ordered_json object = ordered_json::object();
    for (const PortBinding& port : ports) {
        std::string host = port.host_port == 0 ? "" : cat(port.host_port);
        if (port.host_port_last != 0) host += cat("-", port.host_port_last);
        object[cat(port.container_port, "/", port.protocol)].push_back(
            {{"HostIp", port.host_ip}, {"HostPort", host}});
    }
    return object;
}

std::uint16_t read_port(const DocumentField& field, std::string_view text) {
    auto number = parse_unsigned(text, UINT16_MAX);
    if (!number) field.refuse(cat(quote(text), " is no port"));
    return static_cast<std::uint16_t>(*number);
}

PortBinding read_binding(const DocumentField& field, PortBinding port) {
    if (auto ip = field.find("HostIp")) port.host_ip = ip->text();
    std::vector<std::string> host = {""};
    if (auto found = field.find("HostPort")) host = split(found->text(), '-');
    if (!host[0].empty()) port.host_port = read_port(field, host[0]);
    if (host.size() > 1) port.host_port_last = read_port(field, host[1]);
    return port;
}

std::vector<PortBinding> read_ports(const DocumentField& field) {
    std::vector<PortBinding> ports;
    for (const std::string& key : field.names()) {
        std::size_t slash = std::min(key.find('/'), key.size());
        PortBinding port{.container_port =
                             read_port(field, key.substr(0, slash))};
        if (slash < key.size()) port.protocol = key.substr(slash + 1);
        auto list = field.find(key);
        if (!list) continue;
        for (const DocumentField& each : list->items(most_json_values))
            ports.push_back(read_binding(each, port));
    }
    return ports;
}

template <class Visitor, class Resources>
void visit_block_io(Visitor& visit, Resources& resources) {
    visit.or_zero("BlkioWeight", resources.blkio_weight);
    visit.list("BlkioWeightDevice", resources.blkio_weight_device,
               [](auto& inner, auto& device) {
                   inner("Path", device.path);
                   inner("Weight", device.rate);
               });
    auto rates = [&](const char* key, auto& list) {
        visit.list(key, list, [](auto& inner, auto& device) {
            inner("Path", device.path);
            inner("Rate", device.rate);
        });
    };
    rates("BlkioDeviceReadBps", resources.read_bps);
    rates("BlkioDeviceWriteBps", resources.write_bps);
    rates("BlkioDeviceReadIOps", resources.read_iops);
    rates("BlkioDeviceWriteIOps", resources.write_iops);
}

template <class Visitor, class Resources>
void visit_resources(Visitor& visit, Resources& resources) {
    visit.or_zero("CpuShares", resources.cpu_shares);
    visit.or_zero("Memory", resources.memory);
    visit.or_zero("NanoCpus", resources.nano_cpus);
    visit_block_io(visit, resources);
    visit.or_zero("CpuPeriod", resources.cpu_period);
    visit.or_zero("CpuQuota", resources.cpu_quota);
    visit.or_zero("CpuRealtimePeriod", resources.cpu_rt_period);
    visit.or_zero("CpuRealtimeRuntime", resources.cpu_rt_runtime);
    visit("CpusetCpus", resources.cpuset_cpus);
    visit("CpusetMems", resources.cpuset_mems);
    visit.or_zero("MemoryReservation", resources.memory_reservation);
    visit.or_zero("MemorySwap", resources.memory_swap);
    visit("MemorySwappiness", resources.memory_swappiness);
    visit("OomKillDisable", resources.oom_kill_disable);
    visit("PidsLimit", resources.pids_limit);
}

template <class Visitor, class Host>
void visit_devices(Visitor& visit, Host& host) {
    visit.list("Devices", host.devices, [](auto& inner, auto& device) {
        inner("PathOnHost", device.host);
        inner("PathInContainer", device.container);
        inner("CgroupPermissions", device.permissions);
    });
    visit("DeviceCgroupRules", host.device_cgroup_rules);
    visit.list("Ulimits", host.ulimits, [](auto& inner, auto& limit) {
        inner("Name", limit.name);
        inner("Hard", limit.hard);
        inner("Soft", limit.soft);
    });
}

template <class Visitor, class Host>
void visit_life(Visitor& visit, Host& host) {
    visit.part("LogConfig", host, [](auto& inner, auto& same) {
        inner("Type", same.log_driver);
        inner("Config", same.log_options);
    });
    visit.part("RestartPolicy", host.restart, [](auto& inner, auto& restart) {
        inner("Name", restart.name);
        inner("MaximumRetryCount", restart.most_retries);
    });
    visit("AutoRemove", host.auto_remove);
    visit.or_nothing("Init", host.init);
    visit.or_nothing("Annotations", host.annotations);
}

template <class Visitor, class Host>
void visit_host(Visitor& visit, Host& host) {
    visit_life(visit, host);
    visit("NetworkMode", host.network_mode);
    visit("VolumesFrom", host.volumes_from);
    visit("CapAdd", host.cap_add);
    visit("CapDrop", host.cap_drop);
    visit("CgroupnsMode", host.cgroupns_mode);
    visit.or_list("Dns", host.dns);
    visit.or_list("DnsOptions", host.dns_options);
    visit.or_list("DnsSearch", host.dns_search);
    visit("ExtraHosts", host.extra_hosts);
    visit("GroupAdd", host.group_add);
    visit("IpcMode", host.ipc_mode);
    visit("Links", host.links);
    visit.or_zero("OomScoreAdj", host.oom_score_adj);
    visit("PidMode", host.pid_mode);
    visit("Privileged", host.privileged);
    visit("PublishAllPorts", host.publish_all);
    visit("ReadonlyRootfs", host.read_only_root);
    visit("UTSMode", host.uts_mode);
    visit("UsernsMode", host.userns_mode);
    visit("ShmSize", host.shm_size);
    visit.or_nothing("Sysctls", host.sysctls);
    visit("Isolation", host.isolation);
    visit("CgroupParent", host.cgroup_parent);
    visit_resources(visit, host.resources);
    visit_devices(visit, host);
}

// What is always the same here, so that templates find it.
void add_constants(ordered_json& object) {
    object["ContainerIDFile"] = "";
    object["VolumeDriver"] = "";
    object["ConsoleSize"] = {0, 0};
    object["Cgroup"] = "";
    object["DeviceRequests"] = nullptr;
    object["CpuCount"] = 0;
    object["CpuPercent"] = 0;
    object["IOMaximumIOps"] = 0;
    object["IOMaximumBandwidth"] = 0;
}

}  // namespace

ordered_json host_config_json(const HostConfig& host) {
    ordered_json object = ordered_json::object();
    add_mounts(object, host.mounts);
    object["PortBindings"] = ports_json(host.ports);
    FieldWriter writer(object);
    visit_host(writer, host);
    std::vector<std::string> security = host.security_options;
    if (!host.seccomp_profile.empty())
        security.push_back(cat(seccomp_option, host.seccomp_profile));
    writer("SecurityOpt", security);
    object["Runtime"] = host.runtime.empty() ? own_runtime : host.runtime;
    add_constants(object);
    return object;
}

HostConfig read_host_config(const DocumentField& field) {
    HostConfig host;
    host.mounts = read_mounts(field);
    if (auto ports = field.find("PortBindings"))
        host.ports = read_ports(*ports);
    FieldReader reader(field);
    visit_host(reader, host);
    reader("SecurityOpt", host.security_options);
    std::erase_if(host.security_options, [&](const std::string& option) {
        if (!option.starts_with(seccomp_option)) return false;
        host.seccomp_profile = option.substr(seccomp_option.size());
        return true;
    });
    reader("Runtime", host.runtime);
    if (host.runtime == own_runtime) host.runtime.clear();
    return host;
}

}  // namespace slipway
