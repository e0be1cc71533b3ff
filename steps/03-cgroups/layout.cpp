#include "03-cgroups/layout.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_table = 16 << 20;

//@ begin mount-line
struct CgroupMount {
    int version;
    std::string root;  // which group of the tree is mounted here
    std::string mount_point;
    std::vector<std::string> options;  // v1: its controllers are among them
};

// 36 35 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
std::optional<CgroupMount> parse_mount(std::string_view line) {
    std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) return std::nullopt;
    std::vector<std::string> where = split(line.substr(0, dash), ' ');
    std::vector<std::string> what = split(line.substr(dash + 3), ' ');
    if (where.size() < 6 || what.size() < 3) return std::nullopt;
    if (what[0] != "cgroup" && what[0] != "cgroup2") return std::nullopt;
    return CgroupMount{what[0] == "cgroup" ? 1 : 2, unescape_octal(where[3]),
                       unescape_octal(where[4]), split(what[2], ',')};
}
//@ end mount-line

//@ begin own-folder
// Our own group is named from the top of the tree; what is mounted may begin
// further down.
std::string own_folder(const CgroupMount& mount, const std::string& own) {
    std::string root = mount.root == "/" ? "" : mount.root;
    if (own == root || own == "/") return mount.mount_point;
    if (!own.starts_with(root + "/") || own.starts_with("/..")) return {};
    return mount.mount_point + own.substr(root.size());
}
//@ end own-folder

//@ begin own-groups
struct OwnGroup {
    std::vector<std::string> controllers;  // empty: v2
    std::string path;
};

// 4:memory:/user/1000
// 0::/user.slice
std::vector<OwnGroup> parse_own_groups(std::string_view text) {
    std::vector<OwnGroup> groups;
    for (const std::string& line : split(text, '\n')) {
        std::size_t first = line.find(':');
        std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        std::string names = line.substr(first + 1, second - first - 1);
        groups.push_back(
            {names.empty() ? std::vector<std::string>{} : split(names, ','),
             line.substr(second + 1)});
    }
    return groups;
}
//@ end own-groups

bool is_mounted_by(const OwnGroup& group, const CgroupMount& mount) {
    if (group.controllers.empty()) return mount.version == 2;
    return mount.version == 1 &&
           std::find(mount.options.begin(), mount.options.end(),
                     group.controllers[0]) != mount.options.end();
}

std::vector<std::string> offered_by(const std::string& mount_point) {
    std::string file = mount_point + "/cgroup.controllers";
    if (!std::filesystem::exists(file)) return {};
    std::string text = read_file(file, longest_table);
    if (text.ends_with('\n')) text.pop_back();
    return text.empty() ? std::vector<std::string>{} : split(text, ' ');
}

}  // namespace

//@ begin parse-layout
CgroupLayout parse_cgroup_layout(std::string_view mountinfo,
                                 std::string_view own_groups) {
    std::vector<OwnGroup> groups = parse_own_groups(own_groups);
    CgroupLayout layout;
    for (const std::string& line : split(mountinfo, '\n')) {
        std::optional<CgroupMount> mount = parse_mount(line);
        if (!mount) continue;
        auto group = std::find_if(groups.begin(), groups.end(), [&](auto& one) {
            return is_mounted_by(one, *mount);
        });
        if (group == groups.end()) continue;
        layout.hierarchies.push_back(
            {mount->version,
             mount->version == 1 ? group->controllers
                                 : offered_by(mount->mount_point),
             mount->mount_point, own_folder(*mount, group->path)});
        groups.erase(group);  // a tree that is mounted twice counts once
    }
    return layout;
}
//@ end parse-layout

CgroupLayout read_cgroup_layout() {
    return parse_cgroup_layout(read_file("/proc/self/mountinfo", longest_table),
                               read_file("/proc/self/cgroup", longest_table));
}

const CgroupHierarchy* CgroupLayout::find(std::string_view controller) const {
    for (const CgroupHierarchy& tree : hierarchies)
        if (std::find(tree.controllers.begin(), tree.controllers.end(),
                      controller) != tree.controllers.end())
            return &tree;
    return nullptr;
}

const CgroupHierarchy* CgroupLayout::unified() const {
    for (const CgroupHierarchy& tree : hierarchies)
        if (tree.version == 2) return &tree;
    return nullptr;
}

int CgroupLayout::version_of(std::string_view controller) const {
    const CgroupHierarchy* tree = find(controller);
    return tree ? tree->version : 0;
}

}  // namespace slipway
