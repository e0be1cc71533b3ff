#include "06-engine/engine/about.hpp"

#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "03-cgroups/layout.hpp"
#include "04-images/image_store.hpp"
#include "06-engine/engine/containers.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t largest_file = 1 << 20;

std::string text_of(const std::string& path) {
    try {
        return read_file(path, largest_file);
    } catch (const Error&) {
        return {};
    }
}

// os-release(5): NAME="value"
std::string os_release(const std::string& key) {
    std::string start = key + "=";
    for (std::string line : split(text_of("/etc/os-release"), '\n')) {
        if (!line.starts_with(start)) continue;
        line.erase(0, start.size());
        std::erase(line, '"');
        return line;
    }
    return {};
}

std::string file_system_of(const std::string& path) {
    struct statfs info {};
    if (::statfs(path.c_str(), &info) != 0) return "unknown";
    switch (static_cast<unsigned long>(info.f_type)) {
        case 0xef53:
            return "extfs";
        case 0x58465342:
            return "xfs";
        case 0x9123683e:
            return "btrfs";
        case 0x01021994:
            return "tmpfs";
        case 0x794c7630:
            return "overlayfs";
        case 0x2fc12fc1:
            return "zfs";
        default:
            return "unknown";
    }
}

void count_containers(ordered_json& info, const Engine& engine) {
    std::size_t running = 0, paused = 0, stopped = 0;
    for (const KnownContainer& each : known_containers(engine)) {
        const std::string& status = each.status.status;
        (status == "paused"                              ? paused
         : status == "running" || status == "restarting" ? running
                                                         : stopped)++;
    }
    info["Containers"] = running + paused + stopped;
    info["ContainersRunning"] = running;
    info["ContainersPaused"] = paused;
    info["ContainersStopped"] = stopped;
}

void add_limits(ordered_json& info, const CgroupLayout& layout) {
    for (auto [field, controller] : {std::pair{"MemoryLimit", "memory"},
                                     {"SwapLimit", "memory"},
                                     {"CpuCfsPeriod", "cpu"},
                                     {"CpuCfsQuota", "cpu"},
                                     {"CPUShares", "cpu"},
                                     {"CPUSet", "cpuset"},
                                     {"PidsLimit", "pids"}})
        info[field] = layout.version_of(controller) != 0;
}

std::uint64_t memory_of_machine() {
    return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void add_machine(ordered_json& info) {
    utsname names{};
    ::uname(&names);
    info["KernelVersion"] = names.release;
    info["OperatingSystem"] = os_release("PRETTY_NAME");
    info["OSVersion"] = os_release("VERSION_ID");
    info["OSType"] = "linux";
    info["Architecture"] = names.machine;
    info["NCPU"] = ::sysconf(_SC_NPROCESSORS_ONLN);
    info["MemTotal"] = memory_of_machine();
    info["Name"] = names.nodename;
}

}  // namespace

namespace {

// Pairs in a list: brackets alone would make an object of them.
ordered_json driver_status(const Engine& engine) {
    ordered_json list = ordered_json::array();
    auto add = [&](const char* name, const std::string& value) {
        list.push_back(ordered_json::array({name, value}));
    };
    add("Backing Filesystem", file_system_of(engine.root));
    add("Supports d_type", "true");
    add("Native Overlay Diff", "true");
    add("userxattr", engine.user_xattr ? "true" : "false");
    return list;
}

}  // namespace

ordered_json engine_info(const Engine& engine) {
    ordered_json info;
    CgroupLayout layout = read_cgroup_layout();
    info["ID"] = "";
    count_containers(info, engine);
    info["Images"] = list_images(ImageStore(engine.root).content).size();
    info["Driver"] = "overlay2";
    info["DriverStatus"] = driver_status(engine);
    info["Plugins"] = {{"Volume", {"local"}},
                       {"Network", {"bridge", "host", "null"}},
                       {"Authorization", nullptr},
                       {"Log", {"json-file", "local", "none"}}};
    add_limits(info, layout);
    info["IPv4Forwarding"] =
        text_of("/proc/sys/net/ipv4/ip_forward").starts_with('1');
    info["Debug"] = false;
    info["OomKillDisable"] = layout.version_of("memory") == 1;
    info["SystemTime"] = now_text();
    info["LoggingDriver"] = "json-file";
    info["CgroupDriver"] = "cgroupfs";
    info["CgroupVersion"] = layout.version_of("memory") == 1 ? "1" : "2";
    add_machine(info);
    info["IndexServerAddress"] = "https://index.docker.io/v1/";
    info["DockerRootDir"] = engine.root;
    info["Labels"] = ordered_json::array();
    info["ExperimentalBuild"] = false;
    info["ServerVersion"] = SLIPWAY_VERSION;
    info["Runtimes"] = {{"slipway-oci", {{"path", "slipway-oci"}}}};
    info["DefaultRuntime"] = "slipway-oci";
    info["Swarm"] = {{"LocalNodeState", "inactive"}};
    info["LiveRestoreEnabled"] = true;  // nothing runs that could end
    info["Isolation"] = "";
    info["InitBinary"] = "slipway";
    info["SecurityOptions"] = {"name=seccomp,profile=builtin"};
    if (layout.version_of("memory") == 2)
        info["SecurityOptions"].push_back("name=cgroupns");
    if (engine.user_xattr) info["SecurityOptions"].push_back("name=rootless");
    info["Warnings"] = nullptr;
    info["StateDir"] = engine.state;  // not Docker's
    info["ClientInfo"] = {{"Debug", false},
                          {"Version", SLIPWAY_VERSION},
                          {"Context", "default"},
                          {"Plugins", ordered_json::array()},
                          {"Warnings", nullptr}};
    return info;
}

ordered_json engine_version() {
    utsname names{};
    ::uname(&names);
    std::string machine = names.machine;
    // Go's names.
    std::string arch = machine == "x86_64"    ? "amd64"
                       : machine == "aarch64" ? "arm64"
                                              : machine;
    ordered_json client = {{"Version", SLIPWAY_VERSION},
                           {"ApiVersion", api_version},
                           {"DefaultAPIVersion", api_version},
                           {"GitCommit", ""},
                           {"GoVersion", ""},
                           {"Os", "linux"},
                           {"Arch", arch},
                           {"BuildTime", ""},
                           {"Context", "default"}};
    ordered_json server = {
        {"Platform", {{"Name", "Slipway, without a daemon"}}},
        {"Components",
         ordered_json::array(
             {{{"Name", "Engine"}, {"Version", SLIPWAY_VERSION}},
              {{"Name", "slipway-oci"}, {"Version", SLIPWAY_VERSION}}})},
        {"Version", SLIPWAY_VERSION},
        {"ApiVersion", api_version},
        {"MinAPIVersion", "1.24"},
        {"GitCommit", ""},
        {"GoVersion", ""},
        {"Os", "linux"},
        {"Arch", arch},
        {"KernelVersion", names.release},
        {"BuildTime", ""}};
    return {{"Client", client}, {"Server", server}};
}

}  // namespace slipway
