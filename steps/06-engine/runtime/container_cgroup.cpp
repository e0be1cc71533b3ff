#include "06-engine/runtime/container_cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "02-namespaces/id_map.hpp"
#include "03-cgroups/control.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::string parent_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}
std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::optional<CgroupFolder> open_group(int version, const std::string& path) {
    return open_cgroup_folder(version, parent_of(path), name_of(path));
}

// A path from config.json: ".." would leave the tree.
std::string plain_path(const std::string& path) {
    std::string plain;
    for (const std::string& part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == "..")
            throw Error(ErrorKind::InvalidArgument,
                        cat("linux.cgroupsPath: ", quote(path), " has .."));
        plain += "/" + part;
    }
    return plain;
}

// In v2 the group above decides which controllers its children have. What it
// does not give is missed when a limit needs it.
void give_controllers(const CgroupFolder& folder) {
    std::string all = folder.read("cgroup.controllers").value_or("");
    std::string given = folder.read("cgroup.subtree_control").value_or("");
    for (const std::string& name : split(all.substr(0, all.find('\n')), ' ')) {
        if (name.empty() || given.find(name) != std::string::npos) continue;
        try {
            folder.write("its children have this controller from here on",
                         "cgroup.subtree_control", "+" + name);
        } catch (const Error&) {
            // processes in it, or nothing to give: see above
        }
    }
}

// Empty: it is there already.
std::optional<CgroupFolder> make_missing(int version, const std::string& path) {
    try {
        return make_cgroup_folder(version, parent_of(path), name_of(path));
    } catch (const Error& error) {
        if (error.system_errno() != EEXIST) throw;
    }
    return std::nullopt;
}

// On a folder above that one of us has made. Whoever is the last one below it
// takes it away, which need not be its maker.
constexpr const char* mark = "user.slipway.above";

// A folder above: made if it is missing.
void make_above(int version, const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        make_above(version, parent_of(path));
        if (make_missing(version, path))
            ::setxattr(path.c_str(), mark, "1", 1, 0);  // else its maker's note
    }
    if (version != 2) return;
    if (auto folder = open_group(version, path)) give_controllers(*folder);
}

void add_processes(const std::string& path, std::vector<pid_t>& pids) {
    auto folder = open_group(1, path);
    if (!folder) return;
    for (const std::string& line :
         split(folder->read("cgroup.procs").value_or(""), '\n'))
        if (auto pid = parse_unsigned(line, INT32_MAX); pid && *pid > 0)
            pids.push_back(static_cast<pid_t>(*pid));
}

std::vector<pid_t> processes_below(const std::string& path) {
    std::vector<pid_t> pids;
    add_processes(path, pids);
    std::error_code gone;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(path, gone))
        if (entry.is_directory(gone)) add_processes(entry.path(), pids);
    return pids;
}

CgroupFolder make_one(const CgroupPath& place, std::vector<CgroupPath>& made) {
    const auto& [version, path] = place;
    make_above(version, parent_of(path));
    if (auto folder = make_missing(version, path)) {
        made.push_back(place);
        return std::move(*folder);
    }
    refuse_used_cgroups({place});
    auto known = open_group(version, path);
    if (!known) throw_errno(errno, cat("open ", path));
    return std::move(*known);
}

// The end of another container may take away what is above before ours is in
// it: then once more.
CgroupFolder make_in_time(const CgroupPath& place,
                          std::vector<CgroupPath>& made) {
    for (int tries = 100;; --tries) try {
            return make_one(place, made);
        } catch (const Error& error) {
            if (error.system_errno() != ENOENT || tries == 0) throw;
        }
}

// The v1 freezer does not tell when it is done: it is asked again at once,
// which is when the kernel goes on freezing.
void freeze_v1(const CgroupFolder& folder, bool frozen) {
    std::string state = frozen ? "FROZEN" : "THAWED";
    do {
        folder.write(frozen ? "all stop where they are" : "all go on",
                     "freezer.state", state);
    } while (folder.read("freezer.state").value_or(state) != state + "\n");
}

}  // namespace

std::vector<CgroupPath> place_cgroups(const CgroupLayout& layout,
                                      const std::string& cgroups_path,
                                      const std::string& id) {
    std::vector<CgroupPath> paths;
    std::string name =
        cgroups_path.empty() ? "/slipway-" + id : plain_path(cgroups_path);
    if (name.empty())
        throw Error(ErrorKind::InvalidArgument,
                    "linux.cgroupsPath is the top of the tree");
    for (const CgroupHierarchy& tree : layout.hierarchies) {
        std::optional<std::string> place = tree.mount_point;
        if (!cgroups_path.starts_with('/')) place = find_place(tree);
        if (place) paths.push_back({tree.version, *place + name});
    }
    return paths;
}

std::vector<CgroupPath> missing_above(const std::vector<CgroupPath>& paths) {
    std::vector<CgroupPath> missing;
    for (const auto& [version, path] : paths) {
        std::vector<CgroupPath> chain;
        struct stat info {};
        for (std::string above = parent_of(path);
             !above.empty() && ::stat(above.c_str(), &info) != 0;
             above = parent_of(above))
            chain.push_back({version, above});
        missing.insert(missing.end(), chain.rbegin(), chain.rend());
    }
    return missing;
}

