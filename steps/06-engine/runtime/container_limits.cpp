#include "06-engine/runtime/container_limits.hpp"

#include <algorithm>
#include <filesystem>

#include "03-cgroups/apply.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

const CgroupFolder* folder_in(const std::vector<CgroupFolder>& folders,
                              const CgroupHierarchy& tree) {
    for (const CgroupFolder& folder : folders)
        if (folder.path.starts_with(tree.mount_point + "/")) return &folder;
    return nullptr;
}

// What every container has, whatever its rules say: OCI runtime specification,
// config-linux.md "Default Devices".
std::vector<DeviceRule> rules_with_defaults(std::vector<DeviceRule> rules) {
    for (const DeviceRule& rule : default_device_rules()) rules.push_back(rule);
    return rules;
}

bool is_raised(const CgroupFolder& folder, const CgroupSetting& setting) {
    const CgroupWrite& write = setting.any_of[0];
    std::string now = folder.read(write.file.c_str()).value_or("");
    auto has = parse_unsigned(now.substr(0, now.find('\n')), UINT64_MAX);
    auto wanted = parse_unsigned(write.value, UINT64_MAX);
    return has && wanted && *wanted > *has;
}

// v1 has at each moment: memory not above memory and swap together. So of a
// group that has limits already, a higher one of both is written first.
void order_memory(const std::vector<CgroupFolder>& folders,
                  const CgroupLayout& layout,
                  std::vector<CgroupSetting>& settings) {
    if (layout.version_of("memory") != 1) return;
    const CgroupFolder* folder = folder_in(folders, *layout.find("memory"));
    if (!folder) return;
    std::stable_partition(
        settings.begin(), settings.end(), [&](const CgroupSetting& setting) {
            return setting.any_of[0].file == "memory.memsw.limit_in_bytes" &&
                   is_raised(*folder, setting);
        });
}

// In v1 nobody may join an empty cpuset, and each begins so: those above it,
// too, if whoever made them has left it at that.
void fill_cpuset(const std::filesystem::path& path) {
    auto folder = open_cgroup_folder(1, path.parent_path(), path.filename());
    auto is_empty = [&](const char* file) {
        return folder->read(file) == "\n";
    };
    if (!folder || !(is_empty("cpuset.cpus") || is_empty("cpuset.mems")))
        return;
    fill_cpuset(path.parent_path());
    inherit_cpuset(*folder);
}

}  // namespace

void apply_resources(const std::vector<CgroupFolder>& folders,
                     const CgroupLayout& layout, const Resources& resources) {
    if (layout.version_of("cpuset") == 1)
        if (const CgroupFolder* folder =
                folder_in(folders, *layout.find("cpuset")))
            fill_cpuset(folder->path);
    std::vector<CgroupSetting> settings = settings_for(resources, layout);
    order_memory(folders, layout, settings);
    for (const CgroupSetting& setting : settings) {
        const CgroupHierarchy* tree = layout.find(setting.controller);
        if (!tree) tree = layout.unified();
        const CgroupFolder* folder = tree ? folder_in(folders, *tree) : nullptr;
        if (folder)
            apply_setting(*folder, setting);
        else if (!setting.optional)
            throw Error(
                ErrorKind::Forbidden,
                cat(setting.option, ": there is no control group to limit"))
                .advise("as root, or in a group that was delegated to you");
    }
}

void apply_device_rules(const std::vector<CgroupFolder>& folders,
                        const CgroupLayout& layout,
                        const std::vector<DeviceRule>& rules) {
    const CgroupHierarchy* tree = layout.find("devices");
    if (!tree) tree = layout.unified();
    const CgroupFolder* folder = tree ? folder_in(folders, *tree) : nullptr;
    if (!folder) return;
    try {
        apply_devices(*folder, rules_with_defaults(rules));
    } catch (const Error& error) {
        // A user may not: but a user's container has no devices to open that
        // the user could not open.
        if (is_host_root() || error.kind() != ErrorKind::Forbidden) throw;
    }
}

}  // namespace slipway
