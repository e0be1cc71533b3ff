#include "06-engine/runtime/resources.hpp"

#include <limits.h>

#include <algorithm>
#include <limits>

#include "06-engine/runtime/spec_parts.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

template <class Number>
void read_number(const DocumentField& from, const char* key,
                 std::optional<Number>& to,
                 Number largest = std::numeric_limits<Number>::max()) {
    if (auto field = from.find(key))
        to = static_cast<Number>(field->number(largest));
}

/// Bytes or microseconds, -1 for no limit, 0 for nothing asked for.
void read_limit(const DocumentField& from, const char* key,
                std::optional<std::int64_t>& to) {
    auto field = from.find(key);
    if (!field) return;
    std::int64_t value = field->integer(-1, INT64_MAX);
    if (value != 0) to = value;
}

template <class Number>
void drop_zero(std::optional<Number>& number) {
    if (number && *number == 0) number.reset();
}

MemoryResources read_memory(const DocumentField& field) {
    MemoryResources memory;
    read_limit(field, "limit", memory.limit);
    read_limit(field, "reservation", memory.reservation);
    read_limit(field, "swap", memory.swap);
    read_limit(field, "kernel", memory.kernel);
    read_limit(field, "kernelTCP", memory.kernel_tcp);
    read_number(field, "swappiness", memory.swappiness, std::uint64_t{100});
    read_field(field, "disableOOMKiller", memory.disable_oom_killer);
    read_field(field, "checkBeforeUpdate", memory.check_before_update);
    bool both = memory.limit && memory.swap && *memory.swap > 0;
    if (both && *memory.limit < 0)
        field.at("swap").refuse("memory alone has no limit");
    if (both && *memory.swap < *memory.limit)
        field.at("swap").refuse(
            cat("it counts memory and swap together, and memory alone may be ",
                *memory.limit));
    return memory;
}

CpuResources read_cpu(const DocumentField& field) {
    CpuResources cpu;
    read_number(field, "shares", cpu.shares);
    read_limit(field, "quota", cpu.quota_us);
    read_number(field, "period", cpu.period_us);
    read_number(field, "burst", cpu.burst_us);
    read_limit(field, "realtimeRuntime", cpu.realtime_runtime_us);
    read_number(field, "realtimePeriod", cpu.realtime_period_us);
    read_field(field, "cpus", cpu.cpus);
    read_field(field, "mems", cpu.mems);
    if (auto idle = field.find("idle")) cpu.idle = idle->integer(0, 1);
    drop_zero(cpu.shares);
    drop_zero(cpu.period_us);
    drop_zero(cpu.realtime_period_us);
    if (cpu.burst_us && cpu.quota_us && *cpu.quota_us > 0 &&
        *cpu.burst_us > static_cast<std::uint64_t>(*cpu.quota_us))
        field.at("burst").refuse("it is more than the quota");
    return cpu;
}

DeviceRule read_device_rule(const DocumentField& field) {
    constexpr NamedValue<char> types[] = {{"a", 'a'}, {"c", 'c'}, {"b", 'b'}};
    DeviceRule rule;
    rule.allow = field.at("allow").truth();
    if (auto type = field.find("type")) rule.type = read_named(*type, types);
    // -1 is "any" to runc, and Docker writes it.
    auto any = [](const DocumentField& number) {
        return number.integer(-1, UINT32_MAX) < 0;
    };
    auto major = field.find("major"), minor = field.find("minor");
    if (major && !any(*major)) rule.major = read_major(*major);
    if (minor && !any(*minor)) rule.minor = read_minor(*minor);
    if (auto access = field.find("access")) {
        rule.access = access->text();
        if (rule.access.empty() || rule.access.size() > 3 ||
            rule.access.find_first_not_of("rwm") != std::string::npos)
            access->refuse(
                cat(shown_text(rule.access), " is not made of r, w and m"));
    }
    return rule;
}

/// 10 to 1000, or 0 for nothing asked for.
void read_weight(const DocumentField& from, const char* key,
                 std::optional<std::uint16_t>& to) {
    read_number(from, key, to, std::uint16_t{1000});
    drop_zero(to);
    if (to && *to < 10) from.at(key).refuse("a weight is from 10 to 1000");
}

void read_rates(const DocumentField& from, const char* key, IoRate::Kind kind,
                std::vector<IoRate>& rates) {
    auto list = from.find(key);
    if (!list) return;
    for (const DocumentField& item : list->items(most_json_values))
        rates.push_back({kind, read_major(item.at("major")),
                         read_minor(item.at("minor")),
                         item.at("rate").number(UINT64_MAX)});
}

