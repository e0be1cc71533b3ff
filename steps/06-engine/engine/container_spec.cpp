#include "06-engine/engine/container_spec.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "04-images/run_image.hpp"
#include "06-engine/engine/host_devices.hpp"
#include "06-engine/engine/spec_resources.hpp"
#include "06-engine/security/capabilities.hpp"
#include "06-engine/security/seccomp.hpp"
#include "common/document.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;
using Words = std::vector<std::string>;

// Docker's: what of /proc and /sys tells of the host, or changes it.
const Words& masked_paths() {
    static const Words paths = {
        "/proc/asound",      "/proc/acpi",
        "/proc/interrupts",  "/proc/kcore",
        "/proc/keys",        "/proc/latency_stats",
        "/proc/timer_list",  "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi",
        "/sys/firmware",     "/sys/devices/virtual/powercap"};
    return paths;
}
const Words& readonly_paths() {
    static const Words paths = {"/proc/bus", "/proc/fs", "/proc/irq",
                                "/proc/sys", "/proc/sysrq-trigger"};
    return paths;
}

bool has_option(const ContainerRecord& record, std::string_view option) {
    for (const std::string& each : record.host.security_options)
        if (each == option) return true;
    return false;
}

ordered_json mount_json(const SpecMount& mount, const ImageUser& user) {
    ordered_json json = {{"destination", mount.destination},
                         {"type", mount.type},
                         {"source", mount.source},
                         {"options", mount.options}};
    if (mount.match_user) {
        struct stat info {};
        if (::stat(mount.source.c_str(), &info) != 0)
            throw_errno(errno, cat("look at ", mount.source));
        json["uidMappings"] = {
            {{"containerID", info.st_uid}, {"hostID", user.uid}, {"size", 1}}};
        json["gidMappings"] = {
            {{"containerID", info.st_gid}, {"hostID", user.gid}, {"size", 1}}};
    }
    return json;
}

Words with_mode(Words options, bool read_only) {
    options.emplace_back(read_only ? "ro" : "rw");
    return options;
}

std::vector<SpecMount> system_mounts(const ContainerRecord& record,
                                     const SpecParts& parts) {
    bool writable = record.host.privileged;
    const std::string& ipc = record.host.ipc_mode;
    std::vector<SpecMount> mounts = {
        {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
        {"/dev",
         "tmpfs",
         "tmpfs",
         {"nosuid", "strictatime", "mode=755", "size=65536k"}},
        {"/dev/pts",
         "devpts",
         "devpts",
         {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
          "gid=5"}},
        {"/sys", "sysfs", "sysfs",
         with_mode({"nosuid", "noexec", "nodev"}, !writable)},
        {"/sys/fs/cgroup", "cgroup", "cgroup",
         with_mode({"nosuid", "noexec", "nodev", "relatime"}, !writable)},
        {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}}};
    if (parts.has_user_namespace) mounts[2].options.pop_back();  // no group 5
    // A sysfs shows the devices of a network: of one that is not ours the
    // kernel lets us mount none, but the host's can be shown.
    if (parts.has_user_namespace && record.host.network_mode == "host")
        mounts[3] = {"/sys",
                     "bind",
                     "/sys",
                     {"rbind", "rro", "nosuid", "noexec", "nodev"}};
    if (!parts.shm_source.empty())
        mounts.push_back({"/dev/shm", "bind", parts.shm_source, {"rbind"}});
    else if (ipc != "none")
        mounts.push_back({"/dev/shm",
                          "tmpfs",
                          "shm",
                          {"nosuid", "noexec", "nodev", "mode=1777",
                           cat("size=", record.host.shm_size)}});
    return mounts;
}

ordered_json all_mounts(const ContainerRecord& record, const SpecParts& parts) {
    ordered_json list = ordered_json::array();
    for (const SpecMount& mount : system_mounts(record, parts)) {
        bool replaced = false;
        for (const SpecMount& asked : parts.mounts)
            replaced = replaced || asked.destination == mount.destination;
        if (!replaced) list.push_back(mount_json(mount, parts.user));
    }
    for (const SpecMount& mount : parts.mounts)
        list.push_back(mount_json(mount, parts.user));
    return list;
}

ordered_json namespace_list(const ContainerRecord& record,
                            const SpecParts& parts) {
    const HostConfig& host = record.host;
    ordered_json list = ordered_json::array();
    list.push_back({{"type", "mount"}});
    auto add = [&](const char* type, bool is_hosts) {
        if (is_hosts) return;
        ordered_json one = {{"type", type}};
        if (auto path = parts.joined.find(type); path != parts.joined.end())
            one["path"] = path->second;
        list.push_back(std::move(one));
    };
    add("network", host.network_mode == "host");
    add("pid", host.pid_mode == "host");
    add("ipc", host.ipc_mode == "host");
    add("uts", host.uts_mode == "host");
    add("cgroup", host.cgroupns_mode == "host" ||
                      (host.privileged && host.cgroupns_mode.empty()));
    return list;
}

Words environment_of(const ContainerRecord& record) {
    Words environment = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    if (record.tty) environment.emplace_back("TERM=xterm");
    if (!record.hostname.empty())
        environment.push_back("HOSTNAME=" + record.hostname);
    for (const std::string& each : record.config.env)
        set_environment(environment, each);
    return environment;
}

ordered_json rlimits(const ContainerRecord& record) {
    ordered_json list = ordered_json::array();
    for (const UlimitRequest& each : record.host.ulimits) {
        std::string name = "RLIMIT_";
        for (char c : each.name)
            name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        auto number = [](std::int64_t value) {
            return value < 0 ? UINT64_MAX : static_cast<std::uint64_t>(value);
        };
        list.push_back({{"type", name},
                        {"soft", number(each.soft)},
                        {"hard", number(each.hard)}});
    }
    return list;
}

