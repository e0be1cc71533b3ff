// features and spec: what this runtime can do, and an example to begin with.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include <nlohmann/json.hpp>

#include "02-namespaces/namespaces.hpp"
#include "06-engine/oci/verb.hpp"
#include "06-engine/oci/verbs.hpp"
#include "06-engine/runtime/mount_options.hpp"
#include "06-engine/security/capabilities.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

// OCI runtime specification, features.md and features-linux.md.
ordered_json features() {
    ordered_json namespaces = ordered_json::array();
    for (const NamespaceKind& kind : namespace_kinds()) {
        std::string name = kind.name;
        if (name == "mnt") name = "mount";
        if (name == "net") name = "network";
        namespaces.push_back(name);
    }
    return {
        {"ociVersionMin", "1.0.0"},
        {"ociVersionMax", "1.2.0"},
        {"hooks",
         {"prestart", "createRuntime", "createContainer", "startContainer",
          "poststart", "poststop"}},
        {"mountOptions", known_mount_options()},
        {"linux",
         {{"namespaces", namespaces},
          {"capabilities", capability_names()},
          {"cgroup",
           {{"v1", true},
            {"v2", true},
            {"systemd", false},
            {"systemdUser", false},
            {"rdma", true}}},
          {"seccomp",
           {{"enabled", true},
            {"actions",
             {"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL",
              "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
              "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP"}},
            {"operators",
             {"SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE",
              "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"}}}},
          {"apparmor", {{"enabled", false}}},
          {"selinux", {{"enabled", false}}},
          {"intelRdt", {{"enabled", false}}},
          {"mountExtensions", {{"idmap", {{"enabled", true}}}}}}}};
}

ordered_json mount_entry(const char* destination, const char* type,
                         const char* source, std::vector<std::string> options) {
    return {{"destination", destination},
            {"type", type},
            {"source", source},
            {"options", std::move(options)}};
}

ordered_json example_mounts() {
    return {
        mount_entry("/proc", "proc", "proc", {}),
        mount_entry("/dev", "tmpfs", "tmpfs",
                    {"nosuid", "strictatime", "mode=755", "size=65536k"}),
        mount_entry("/dev/pts", "devpts", "devpts",
                    {"nosuid", "noexec", "newinstance", "ptmxmode=0666",
                     "mode=0620", "gid=5"}),
        mount_entry("/dev/shm", "tmpfs", "shm",
                    {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
        mount_entry("/dev/mqueue", "mqueue", "mqueue",
                    {"nosuid", "noexec", "nodev"}),
        mount_entry("/sys", "sysfs", "sysfs",
                    {"nosuid", "noexec", "nodev", "ro"}),
        mount_entry("/sys/fs/cgroup", "cgroup", "cgroup",
                    {"nosuid", "noexec", "nodev", "relatime", "ro"})};
}

ordered_json example(bool rootless) {
    std::vector<std::string> few = {"CAP_AUDIT_WRITE", "CAP_KILL",
                                    "CAP_NET_BIND_SERVICE"};
    ordered_json spec = {
        {"ociVersion", "1.0.2"},
        {"process",
         {{"terminal", true},
          {"user", {{"uid", 0}, {"gid", 0}}},
          {"args", {"sh"}},
          {"env",
           {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "TERM=xterm"}},
          {"cwd", "/"},
          {"capabilities",
           {{"bounding", few}, {"effective", few}, {"permitted", few}}},
          {"rlimits",
           {{{"type", "RLIMIT_NOFILE"}, {"hard", 1024}, {"soft", 1024}}}},
          {"noNewPrivileges", true}}},
        {"root", {{"path", "rootfs"}, {"readonly", true}}},
        {"hostname", "slipway"},
        {"mounts", example_mounts()},
        {"linux",
         {{"resources", {{"devices", {{{"allow", false}, {"access", "rwm"}}}}}},
          {"namespaces",
           {{{"type", "pid"}},
            {{"type", "network"}},
            {{"type", "ipc"}},
            {{"type", "uts"}},
            {{"type", "mount"}},
            {{"type", "cgroup"}}}},
          {"maskedPaths",
           {"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
            "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
            "/proc/sched_debug", "/sys/firmware", "/proc/scsi"}},
          {"readonlyPaths",
           {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
            "/proc/sysrq-trigger"}}}}};
    if (!rootless) return spec;
    ordered_json& own = spec["linux"];
    own.erase("resources");
    own["namespaces"].push_back({{"type", "user"}});
    own["uidMappings"] = {
        {{"containerID", 0}, {"hostID", ::geteuid()}, {"size", 1}}};
    own["gidMappings"] = {
        {{"containerID", 0}, {"hostID", ::getegid()}, {"size", 1}}};
    // Group 5, the terminals', has no id in such a map.
    spec["mounts"][2]["options"].erase(5);
    return spec;
}

}  // namespace

Verb features_verb() {
    return {"features", "", "Print what this runtime can do, as JSON.",
            [](CommandLine&) {},
            [](auto&) {
                std::puts(features().dump(4).c_str());
                return 0;
            }};
}

Verb spec_verb() {
    auto bundle = std::make_shared<std::string>(".");
    auto rootless = std::make_shared<bool>(false);
    return {"spec", "[OPTION...]", "Write an example config.json.",
            [=](CommandLine& line) {
                line.value("-b,--bundle", "DIR", "into this folder",
                           [bundle](auto& value) { *bundle = value; });
                line.flag("--rootless", "for a user without rights", *rootless);
            },
            [=](auto&) {
                std::string path = *bundle + "/config.json";
                if (::access(path.c_str(), F_OK) == 0)
                    throw Error(ErrorKind::Conflict,
                                cat(path, " is there already"))
                        .advise("remove it first, if it may go")
                        .exit_with(1);
                write_file_atomic(path, example(*rootless).dump(4) + "\n");
                return 0;
            }};
}

}  // namespace slipway
