#include "01-chroot/root.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"

namespace slipway {

namespace {

//@ begin check-root
// Asked before chroot(), because chroot() asks the other way round: without
// the privilege it says EPERM also for a folder that does not exist.
void check_is_folder(const std::string& root) {
    struct stat info {};
    if (::stat(root.c_str(), &info) != 0) {
        Error error(kind_of_errno(errno), cat("root filesystem ", root), errno);
        if (errno == ENOENT)
            error.set_advice("make one with: ./dev rootfs " + root);
        throw error;
    }
    if (!S_ISDIR(info.st_mode))
        throw Error(ErrorKind::InvalidArgument,
                    cat("root filesystem ", root, " is no folder"))
            .advise("unpack it first: step 1 enters folders, not archives");
}
//@ end check-root

}  // namespace

//@ begin enter-root
void enter_root(const std::string& root) {
    check_is_folder(root);
    try {
        act(Why{"from here on \"/\" means the new root"},  //
            "chroot", ::chroot, root);
    } catch (Error& error) {
        if (error.system_errno() == EPERM)
            error.set_advice(
                "chroot needs CAP_SYS_CHROOT: use sudo, or be root in a user "
                "namespace of your own: unshare --map-root-user COMMAND");
        throw;
    }
    // chroot() moves the root, not the working directory. Left outside, it
    // would be an open door: "cd .." from there never meets the new root.
    act(Why{"the working directory is still outside: bring it in"},  //
        "chdir", ::chdir, "/");
}
//@ end enter-root

//@ begin enter-workdir
void enter_workdir(const std::string& folder) {
    try {
        UniqueFd root(
            check(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /"));
        // Not chdir(): an image may ask for /proc/self/fd/N, a link to what we
        // have open outside (CVE-2024-21626).
        UniqueFd place = open_in_root(root.get(), folder, O_PATH | O_DIRECTORY);
        act(Why{"where the command starts"}, "fchdir", ::fchdir,
            shown(place.get(), folder));
    } catch (Error& error) {
        if (error.system_errno() == ENOENT)
            error.set_advice(cat(
                "create it in the root filesystem first: ", "mkdir -p ROOTFS",
                folder.starts_with('/') ? "" : "/", folder));
        throw;
    }
}
//@ end enter-workdir

}  // namespace slipway