ordered_json process_json(const ContainerRecord& record,
                          const SpecParts& parts) {
    const ImageUser& user = parts.user;
    Words args = record.config.entrypoint;
    args.insert(args.end(), record.config.cmd.begin(), record.config.cmd.end());
    if (record.host.init) args.insert(args.begin(), {init_path, "--"});
    ordered_json process = {
        {"terminal", record.tty},
        {"user",
         {{"uid", user.uid},
          {"gid", user.gid},
          {"additionalGids", user.groups}}},
        {"args", args},
        {"env", environment_of(record)},
        {"cwd",
         record.config.working_dir.empty() ? "/" : record.config.working_dir},
        {"capabilities", container_capabilities(record, user.uid == 0)},
        {"rlimits", rlimits(record)},
        {"noNewPrivileges", has_option(record, "no-new-privileges") ||
                                has_option(record, "no-new-privileges=true") ||
                                has_option(record, "no-new-privileges:true")}};
    if (record.host.oom_score_adj)
        process["oomScoreAdj"] = *record.host.oom_score_adj;
    return process;
}

void add_seccomp(ordered_json& own, const ContainerRecord& record,
                 std::uint64_t capabilities) {
    const std::string& profile = record.host.seccomp_profile;
    if (profile == "unconfined" || (record.host.privileged && profile.empty()))
        return;
    own["seccomp"] =
        profile.empty()
            ? default_seccomp(capabilities)
            : docker_seccomp(
                  parse_document(profile, "seccomp profile", profile.size()),
                  capabilities);
}

CapabilityMask capability_mask(const ContainerRecord& record) {
    const HostConfig& host = record.host;
    CapabilityMask all = own_bounding_set();
    CapabilityMask mask = host.privileged ? all : default_capabilities();
    auto bit_of = [](const std::string& name) {
        auto number = capability_number(name);
        if (number) return CapabilityMask{1} << *number;
        std::string near = nearest(name, capability_names());
        Error error(ErrorKind::InvalidArgument,
                    cat("unknown capability ", quote(name)));
        if (!near.empty()) error.set_advice(cat("did you mean ", near, "?"));
        throw error;
    };
    for (const std::string& name : host.cap_drop)
        if (name == "ALL") mask = 0;
    for (const std::string& name : host.cap_add)
        if (name == "ALL") mask = all;
    for (const std::string& name : host.cap_add)
        if (name != "ALL") mask |= bit_of(name);
    for (const std::string& name : host.cap_drop)
        if (name != "ALL") mask &= ~bit_of(name);
    return mask;
}

// An ordinary user's is relative: the runtime finds the group in which this
// user may make others. Root's is at the top of the tree.
std::string group_path(const ContainerRecord& record, const SpecParts& parts) {
    std::string name = cat("slipway-", record.id);
    if (!record.host.cgroup_parent.empty())
        return cat(record.host.cgroup_parent, "/", name);
    return parts.has_user_namespace ? name : cat("/", name);
}

ordered_json linux_json(const ContainerRecord& record, const SpecParts& parts) {
    const HostConfig& host = record.host;
    ordered_json own = {{"cgroupsPath", group_path(record, parts)},
                        {"resources", resources_json(record.host)},
                        {"namespaces", namespace_list(record, parts)}};
    std::map<std::string, std::string> sysctls = host.sysctls;
    if (host.network_mode != "host" && !parts.joined.count("network")) {
        // Docker's: no capability is needed for ports below 1024 and for ping.
        sysctls.emplace("net.ipv4.ip_unprivileged_port_start", "0");
        if (!parts.has_user_namespace)
            sysctls.emplace("net.ipv4.ping_group_range", "0 2147483647");
    }
    if (!sysctls.empty()) own["sysctl"] = sysctls;
    bool open_paths =
        host.privileged || has_option(record, "systempaths=unconfined");
    if (!open_paths) {
        own["maskedPaths"] = masked_paths();
        own["readonlyPaths"] = readonly_paths();
    }
    ordered_json devices = ordered_json::array();
    for (const HostDevice& device : devices_of(host))
        devices.push_back(device_json(device));
    if (!devices.empty()) own["devices"] = devices;
    add_seccomp(own, record, capability_mask(record));
    return own;
}

}  // namespace

ordered_json container_capabilities(const ContainerRecord& record,
                                    bool is_root) {
    CapabilityMask mask = capability_mask(record);
    Words names;
    for (const std::string& name : capability_names())
        if ((mask & CapabilityMask{1} << *capability_number(name)) != 0)
            names.push_back(name);
    // Another user than root has them at its reach only: a program with file
    // capabilities may take them.
    Words none;
    return {{"bounding", names},
            {"effective", is_root ? names : none},
            {"permitted", is_root ? names : none},
            {"inheritable", none}};
}

ordered_json container_spec(const ContainerRecord& record,
                            const SpecParts& parts) {
    ordered_json spec = {
        {"ociVersion", "1.2.0"},
        {"process", process_json(record, parts)},
        {"root",
         {{"path", "rootfs"}, {"readonly", record.host.read_only_root}}},
        {"mounts", all_mounts(record, parts)},
        {"linux", linux_json(record, parts)}};
    if (record.host.uts_mode != "host") {
        spec["hostname"] = record.hostname;
        if (!record.domainname.empty()) spec["domainname"] = record.domainname;
    }
    if (!record.host.annotations.empty())
        spec["annotations"] = record.host.annotations;
    return spec;
}

}  // namespace slipway
