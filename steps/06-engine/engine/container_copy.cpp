#include "06-engine/engine/container_copy.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "02-namespaces/mounts.hpp"
#include "04-images/image_store.hpp"
#include "06-engine/engine/exec_process.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/runtime/container_mounts.hpp"
#include "06-engine/runtime/copy_up.hpp"
#include "06-engine/runtime/mount_calls.hpp"
#include "06-engine/runtime/mount_options.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"

namespace slipway {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY;

// A name and the folder it is in, opened.
struct Located {
    UniqueFd parent;
    std::string name;  // "." for the root itself
    bool is_folder = false, exists = false;
    bool contents = false;  // it was written with "/." behind it
};

struct SplitPath {
    std::string parent, name;
    bool contents = false, wants_folder = false;
};
SplitPath split_path(std::string path) {
    SplitPath split;
    split.contents = path.ends_with("/.") || path == ".";
    split.wants_folder = split.contents || path.ends_with('/');
    while (path.size() > 1 && (path.ends_with('/') || path.ends_with("/.")))
        path.resize(path.size() - 1);
    std::size_t slash = path.rfind('/');
    split.parent = path.substr(0, slash + 1);
    split.name = path.substr(slash + 1);
    if (split.name.empty() || split.name == "..") {
        split.parent = path;
        split.name = ".";
    }
    if (split.parent.empty()) split.parent = "/";
    return split;
}

std::string path_text(const CopySide& side) {
    return quote(side.path);
}

UniqueFd open_at(const CopySide& side, const std::string& path, int flags) {
    if (side.is_container) return open_in_root(side.root.get(), path, flags);
    return UniqueFd(
        check(::open(path.c_str(), flags | O_CLOEXEC), "open ", path));
}

UniqueFd find_at(const CopySide& side, const std::string& path, int flags) {
    if (side.is_container) return find_in_root(side.root.get(), path, flags);
    UniqueFd found(::open(path.c_str(), flags | O_CLOEXEC));
    if (!found && errno != ENOENT && errno != ENOTDIR)
        throw_errno(errno, cat("open ", path));
    return found;
}

Located locate_source(const CopySide& side, bool follow) {
    SplitPath split = split_path(side.path);
    Located place;
    place.contents = split.contents;
    place.name = split.name;
    place.parent = find_at(side, split.parent, folder_flags);
    struct stat info {};
    if (!place.parent || ::fstatat(place.parent.get(), place.name.c_str(),
                                   &info, AT_SYMLINK_NOFOLLOW) != 0)
        throw Error(ErrorKind::NotFound,
                    cat("no such file or folder: ", path_text(side)));
    bool is_link = S_ISLNK(info.st_mode);
    if (is_link && (follow || split.wants_folder)) {
        UniqueFd target = open_at(side, side.path, O_PATH);
        char real[PATH_MAX];
        ssize_t size =
            check(::readlink(cat("/proc/self/fd/", target.get()).c_str(), real,
                             sizeof real - 1),
                  "read link");
        real[size] = '\0';
        check(::fstat(target.get(), &info), "look at ", side.path);
        if (S_ISDIR(info.st_mode)) {
            place.parent = open_at(side, side.path, folder_flags);
            place.name = ".";
        } else {
            // Its own folder, which is inside: it was found there.
            std::string name = real;
            std::string beside = split.parent;
            char link[PATH_MAX];
            ssize_t n = ::readlinkat(place.parent.get(), split.name.c_str(),
                                     link, sizeof link - 1);
            if (n > 0) {
                link[n] = '\0';
                CopySide next;
                next.is_container = side.is_container;
                next.root.reset(
                    side.root ? ::fcntl(side.root.get(), F_DUPFD_CLOEXEC, 3)
                              : -1);
                next.path = link[0] == '/' ? link : cat(beside, link);
                return locate_source(next, follow);
            }
        }
    }
    place.is_folder = S_ISDIR(info.st_mode);
    place.exists = true;
    if (split.wants_folder && !place.is_folder)
        throw Error(ErrorKind::InvalidArgument,
                    cat("not a directory: ", path_text(side)), ENOTDIR);
    return place;
}

// With Docker's words; otherwise it would be the kernel's, halfway through.
void refuse_read_only(const CopySide& side, const UniqueFd& place) {
    struct statvfs target {};
    check(::fstatvfs(place.get(), &target), "look at ", side.path);
    if (!side.is_container || (target.f_flag & ST_RDONLY) == 0) return;
    struct stat there {
    }, top{};
    check(::fstat(place.get(), &there), "look at ", side.path);
    check(::fstat(side.root.get(), &top), "look at the root");
    throw Error(ErrorKind::Forbidden,
                there.st_dev == top.st_dev
                    ? "container rootfs is marked read-only"
                    : "mounted volume is marked read-only",
                EROFS);
}

Located find_target(const CopySide& side) {
    SplitPath split = split_path(side.path);
    Located place;
    place.name = split.name;
    if (UniqueFd folder = find_at(side, side.path, folder_flags)) {
        place.parent = std::move(folder);
        place.exists = place.is_folder = true;
        return place;
    }
    place.parent = find_at(side, split.parent, folder_flags);
    if (!place.parent)
        throw Error(ErrorKind::NotFound,
                    cat("no such folder: ", quote(split.parent)))
            .advise("the folder must be there; cp makes none above");
    struct stat info {};
    place.exists = ::fstatat(place.parent.get(), place.name.c_str(), &info,
                             AT_SYMLINK_NOFOLLOW) == 0;
    if (split.wants_folder && place.exists)
        throw Error(ErrorKind::Conflict,
                    cat("not a directory: ", path_text(side)), ENOTDIR);
    place.contents = split.wants_folder;
    return place;
}

Located locate_target(const CopySide& side) {
    Located place = find_target(side);
    // A file may be a mount of its own.
    UniqueFd file;
    if (place.exists && !place.is_folder)
        file.reset(::openat(place.parent.get(), place.name.c_str(),
                            O_PATH | O_NOFOLLOW | O_CLOEXEC));
    refuse_read_only(side, file ? file : place.parent);
    return place;
}

std::string base_name(const CopySide& side) {
    std::string name = split_path(side.path).name;
    return name == "." ? "" : name;
}

// Where its root hangs meanwhile. Nobody looks in there by its path; and not
// over "/", whose ".." would lead into it.
UniqueFd open_hook(const Engine& engine, const std::string& id) {
    std::string path = engine.folder_of(id) + "/work";
    return UniqueFd(check(
        ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "open ", path));
}

// Its overlay, with its binds and volumes on it. A tmpfs is empty until it
// runs.
ContainerRoot mount_for_copy(const Engine& engine,
                             const ContainerRecord& record) {
    ContainerRoot root = mount_root(engine, ImageStore(engine.root), record);
    std::vector<MountSpec> binds;
    for (const SpecMount& each :
         container_mounts(engine, record, root.folder.get()))
        if (each.type == "bind")
            binds.push_back({each.destination,
                             each.source,
                             each.type,
                             parse_mount_options(each.options),
                             {},
                             {}});
    act(Why{"the container's mounts, for this command alone"}, "unshare",
        ::unshare, shown(CLONE_NEWNS, "CLONE_NEWNS"));
    make_mounts_private();
    attach_mount("what is mounted below it must hang somewhere", root.mount,
                 open_hook(engine, record.id).get(), "work");
    mount_binds(root.mount.get(), binds);
    if (record.host.read_only_root)
        change_mount("it was asked to be read-only", root.mount.get(),
                     {.set = MOUNT_ATTR_RDONLY});
    return root;
}

bool is_running(const Engine& engine, const std::string& id) {
    return phase_of(engine, id, read_run(engine, id)) == Phase::Running;
}

}  // namespace