BlockIoResources read_block_io(const DocumentField& field) {
    BlockIoResources io;
    read_weight(field, "weight", io.weight);
    read_weight(field, "leafWeight", io.leaf_weight);
    if (auto list = field.find("weightDevice"))
        for (const DocumentField& item : list->items(most_json_values)) {
            DeviceWeight one{read_major(item.at("major")),
                             read_minor(item.at("minor")),
                             {},
                             {}};
            read_weight(item, "weight", one.weight);
            read_weight(item, "leafWeight", one.leaf_weight);
            if (!one.weight && !one.leaf_weight)
                item.refuse("it has neither weight nor leafWeight");
            io.device_weights.push_back(one);
        }
    using Kind = IoRate::Kind;
    read_rates(field, "throttleReadBpsDevice", Kind::ReadBytes, io.rates);
    read_rates(field, "throttleWriteBpsDevice", Kind::WriteBytes, io.rates);
    read_rates(field, "throttleReadIOPSDevice", Kind::ReadOperations, io.rates);
    read_rates(field, "throttleWriteIOPSDevice", Kind::WriteOperations,
               io.rates);
    return io;
}

// It becomes part of a file's name.
bool is_page_size(std::string_view text) {
    std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos || digits > 10 ||
        text[0] == '0')
        return false;
    std::string_view unit = text.substr(digits);
    return unit == "KB" || unit == "MB" || unit == "GB";
}

HugepageLimit read_hugepage_limit(const DocumentField& field) {
    DocumentField size = field.at("pageSize");
    HugepageLimit limit{size.text(), field.at("limit").number(UINT64_MAX)};
    if (!is_page_size(limit.page_size))
        size.refuse(cat(shown_text(limit.page_size),
                        " is no size like 64KB, 2MB, 1GB"));
    return limit;
}

/// Nothing that would end a word, or a line, of a kernel file.
bool is_plain_word(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return c > ' ' && c != 0x7f;
    });
}

std::string read_device_name(const DocumentField& field,
                             const std::string& name) {
    if (!is_plain_word(name))
        field.refuse(cat(shown_text(name), " is no device's name"));
    return name;
}

void read_network(const DocumentField& field, Resources& resources) {
    read_number(field, "classID", resources.network_class);
    drop_zero(resources.network_class);
    auto list = field.find("priorities");
    if (!list) return;
    for (const DocumentField& item : list->items(most_json_values)) {
        DocumentField name = item.at("name");
        resources.network_priorities.push_back(
            {read_device_name(name, name.text()),
             static_cast<std::uint32_t>(
                 item.at("priority").number(UINT32_MAX))});
    }
}

void read_rdma(const DocumentField& field, Resources& resources) {
    for (const std::string& name : field.names()) {
        DocumentField one = field.at(name);
        RdmaLimit limit;
        read_number(one, "hcaHandles", limit.handles);
        read_number(one, "hcaObjects", limit.objects);
        if (!limit.handles && !limit.objects)
            one.refuse("it has neither hcaHandles nor hcaObjects");
        resources.rdma[read_device_name(one, name)] = limit;
    }
}

// A file of the container's group, never one of another group.
void read_unified(const DocumentField& field, Resources& resources) {
    resources.unified = field.text_map();
    for (const auto& [file, value] : resources.unified) {
        std::size_t dot = file.find('.');
        if (!is_plain_word(file) || file.find('/') != std::string::npos ||
            dot == 0 || dot == std::string::npos || file.size() > NAME_MAX)
            field.refuse(cat(shown_text(file),
                             " is no file of a group, as memory.high is"));
    }
}

}  // namespace

Resources read_resources(const DocumentField& field) {
    Resources resources;
    if (auto list = field.find("devices"))
        for (const DocumentField& item : list->items(most_json_values))
            resources.devices.push_back(read_device_rule(item));
    if (auto memory = field.find("memory"))
        resources.memory = read_memory(*memory);
    if (auto cpu = field.find("cpu")) resources.cpu = read_cpu(*cpu);
    if (auto io = field.find("blockIO"))
        resources.block_io = read_block_io(*io);
    // containerd writes the object without a limit in it.
    if (auto pids = field.find("pids"))
        if (auto limit = pids->find("limit"))
            resources.pids = limit->integer(INT64_MIN, INT64_MAX);
    if (auto list = field.find("hugepageLimits"))
        for (const DocumentField& item : list->items(most_json_values))
            resources.hugepages.push_back(read_hugepage_limit(item));
    if (auto network = field.find("network")) read_network(*network, resources);
    if (auto rdma = field.find("rdma")) read_rdma(*rdma, resources);
    if (auto unified = field.find("unified")) read_unified(*unified, resources);
    return resources;
}

}  // namespace slipway
