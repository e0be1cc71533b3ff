#include "06-engine/security/own_program.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/ledger.hpp"
#include "common/program_variable.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

constexpr char own[] = "/proc/self/exe";
constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

// Asked of the kernel, not of a variable: whoever starts us could set that.
bool is_unwritable() {
    struct statvfs where {};
    if (::statvfs(own, &where) == 0 && (where.f_flag & ST_RDONLY) != 0)
        return true;
    UniqueFd file(::open(own, O_RDONLY | O_CLOEXEC));
    int has = file ? ::fcntl(file.get(), F_GET_SEALS) : -1;
    return has >= 0 && (has & F_SEAL_WRITE) != 0;
}

int set_read_only(int mount) {
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    // ledger: passed to act() by name
    return ::mount_setattr(mount, "", AT_EMPTY_PATH, &attributes,
                           sizeof attributes);
}

//@ begin read-only-view
// A mount of this one file. Nobody has a path to it, so nobody can remount it.
UniqueFd read_only_view() {
    UniqueFd view(
        try_act(Why{"our program, by another way than the host's"}, "open_tree",
                ::open_tree, shown(AT_FDCWD, "AT_FDCWD"), own,
                shown(unsigned{OPEN_TREE_CLONE} | unsigned{OPEN_TREE_CLOEXEC},
                      "OPEN_TREE_CLONE")));
    if (view && try_act(Why{"a container may open it, but not for writing"},
                        "mount_setattr", set_read_only, view) != 0)
        view.reset();
    return view;
}
//@ end read-only-view

UniqueFd sealed_copy() {
    UniqueFd from(check(::open(own, O_RDONLY | O_CLOEXEC), "open ", own));
    UniqueFd copy(
        check(::memfd_create("slipway-oci", MFD_CLOEXEC | MFD_ALLOW_SEALING),
              "memfd_create"));
    struct stat info {};
    check(::fstat(from.get(), &info), "stat ", own);
    for (off_t left = info.st_size; left > 0;) {
        ssize_t sent = check(::sendfile(copy.get(), from.get(), nullptr,
                                        static_cast<std::size_t>(left)),
                             "copy ", own);
        if (sent == 0) throw Error(ErrorKind::System, "copy our program", EIO);
        left -= sent;
    }
    check(::fcntl(copy.get(), F_ADD_SEALS, seals), "seal our program");
    return copy;
}

}  // namespace

//@ begin become-unwritable
void become_unwritable(char** argv) {
    if (is_unwritable()) return;
    UniqueFd program = read_only_view();
    if (!program) program = sealed_copy();  // no right to mount
    ::setenv(program_variable, own_path().c_str(), 1);
    announce(Why{"from here on /proc/self/exe is not the host's file"},
             "execveat", program, "");
    ::execveat(program.get(), "", argv, environ, AT_EMPTY_PATH);
    throw_errno(errno, "start our program again");
}
//@ end become-unwritable

}  // namespace slipway
