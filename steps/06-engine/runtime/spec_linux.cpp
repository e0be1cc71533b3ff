#include <sched.h>
#include <sys/personality.h>

#include <algorithm>

#include "06-engine/runtime/spec_parts.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080  // glibc 2.35 and older have no name for it
#endif

namespace slipway {

namespace {

constexpr NamedValue<int> namespace_types[] = {
    {"pid", CLONE_NEWPID},       {"network", CLONE_NEWNET},
    {"mount", CLONE_NEWNS},      {"ipc", CLONE_NEWIPC},
    {"uts", CLONE_NEWUTS},       {"user", CLONE_NEWUSER},
    {"cgroup", CLONE_NEWCGROUP}, {"time", CLONE_NEWTIME},
};

//@ begin spec-namespaces
void read_namespaces(const DocumentField& list, Spec& spec) {
    for (const DocumentField& item : list.items(64)) {
        DocumentField type = item.at("type");
        NamespaceSpec one{read_named(type, namespace_types), ""};
        // Go writes "" for none.
        auto path = item.find("path");
        if (path && !path->text().empty()) one.path = read_absolute_path(*path);
        if (spec.find_namespace(one.flag))
            type.refuse(cat(type.text(), " is there twice"));
        spec.namespaces.push_back(std::move(one));
    }
}
//@ end spec-namespaces

// Maps of a namespace that is joined are passed over, as with runc: containerd
// names them for each container of a pod, whose namespace is there already.
void read_id_maps(const DocumentField& field, Spec& spec) {
    auto uids = field.find("uidMappings");
    auto gids = field.find("gidMappings");
    if (uids) spec.uid_mappings = read_id_ranges(*uids);
    if (gids) spec.gid_mappings = read_id_ranges(*gids);
    if (!spec.find_namespace(CLONE_NEWUSER)) {
        if (!spec.uid_mappings.empty())
            uids->refuse("ids are mapped in a user namespace only");
        if (!spec.gid_mappings.empty())
            gids->refuse("ids are mapped in a user namespace only");
    }
    if (!spec.is_new(CLONE_NEWUSER)) return;
    if (spec.uid_mappings.empty())
        field.refuse("a new user namespace needs uidMappings");
    if (spec.gid_mappings.empty())
        field.refuse("a new user namespace needs gidMappings");
}

// Source: time_namespaces(7).
void read_time_offsets(const DocumentField& field, Spec& spec) {
    for (const std::string& clock : field.names()) {
        auto one = field.find(clock);
        if (!one) continue;
        if (clock != "monotonic" && clock != "boottime")
            one->refuse("the clocks are monotonic and boottime");
        TimeOffset offset{clock, 0, 0};
        if (auto seconds = one->find("secs"))
            offset.seconds = seconds->integer(INT64_MIN, INT64_MAX);
        if (auto rest = one->find("nanosecs"))
            offset.nanoseconds =
                static_cast<std::uint32_t>(rest->number(999'999'999));
        spec.time_offsets.push_back(std::move(offset));
    }
    if (!spec.time_offsets.empty() && !spec.is_new(CLONE_NEWTIME))
        field.refuse("clocks can be set in a new time namespace only");
}

void read_paths(const DocumentField& field, const char* key, const Spec& spec,
                std::vector<std::string>& to) {
    auto list = field.find(key);
    if (!list) return;
    to = read_absolute_paths(*list);
    if (!to.empty() && !spec.find_namespace(CLONE_NEWNS))
        list->refuse("that needs a mount namespace: it would hide the host's");
}

std::string read_cgroups_path(const DocumentField& field) {
    std::string path = field.text();
    for (const std::string& part : split(path, '/'))
        if (part == "..") field.refuse(cat(shown_text(path), " leads out"));
    return path;
}

unsigned long read_personality(const DocumentField& field) {
    constexpr NamedValue<unsigned long> domains[] = {
        {"LINUX", PER_LINUX},
        {"LINUX32", PER_LINUX32},
    };
    if (auto flags = field.find("flags"))
        for (const DocumentField& flag : flags->items(64))
            flag.refuse(cat(shown_text(flag.text()),
                            " is not known: there are no flags yet"));
    return read_named(field.at("domain"), domains);
}

// Not built here. A container without what it asks for is not the one that was
// asked for.
void refuse_unbuilt(const DocumentField& field) {
    for (const char* key : {"intelRdt", "netDevices", "memoryPolicy"}) {
        auto part = field.find(key);
        if (!part || part->names().empty()) continue;
        throw Error(ErrorKind::Unsupported,
                    cat("config.json: linux.", key,
                        " is not something this runtime can do"))
            .advise("leave it out, or run this container with runc");
    }
}

void read_mount_rules(const DocumentField& field, Spec& spec) {
    if (auto word = field.find("rootfsPropagation")) {
        std::string text = word->text();
        auto flags = parse_propagation(text);
        if (!text.empty() && !flags)
            word->refuse(cat(shown_text(text), " is not known"));
        spec.rootfs_propagation = flags.value_or(0);
    }
    read_paths(field, "maskedPaths", spec, spec.masked_paths);
    read_paths(field, "readonlyPaths", spec, spec.readonly_paths);
    read_field(field, "mountLabel", spec.mount_label);
}

}  // namespace

void read_linux(const DocumentField& field, Spec& spec) {
    refuse_unbuilt(field);
    // First: what else may be there depends on them.
    if (auto list = field.find("namespaces")) read_namespaces(*list, spec);
    read_id_maps(field, spec);
    if (auto clocks = field.find("timeOffsets"))
        read_time_offsets(*clocks, spec);
    if (auto list = field.find("devices")) read_devices(*list, spec);
    if (auto path = field.find("cgroupsPath"))
        spec.cgroups_path = read_cgroups_path(*path);
    if (auto resources = field.find("resources"))
        spec.resources = read_resources(*resources);
    if (auto sysctls = field.find("sysctl")) read_sysctls(*sysctls, spec);
    spec.seccomp = field.find("seccomp");
    read_mount_rules(field, spec);
    if (auto domain = field.find("personality"))
        spec.personality = read_personality(*domain);
}

}  // namespace slipway
