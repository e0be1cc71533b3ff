#include "06-engine/engine/spec_resources.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <nlohmann/json.hpp>

#include "03-cgroups/devices.hpp"
#include "06-engine/engine/host_devices.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

template <class Value>
void put(ordered_json& object, const char* name,
         const std::optional<Value>& value) {
    if (value) object[name] = *value;
}
void put(ordered_json& object, const char* name, const std::string& value) {
    if (!value.empty()) object[name] = value;
}

ordered_json memory_json(const ResourceRequest& limits) {
    ordered_json memory = ordered_json::object();
    put(memory, "limit", limits.memory);
    // Docker's: as much swap as memory, if nothing is said.
    if (limits.memory_swap)
        memory["swap"] = *limits.memory_swap;
    else if (limits.memory && *limits.memory > 0)
        memory["swap"] = 2 * *limits.memory;
    put(memory, "reservation", limits.memory_reservation);
    if (limits.memory_swappiness && *limits.memory_swappiness >= 0)
        memory["swappiness"] = *limits.memory_swappiness;
    if (limits.oom_kill_disable) memory["disableOOMKiller"] = true;
    return memory;
}

ordered_json cpu_json(const ResourceRequest& limits) {
    ordered_json cpu = ordered_json::object();
    put(cpu, "shares", limits.cpu_shares);
    if (limits.nano_cpus) {
        constexpr std::int64_t period_us = 100'000, nano_to_quota = 10'000;
        cpu["period"] = period_us;
        cpu["quota"] = *limits.nano_cpus / nano_to_quota;
    }
    put(cpu, "period", limits.cpu_period);
    put(cpu, "quota", limits.cpu_quota);
    put(cpu, "realtimePeriod", limits.cpu_rt_period);
    put(cpu, "realtimeRuntime", limits.cpu_rt_runtime);
    put(cpu, "cpus", limits.cpuset_cpus);
    put(cpu, "mems", limits.cpuset_mems);
    return cpu;
}

ordered_json rates_json(const std::vector<DeviceRate>& rates,
                        const char* name) {
    ordered_json list = ordered_json::array();
    for (const DeviceRate& each : rates) {
        struct stat info {};
        check(::stat(each.path.c_str(), &info), "look at the disk ", each.path);
        if (!S_ISBLK(info.st_mode))
            throw Error(ErrorKind::InvalidArgument,
                        cat(each.path, " is not a disk"));
        list.push_back({{"major", major(info.st_rdev)},
                        {"minor", minor(info.st_rdev)},
                        {name, each.rate}});
    }
    return list;
}

ordered_json block_json(const ResourceRequest& limits) {
    ordered_json block = ordered_json::object();
    if (limits.blkio_weight && *limits.blkio_weight != 0)
        block["weight"] = *limits.blkio_weight;
    auto add = [&](const char* field, const std::vector<DeviceRate>& rates,
                   const char* name) {
        if (!rates.empty()) block[field] = rates_json(rates, name);
    };
    add("weightDevice", limits.blkio_weight_device, "weight");
    add("throttleReadBpsDevice", limits.read_bps, "rate");
    add("throttleWriteBpsDevice", limits.write_bps, "rate");
    add("throttleReadIOPSDevice", limits.read_iops, "rate");
    add("throttleWriteIOPSDevice", limits.write_iops, "rate");
    return block;
}

ordered_json rule_json(const DeviceRule& rule) {
    ordered_json json = {{"allow", rule.allow},
                         {"type", std::string(1, rule.type)},
                         {"access", rule.access}};
    if (rule.major) json["major"] = *rule.major;
    if (rule.minor) json["minor"] = *rule.minor;
    return json;
}

}  // namespace

ordered_json limits_json(const ResourceRequest& limits) {
    ordered_json resources = ordered_json::object();
    auto add = [&](const char* name, ordered_json part) {
        if (!part.empty()) resources[name] = std::move(part);
    };
    add("memory", memory_json(limits));
    add("cpu", cpu_json(limits));
    if (limits.pids_limit && *limits.pids_limit != 0)
        resources["pids"] = {{"limit", *limits.pids_limit}};
    add("blockIO", block_json(limits));
    return resources;
}

ordered_json resources_json(const HostConfig& host) {
    ordered_json resources = limits_json(host.resources);
    ordered_json rules = ordered_json::array();
    rules.push_back({{"allow", host.privileged}, {"access", "rwm"}});
    if (!host.privileged) {
        for (const HostDevice& device : devices_of(host))
            rules.push_back({{"allow", true},
                             {"type", std::string(1, device.type)},
                             {"major", device.major},
                             {"minor", device.minor},
                             {"access", device.permissions}});
        for (const std::string& rule : host.device_cgroup_rules)
            rules.push_back(rule_json(parse_device_rule(rule)));
    }
    resources["devices"] = std::move(rules);
    return resources;
}

}  // namespace slipway
