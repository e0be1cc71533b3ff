#include "05-build/mount_stubs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "05-build/source_tree.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

// A folder as it is in the root, or as a new one.
void make_folder(int root_fd, const std::string& inside,
                 const std::string& path) {
    if (::mkdir(path.c_str(), 0755) != 0) {
        if (errno == EEXIST) return;
        throw_errno(errno, cat("create ", path));
    }
    struct stat info {};
    if (::fstatat(root_fd, inside.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISDIR(info.st_mode))
        return;
    check(::chown(path.c_str(), info.st_uid, info.st_gid), "chown ", path);
    check(::chmod(path.c_str(), info.st_mode & 07777), "chmod ", path);
}

void set_times(int root_fd, const std::string& inside,
               const std::string& path) {
    struct stat info {};
    if (::fstatat(root_fd, inside.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    timespec times[] = {info.st_atim, info.st_mtim};
    check(::utimensat(AT_FDCWD, path.c_str(), times, 0), "set times of ", path);
}

}  // namespace

//@ begin make-stubs
bool make_stubs(int root_fd, const std::vector<MountTarget>& targets,
                const std::string& folder) {
    bool made = false;
    std::vector<std::string> folders;
    for (const MountTarget& target : targets) {
        // Without symlinks, so that every part can be made as it stands.
        Resolved place = resolve_in(root_fd, target.path);
        if (place.exists || place.path.empty()) continue;
        std::string so_far;
        std::vector<std::string> parts = split(place.path, '/');
        for (std::size_t i = 0; i < parts.size(); ++i) {
            so_far += (i == 0 ? "" : "/") + parts[i];
            std::string path = cat(folder, "/", so_far);
            if (i + 1 < parts.size() || !target.is_file) {
                make_folder(root_fd, so_far, path);
                folders.push_back(so_far);
            } else {
                UniqueFd file(check(
                    ::open(path.c_str(),
                           O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644),
                    "create ", path));
            }
        }
        made = true;
    }
    for (const std::string& inside : folders)
        set_times(root_fd, inside, cat(folder, "/", inside));
    return made;
}
//@ end make-stubs

}  // namespace slipway
