#include "04-images/overlay_marks.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cerrno>

#include "04-images/store_folder.hpp"
#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

const char* opaque_xattr(bool user_xattr) {
    return user_xattr ? "user.overlay.opaque" : "trusted.overlay.opaque";
}

}  // namespace

//@ begin whiteout
void make_whiteout(int folder, const std::string& name) {
    act(Why{"to overlayfs, character device 0:0 says: removed by this layer"},
        "mknodat", ::mknodat, folder, name, shown(S_IFCHR, "S_IFCHR"),
        ::makedev(0, 0));
}
//@ end whiteout

bool is_whiteout(int folder, const std::string& name) {
    struct stat info {};
    return ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISCHR(info.st_mode) && info.st_rdev == ::makedev(0, 0);
}

//@ begin opaque
void mark_opaque(int folder, bool user_xattr) {
    const char* name = opaque_xattr(user_xattr);
    if (::fsetxattr(folder, name, "y", 1, 0) != 0) {
        int error = errno;
        Error failed(kind_of_errno(error), cat("set ", name), error);
        if (error == EOPNOTSUPP)
            failed.set_advice(
                "overlayfs needs a file system with extended attributes, such "
                "as ext4, xfs, btrfs or tmpfs");
        throw failed;
    }
    for (const std::string& inside : names_in(folder, "of the layer"))
        if (is_whiteout(folder, inside))
            check(::unlinkat(folder, inside.c_str(), 0), "remove ", inside);
}
//@ end opaque

bool is_opaque(int folder, bool user_xattr) {
    char value = 0;
    return ::fgetxattr(folder, opaque_xattr(user_xattr), &value, 1) == 1 &&
           value == 'y';
}

}  // namespace slipway
