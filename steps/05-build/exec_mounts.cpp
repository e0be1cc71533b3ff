#include "05-build/exec_mounts.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>

#include "02-namespaces/mounts.hpp"
#include "04-images/overlay.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

void make_folder(const std::string& path) {
    check(::mkdir(path.c_str(), 0755), "create ", path);
}

// Part of a tree of layers. The overlay is mounted on a folder first: what is
// bound must hang somewhere.
std::string tree_source(const ExecMount& mount, bool user_xattr) {
    OverlayPlan plan;
    plan.lower = mount.layers;
    plan.user_xattr = user_xattr;
    plan.is_volatile = true;
    std::string place = mount.folder + "/tree";
    make_folder(place);
    if (mount.kind == ExecMount::Kind::Scratch) {
        plan.upper = mount.folder + "/upper";
        plan.work = mount.folder + "/work";
        make_folder(plan.upper);
        make_folder(plan.work);
    }
    attach_mount(make_overlay(plan), place);
    UniqueFd top(check(::open(place.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
                       "open ", place));
    // A symlink in the tree must not lead out of it.
    UniqueFd part = open_in_root(top.get(), mount.source, O_PATH);
    char path[PATH_MAX];
    ssize_t size = check(::readlink(cat("/proc/self/fd/", part.get()).c_str(),
                                    path, sizeof path),
                         "where is ", mount.source);
    return {path, static_cast<std::size_t>(size)};
}

//@ begin secret-in-memory
// On a file system in memory: a secret never reaches the disk. What is no
// program is none; the script of a RUN is one.
std::string content_source(const ExecMount& mount) {
    unsigned long flags = MS_NOSUID | MS_NODEV;
    if ((mount.mode & 0111) == 0) flags |= MS_NOEXEC;
    act(Why{"in memory only"}, "mount", ::mount, "tmpfs", mount.folder, "tmpfs",
        shown(flags, (flags & MS_NOEXEC) != 0 ? "MS_NOSUID|MS_NODEV|MS_NOEXEC"
                                              : "MS_NOSUID|MS_NODEV"),
        "mode=0700,size=1m");
    std::string path = mount.folder + "/content";
    UniqueFd file(
        check(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0),
              "create ", path));
    write_all(file.get(), mount.content);
    check(::fchown(file.get(), mount.uid, mount.gid), "give to its user");
    check(::fchmod(file.get(), mount.mode), "chmod");
    return path;
}
//@ end secret-in-memory

void mount_memory(int root_fd, const ExecMount& mount) {
    std::string options = "mode=0755";
    if (mount.size != 0) options += cat(",size=", mount.size);
    mount_file_system(root_fd,
                      {"tmpfs", mount.target.c_str(), MS_NOSUID | MS_NODEV,
                       options.c_str(), "scratch space in memory"});
}

}  // namespace

std::string exec_mount_source(const ExecMount& mount, bool user_xattr) {
    switch (mount.kind) {
        case ExecMount::Kind::Tree:
        case ExecMount::Kind::Scratch:
            return tree_source(mount, user_xattr);
        case ExecMount::Kind::File:
            return content_source(mount);
        default:
            return mount.source;
    }
}

void mount_for_exec(int root_fd, const std::vector<ExecMount>& mounts,
                    bool user_xattr) {
    for (const ExecMount& mount : mounts)
        with_context(cat("mount ", quote(mount.target)), [&] {
            if (mount.kind == ExecMount::Kind::Tmpfs)
                return mount_memory(root_fd, mount);
            bool is_file = mount.kind == ExecMount::Kind::File;
            mount_bind(root_fd,
                       {exec_mount_source(mount, user_xattr), mount.target,
                        mount.read_only || is_file},
                       is_file ? "in memory: it goes with the command"
                               : "files from elsewhere, for this command only");
        });
}

}  // namespace slipway
