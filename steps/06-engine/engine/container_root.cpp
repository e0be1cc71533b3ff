#include "06-engine/engine/container_root.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "04-images/restore_layers.hpp"
#include "06-engine/engine/host_devices.hpp"
#include "06-engine/engine/volumes.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"

namespace slipway {

namespace {

// The kernel's mark that a volatile overlay may have lost writes. We end a
// container before the machine ends, or remove it.
void forget_volatile(const std::string& work) {
    std::error_code missing;  // the kernel clears its work folder itself
    std::filesystem::remove_all(work + "/work/incompat/volatile", missing);
}

void check_source(const MountRequest& mount) {
    struct stat info {};
    if (::stat(mount.source.c_str(), &info) == 0) return;
    if (errno != ENOENT) throw_errno(errno, cat("look at ", mount.source));
    std::filesystem::path source(mount.source);
    std::vector<std::string> beside;
    std::error_code missing;
    for (const auto& entry :
         std::filesystem::directory_iterator(source.parent_path(), missing))
        beside.push_back(entry.path().filename().string());
    std::string near = nearest(source.filename().string(), beside);
    if (mount.create_source && near.empty()) {
        std::filesystem::create_directories(source);
        return;
    }
    Error error(ErrorKind::NotFound,
                cat("bind source path does not exist: ", mount.source));
    error.set_advice(near.empty()
                         ? cat("make it first: mkdir -p ", mount.source)
                         : cat("did you mean ",
                               (source.parent_path() / near).string(), "?"));
    throw error;
}

std::vector<std::string> bind_options(const MountRequest& mount) {
    // Recursive, and read-only all the way down unless somebody wants less.
    bool flat = mount.recursive == "disabled";
    std::vector<std::string> options = {flat ? "bind" : "rbind"};
    if (mount.read_only)
        options.emplace_back(flat || mount.recursive == "writable" ? "ro"
                                                                   : "rro");
    options.push_back(mount.propagation.empty() ? "rprivate"
                                                : mount.propagation);
    return options;
}

SpecMount bind_of(const MountRequest& mount) {
    check_source(mount);
    return {mount.target, "bind", mount.source, bind_options(mount),
            mount.match_user};
}

SpecMount tmpfs_of(const MountRequest& mount) {
    std::vector<std::string> options = {"nosuid", "nodev"};
    bool has_exec = false;
    for (const std::string& option : mount.tmpfs_options) {
        options.push_back(option);
        has_exec = has_exec || option == "exec";
    }
    if (!has_exec) options.insert(options.begin() + 2, "noexec");
    if (mount.tmpfs_size != 0)
        options.push_back(cat("size=", mount.tmpfs_size));
    if (mount.tmpfs_mode) {
        char octal[16];
        std::snprintf(octal, sizeof octal, "mode=%o", *mount.tmpfs_mode);
        options.emplace_back(octal);
    }
    if (mount.read_only) options.emplace_back("ro");
    return {mount.target, "tmpfs", "tmpfs", options};
}

// A path below a volume, which somebody else may have filled with links.
std::string path_below(const std::string& folder, const std::string& subpath) {
    if (subpath.empty()) return folder;
    UniqueFd top(check(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
                       "open ", folder));
    UniqueFd below = open_in_root(top.get(), subpath, O_PATH);
    std::string link = cat("/proc/self/fd/", below.get());
    return std::filesystem::read_symlink(link).string();
}

SpecMount volume_of(const Engine& engine, const MountRequest& mount, int root) {
    Volume volume = read_volume(engine, mount.source);
    if (!mount.no_copy) fill_volume(volume, root, mount.target);
    MountRequest bind = mount;
    bind.source = path_below(volume.folder, mount.subpath);
    return {mount.target, "bind", bind.source, bind_options(bind),
            mount.match_user};
}

// The files that tell a container of its network. Somebody who mounts something
// else there gets that.
void add_own_files(const Engine& engine, const ContainerRecord& record,
                   std::vector<SpecMount>& mounts) {
    std::string folder = engine.folder_of(record.id);
    for (const char* name : {"resolv.conf", "hostname", "hosts"}) {
        std::string source = cat(folder, "/", name), place = cat("/etc/", name);
        bool taken = std::any_of(mounts.begin(), mounts.end(), [&](auto& each) {
            return each.destination == place;
        });
        if (taken || ::access(source.c_str(), F_OK) != 0) continue;
        mounts.push_back(
            {place,
             "bind",
             source,
             {"rbind", "rprivate", record.host.read_only_root ? "ro" : "rw"}});
    }
    if (record.host.init)
        mounts.push_back({init_path,
                          "bind",
                          program_beside("slipway-init"),
                          {"bind", "ro", "rprivate"}});
}

}  // namespace

OverlayPlan container_overlay(const Engine& engine, const Snapshots& snapshots,
                              const ContainerRecord& record) {
    OverlayPlan plan;
    for (const Digest& layer : record.layers)
        plan.lower.push_back(snapshots.path(layer));
    plan.lower.push_back(engine.init_layer());
    std::string folder = engine.folder_of(record.id);
    plan.upper = folder + "/upper";
    plan.work = folder + "/work";
    plan.user_xattr = engine.user_xattr;
    plan.is_volatile = record.host.auto_remove;
    return plan;
}

void restore_layers(const ImageStore& images, const ContainerRecord& record) {
    restore_layers(images, record.layers, Digest::parse(record.image_manifest),
                   "slipway-transfer");
}

ContainerRoot mount_root(const Engine& engine, const ImageStore& images,
                         const ContainerRecord& record) {
    ContainerRoot root;
    restore_layers(images, record);
    for (const Digest& layer : record.layers)
        root.layers.push_back(images.snapshots.use(layer));
    OverlayPlan plan = container_overlay(engine, images.snapshots, record);
    if (plan.is_volatile) forget_volatile(plan.work);
    root.mount = make_overlay(plan);
    root.folder.reset(check(
        ::openat(root.mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        "open the root filesystem"));
    return root;
}

std::vector<SpecMount> container_mounts(const Engine& engine,
                                        const ContainerRecord& record,
                                        int root) {
    std::vector<SpecMount> mounts;
    for (const MountRequest& mount : record.host.mounts)
        with_context(cat("mount on ", mount.target), [&] {
            if (mount.type == "bind")
                mounts.push_back(bind_of(mount));
            else if (mount.type == "tmpfs")
                mounts.push_back(tmpfs_of(mount));
            else if (mount.type == "volume")
                mounts.push_back(volume_of(engine, mount, root));
            else
                throw Error(ErrorKind::Unsupported,
                            cat("mounts of type ", quote(mount.type)))
                    .advise("bind, volume and tmpfs are there");
        });
    add_own_files(engine, record, mounts);
    // What is mounted first must not cover what comes later.
    std::stable_sort(mounts.begin(), mounts.end(),
                     [](const SpecMount& a, const SpecMount& b) {
                         auto depth = [](const std::string& path) {
                             return std::count(path.begin(), path.end(), '/');
                         };
                         return depth(a.destination) < depth(b.destination);
                     });
    return mounts;
}

}  // namespace slipway
