#include "04-images/file_metadata.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <limits>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

bool is_id(std::int64_t id) {
    return id >= 0 && id < std::numeric_limits<uid_t>::max();  // -1 is none
}

void check_owner(const TarEntry& entry) {
    if (!is_id(entry.uid) || !is_id(entry.gid))
        throw Error(ErrorKind::InvalidArgument,
                    cat("owner ", entry.uid, ":", entry.gid, " is no user"));
}

[[noreturn]] void throw_chown(int error, const TarEntry& entry) {
    Error failed(kind_of_errno(error),
                 cat("give to ", entry.uid, ":", entry.gid), error);
    if (error == EINVAL)
        failed.set_advice(
            "this user namespace has no such id: give it more in /etc/subuid "
            "and /etc/subgid, usually 65536");
    if (error == EPERM)
        failed.set_advice(
            "only root may give files away: run it with sudo, or in a user "
            "namespace");
    throw failed;
}

bool differs(const struct stat& made, const TarEntry& entry) {
    check_owner(entry);
    return made.st_uid != static_cast<uid_t>(entry.uid) ||
           made.st_gid != static_cast<gid_t>(entry.gid);
}

bool is_wanted(std::string_view xattr) {
    return xattr == "security.capability" ||
           (xattr.starts_with("user.") && !xattr.starts_with("user.overlay."));
}

void set_xattrs(int fd, const TarEntry& entry) {
    for (const TarXattr& xattr : entry.xattrs) {
        if (!is_wanted(xattr.name) ||
            ::fsetxattr(fd, xattr.name, xattr.value.data(), xattr.value.size(),
                        0) == 0)
            continue;
        // A note that cannot be kept is no harm; a program without its
        // capabilities does not work.
        if (errno == EOPNOTSUPP &&
            std::string_view(xattr.name) != "security.capability")
            continue;
        throw_errno(errno, cat("set attribute ", quote(xattr.name)));
    }
}

}  // namespace

void set_metadata(int fd, const TarEntry& entry) {
    // umask, parent and mount options decide what a new file gets: seen, not
    // guessed.
    struct stat made {};
    check(::fstat(fd, &made), "look at what was made");
    if (differs(made, entry) && ::fchown(fd, static_cast<uid_t>(entry.uid),
                                         static_cast<gid_t>(entry.gid)) != 0)
        throw_chown(errno, entry);
    // After chown(2), which takes set-uid bits and capabilities away.
    if ((made.st_mode & 07777) != entry.mode)
        check(::fchmod(fd, entry.mode), "set mode");
    set_xattrs(fd, entry);
}

void set_metadata_at(int folder, const std::string& name, const TarEntry& entry,
                     bool with_mode) {
    struct stat made {};
    check(::fstatat(folder, name.c_str(), &made, AT_SYMLINK_NOFOLLOW),
          "look at what was made");
    if (differs(made, entry) &&
        ::fchownat(folder, name.c_str(), static_cast<uid_t>(entry.uid),
                   static_cast<gid_t>(entry.gid), AT_SYMLINK_NOFOLLOW) != 0)
        throw_chown(errno, entry);
    if (with_mode && (made.st_mode & 07777) != entry.mode)
        check(::fchmodat(folder, name.c_str(), entry.mode, 0), "set mode");
    check(::utimensat(folder, name.c_str(), entry.times, AT_SYMLINK_NOFOLLOW),
          "set times");
}

}  // namespace slipway
