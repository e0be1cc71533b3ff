#include <sched.h>

#include <algorithm>

#include "06-engine/runtime/spec_parts.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

DeviceSpec read_device(const DocumentField& field) {
    // 'u' is a character device without a buffer, which Linux has no more.
    constexpr NamedValue<char> types[] = {
        {"c", 'c'}, {"u", 'c'}, {"b", 'b'}, {"p", 'p'}};
    DeviceSpec device{read_named(field.at("type"), types),
                      read_absolute_path(field.at("path"))};
    if (device.type != 'p') {
        device.major = read_major(field.at("major"));
        device.minor = read_minor(field.at("minor"));
    }
    // Some write the whole st_mode, with the type in it.
    if (auto mode = field.find("fileMode"))
        device.mode = static_cast<mode_t>(mode->number(0177777)) & 07777;
    if (auto uid = field.find("uid")) device.uid = read_id(*uid);
    if (auto gid = field.find("gid")) device.gid = read_id(*gid);
    return device;
}

// net/ipv4/ip_forward is net.ipv4.ip_forward: sysctl(8).
std::string dotted(std::string name) {
    if (name.find('.') == std::string::npos)
        std::replace(name.begin(), name.end(), '/', '.');
    return name;
}

Sysctl parse_one(const DocumentField& value, const std::string& name) {
    // It has no field of its own in older specifications, hostname has.
    if (name == "kernel.domainname") return {name, value.text(), CLONE_NEWUTS};
    if (name == "kernel.hostname") value.refuse("there is hostname for that");
    try {
        return parse_sysctl(cat(name, "=", value.text()));
    } catch (const Error& error) {
        value.refuse(error.message());
    }
}

}  // namespace

void read_devices(const DocumentField& list, Spec& spec) {
    for (const DocumentField& item : list.items(most_json_values))
        spec.devices.push_back(read_device(item));
}

// A namespace that is joined may be the host's all the same: whoever joins it
// has both open and can compare them, which text cannot.
void read_sysctls(const DocumentField& field, Spec& spec) {
    for (const std::string& name : field.names()) {
        DocumentField value = field.at(name);
        Sysctl one = parse_one(value, dotted(name));
        if (!spec.find_namespace(one.flag))
            value.refuse("the host's namespace would be changed");
        spec.sysctl.push_back(std::move(one));
    }
}

}  // namespace slipway
