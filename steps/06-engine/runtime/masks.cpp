#include "06-engine/runtime/masks.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "06-engine/runtime/mount_calls.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

UniqueFd open_top() {
    return UniqueFd(
        check(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /"));
}

UniqueFd open_null(const UniqueFd& top) {
    UniqueFd null = open_in_root(top.get(), "/dev/null", O_PATH | O_NOFOLLOW);
    struct stat info {};
    check(::fstat(null.get(), &info), "stat /dev/null");
    if (!S_ISCHR(info.st_mode) || info.st_rdev != makedev(1, 3))
        throw Error(ErrorKind::Forbidden,
                    "/dev/null inside is not the null device")
            .advise("the image has put something else there");
    return null;
}

// What covers is made once and copied: each costs two calls. The first empty
// folder hangs in our tree before it is copied: Linux before 6.15 copies no
// mount that hangs nowhere.
class Covers {
  public:
    explicit Covers(const UniqueFd& top) : top_(top) {}
    UniqueFd for_folder() {
        if (!folder_) {
            folder_ = make_file_system(
                "an empty folder",
                {.type = "tmpfs",
                 .source = "tmpfs",
                 .flags = {},
                 .data = {"size=0", "nr_inodes=2", "mode=0555"},
                 .attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                               MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC});
            return UniqueFd(
                check(::fcntl(folder_.get(), F_DUPFD_CLOEXEC, 0), "fcntl"));
        }
        return copy_mount("nothing to see there", folder_.get(), "", false);
    }
    UniqueFd for_file() {
        if (!null_) null_ = open_null(top_);
        return copy_mount("nothing to read there", null_.get(), "", false);
    }

  private:
    const UniqueFd& top_;
    UniqueFd folder_, null_;
};

}  // namespace

//@ begin mask-paths
void mask_paths(const std::vector<std::string>& paths) {
    UniqueFd top = open_top();
    Covers covers(top);
    for (const std::string& path : paths)
        with_context(cat("mask ", path), [&] {
            UniqueFd target = find_in_root(top.get(), path, O_PATH);
            if (!target) return;  // this kernel does not have it
            struct stat info {};
            check(::fstat(target.get(), &info), "stat");
            attach_mount(
                "hidden",
                S_ISDIR(info.st_mode) ? covers.for_folder() : covers.for_file(),
                target.get(), path);
        });
}
//@ end mask-paths

//@ begin read-only-paths
void make_paths_read_only(const std::vector<std::string>& paths) {
    UniqueFd top = open_top();
    for (const std::string& path : paths)
        with_context(cat("make ", path, " read-only"), [&] {
            UniqueFd target = find_in_root(top.get(), path, O_PATH);
            if (!target) return;  // this kernel does not have it
            UniqueFd tree = copy_mount("a mount of its own, for its own flags",
                                       target.get(), "", true);
            change_mount("to be read, not written", tree.get(),
                         {.set = MOUNT_ATTR_RDONLY, .recursive = true});
            attach_mount("over the other", tree, target.get(), path);
        });
}
//@ end read-only-paths

void make_root_read_only() {
    UniqueFd top = open_top();
    change_mount("the root is to be read, not written", top.get(),
                 {.set = MOUNT_ATTR_RDONLY});
}

}  // namespace slipway