CopySide container_side(const Engine& engine, const std::string& id,
                        const std::string& path) {
    CopySide side;
    side.is_container = true;
    side.path = path.starts_with('/') ? path : cat("/", path);
    if (!is_running(engine, id)) side.lock.emplace(engine, id);
    if (!side.lock || is_running(engine, id)) {
        side.lock.reset();
        side.root = open_running_root(engine, id);
        return side;
    }
    side.mounted = mount_for_copy(engine, read_container(engine, id));
    side.root = std::move(side.mounted.folder);
    return side;
}

CopySide host_side(const std::string& path) {
    CopySide side;
    char folder[PATH_MAX];
    if (path.starts_with('/'))
        side.path = path;
    else if (::getcwd(folder, sizeof folder))
        side.path = cat(folder, "/", path);
    else
        throw_errno(errno, "the working directory");
    return side;
}

void copy_between(const CopySide& from, const CopySide& to,
                  const CopyRequest& request) {
    Located source = locate_source(from, request.follow_link);
    Located target = locate_target(to);
    CopyOptions options;
    options.replace = true;
    if (!request.keep_owner) {
        options.uid = to.is_container ? 0 : ::geteuid();
        options.gid = to.is_container ? 0 : ::getegid();
    }
    if (source.is_folder && (source.contents || source.name == ".")) {
        UniqueFd folder(check(::openat(source.parent.get(), source.name.c_str(),
                                       folder_flags | O_NOFOLLOW | O_CLOEXEC),
                              "open ", from.path));
        std::string name = base_name(from);
        if (!target.is_folder) {
            check(::mkdirat(target.parent.get(), target.name.c_str(), 0755),
                  "create ", to.path);
            UniqueFd made(
                check(::openat(target.parent.get(), target.name.c_str(),
                               folder_flags | O_NOFOLLOW | O_CLOEXEC),
                      "open ", to.path));
            return copy_up(folder.get(), made.get(), options);
        }
        if (source.contents || name.empty())
            return copy_up(folder.get(), target.parent.get(), options);
    }
    if (target.is_folder)
        return copy_entry(source.parent.get(), source.name.c_str(),
                          target.parent.get(),
                          base_name(from).empty() ? source.name.c_str()
                                                  : base_name(from).c_str(),
                          options);
    if (target.contents && !source.is_folder)  // "new/" is no file's name
        throw Error(ErrorKind::NotFound,
                    cat("no such directory: ", path_text(to)));
    if (source.is_folder && target.exists)
        throw Error(
            ErrorKind::Conflict,
            cat("cannot copy a directory onto a file: ", path_text(to)));
    copy_entry(source.parent.get(), source.name.c_str(), target.parent.get(),
               target.name.c_str(), options);
}

UniqueFd container_tree(const Engine& engine, const std::string& id) {
    ContainerRecord record = read_container(engine, id);
    ImageStore images(engine.root);
    restore_layers(images, record);
    OverlayPlan plan = container_overlay(engine, images.snapshots, record);
    plan.lower.push_back(plan.upper);
    plan.upper.clear();
    plan.work.clear();
    plan.is_volatile = false;
    return make_overlay(plan);
}

}  // namespace slipway