bool is_host_root() {
    return ::geteuid() == 0 && !in_user_namespace();
}

void refuse_used_cgroups(const std::vector<CgroupPath>& paths) {
    for (const CgroupPath& each : paths)
        if (::access(each.path.c_str(), F_OK) == 0 &&
            !processes_below(each.path).empty())
            throw Error(ErrorKind::Conflict,
                        cat("cgroup ", each.path, " has processes already"))
                .advise("another container uses it: give each its cgroupsPath");
}

std::vector<CgroupFolder> make_cgroups(const std::vector<CgroupPath>& paths,
                                       int version,
                                       std::vector<CgroupPath>& made) {
    std::vector<CgroupFolder> folders;
    for (const CgroupPath& path : paths) {
        if (path.version != version) continue;
        try {
            folders.push_back(make_in_time(path, made));
        } catch (const Error& error) {
            // Not root, and nobody has delegated one: limits will be missed.
            if (error.kind() != ErrorKind::Forbidden || is_host_root()) throw;
        }
    }
    return folders;
}

std::vector<CgroupFolder> open_cgroups(const std::vector<CgroupPath>& paths) {
    std::vector<CgroupFolder> folders;
    for (const CgroupPath& each : paths)
        if (auto folder = open_group(each.version, each.path))
            folders.push_back(std::move(*folder));
    return folders;
}

void join_cgroups(const std::vector<CgroupPath>& paths) {
    // "tasks" and 0: see Cgroup::join().
    for (const CgroupPath& each : paths) {
        if (each.version != 1 ||
            try_act(Why{"v1: we go into one tree after the other"}, "write",
                    write_kernel_file, shown(AT_FDCWD, "AT_FDCWD"),
                    each.path + "/tasks", "0") == 0)
            continue;
        int error = errno;
        bool not_made = error == ENOENT && !is_host_root();
        if (!not_made) throw_errno(error, cat("join cgroup ", each.path));
    }
}

UniqueFd open_unified(const std::vector<CgroupPath>& paths) {
    for (const CgroupPath& each : paths)
        if (each.version == 2)
            return UniqueFd(
                ::open(each.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return {};
}

std::vector<pid_t> processes_of(const std::vector<CgroupFolder>& folders) {
    if (folders.empty()) return {};
    return processes_below(folders[0].path);
}

void freeze(const std::vector<CgroupFolder>& folders, bool frozen) {
    for (const CgroupFolder& folder : folders) {
        if (folder.version == 2 && folder.has("cgroup.freeze"))
            return freeze_cgroup(folder, frozen);
        if (folder.version == 1 && folder.has("freezer.state"))
            return freeze_v1(folder, frozen);
    }
    throw Error(ErrorKind::Unsupported,
                "pause needs a control group that can freeze")
        .advise("mount a cgroup2 tree, or the freezer controller of v1");
}

bool is_frozen(const std::vector<CgroupPath>& paths) {
    constexpr std::size_t longest = 64;
    // A v1 tree is mostly named after what it has: the others need no look.
    auto is_named = [](const CgroupPath& path) {
        return path.version == 1 && path.path.find("freezer") != path.path.npos;
    };
    bool named = std::any_of(paths.begin(), paths.end(), is_named);
    for (const CgroupPath& path : paths) {
        if (named && path.version == 1 && !is_named(path)) continue;
        const char* name =
            path.version == 2 ? "/cgroup.freeze" : "/freezer.state";
        UniqueFd file(::open((path.path + name).c_str(), O_RDONLY | O_CLOEXEC));
        if (!file) continue;
        std::string text = read_all(file.get(), longest);
        if (path.version == 2 ? text.starts_with("1") : !text.starts_with("T"))
            return true;
    }
    return false;
}

namespace {

void remove_marked_above(const std::string& path) {
    std::string above = parent_of(path);
    while (::getxattr(above.c_str(), mark, nullptr, 0) >= 0 &&
           ::rmdir(above.c_str()) == 0)
        above = parent_of(above);
}

}  // namespace

void remove_cgroups(const std::vector<CgroupPath>& paths,
                    const std::vector<CgroupPath>& made_above) {
    // Mostly nobody is in it any more.
    std::vector<CgroupPath> left;
    for (const CgroupPath& each : paths)
        if (try_act(Why{"the container has ended"}, "rmdir", ::rmdir,
                    each.path) != 0 &&
            errno != ENOENT)
            left.push_back(each);
    std::vector<CgroupFolder> folders = open_cgroups(left);
    // The tree that can kill in one stroke first.
    std::stable_sort(folders.begin(), folders.end(),
                     [](auto& a, auto& b) { return a.version > b.version; });
    if (is_frozen(left)) freeze(folders, false);  // or nobody dies
    for (const CgroupFolder& folder : folders) {
        kill_cgroup(folder);
        remove_cgroup_folder(folder);
    }
    for (auto above = made_above.rbegin(); above != made_above.rend(); ++above)
        ::rmdir(above->path.c_str());  // others may use it by now
    for (const CgroupPath& each : paths) remove_marked_above(each.path);
}

}  // namespace slipway
