#include "02-namespaces/mounts.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// mount_setattr(2) for the one thing we set.
int set_read_only(int fd, const char* path, unsigned flags) {
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    // ledger: passed to act() by name
    return ::mount_setattr(fd, path, flags, &attributes, sizeof attributes);
}

std::string flag_names(unsigned long flags) {
    std::vector<std::string> names;
    if ((flags & MS_RDONLY) != 0) names.emplace_back("MS_RDONLY");
    if ((flags & MS_NOSUID) != 0) names.emplace_back("MS_NOSUID");
    if ((flags & MS_NODEV) != 0) names.emplace_back("MS_NODEV");
    if ((flags & MS_NOEXEC) != 0) names.emplace_back("MS_NOEXEC");
    return names.empty() ? "0" : join(names, "|");
}

// A name for an open file that old calls take. It goes through the host's
// /proc, which is visible until the root is entered.
std::string fd_path(const UniqueFd& fd) {
    return cat("/proc/self/fd/", fd.get());
}

bool is_folder(int fd) {
    struct stat info {};
    check(::fstat(fd, &info), "stat");
    return S_ISDIR(info.st_mode);
}

}  // namespace

UniqueFd open_mount_point(int root_fd, const std::string& target, bool folder,
                          bool follow) {
    int last_flags =
        O_PATH | (folder ? O_DIRECTORY : 0) | (follow ? 0 : O_NOFOLLOW);
    UniqueFd known = find_in_root(root_fd, target, last_flags);
    if (known) return known;
    //@ begin open-target
    std::string path = target.substr(0, target.find_last_not_of('/') + 1);
    if (path.empty()) throw_errno(errno, "open the root");
    std::size_t slash = path.rfind('/') + 1;  // 0 when there is none
    std::string name = path.substr(slash);
    UniqueFd parent =
        open_mount_point(root_fd, "/" + path.substr(0, slash), true, true);
    int made = folder
                   ? ::mkdirat(parent.get(), name.c_str(), 0755)
                   : ::openat(parent.get(), name.c_str(),
                              O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (made >= 0 && !folder) ::close(made);
    if (made < 0 && errno == EROFS &&
        ::faccessat(parent.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        throw Error(ErrorKind::Forbidden, cat("create mount point ", path),
                    EROFS)
            .advise(
                "the root filesystem is read-only and lacks it: "
                "create it there first");
    if (made < 0 && errno != EEXIST && errno != EROFS)
        throw_errno(errno, cat("create mount point ", path));
    return open_in_root(root_fd, path, last_flags);
    //@ end open-target
}

//@ begin parse-bind-mount
BindMount parse_bind_mount(const std::string& text) {
    std::vector<std::string> fields = split(text, ':');
    bool mode_known =
        fields.size() == 2 ||
        (fields.size() == 3 && (fields[2] == "ro" || fields[2] == "rw"));
    if (!mode_known || fields[0].empty() || !fields[1].starts_with('/'))
        throw Error(ErrorKind::InvalidArgument, cat("volume ", quote(text)))
            .advise(
                "write SOURCE:TARGET or SOURCE:TARGET:ro; TARGET is "
                "absolute, inside");
    if (fields[1].find_first_not_of('/') == std::string::npos)
        throw Error(ErrorKind::InvalidArgument,
                    cat("volume ", quote(text), " would cover the root"))
            .advise("give that folder as ROOTFS instead");
    return {fields[0], fields[1], fields.size() == 3 && fields[2] == "ro"};
}
//@ end parse-bind-mount

//@ begin private
void make_mounts_private() {
    act(Why{"what we mount from here on stays invisible to the host"},  //
        "mount", ::mount, nullptr, "/", nullptr,
        shown(MS_REC | MS_PRIVATE, "MS_REC|MS_PRIVATE"), nullptr);
}
//@ end private

//@ begin mount-file-system
void mount_file_system(int root_fd, const FileSystem& what) {
    with_context(cat("mount ", what.type, " on ", what.target), [&] {
        UniqueFd target = open_mount_point(root_fd, what.target, true, false);
        std::string path = fd_path(target);
        act(Why{what.reason}, "mount", ::mount, what.type,
            shown(path.c_str(), what.target), what.type,
            shown(what.flags, flag_names(what.flags)), what.options);
    });
}
//@ end mount-file-system

namespace {

bool has_mounts_below(const std::string& folder) {
    constexpr std::size_t longest_table = 16 << 20;
    std::string table = read_file("/proc/self/mountinfo", longest_table);
    return table.find(cat(" ", folder == "/" ? "" : folder, "/")) !=
           std::string::npos;
}

//@ begin bind-by-name
// The same with mount(2) alone, for Linux before 5.12: bind, then remount.
void bind_by_name(int root_fd, const BindMount& bind, const char* reason) {
    UniqueFd source(check(::open(bind.source.c_str(), O_PATH | O_CLOEXEC),
                          "open ", bind.source));
    if (bind.read_only && has_mounts_below(bind.source))
        throw Error(ErrorKind::Unsupported, "read-only with mounts below it")
            .advise("that needs Linux 5.12 (mount_setattr): without :ro?");
    bool folder = is_folder(source.get());
    UniqueFd below = open_mount_point(root_fd, bind.target, folder, true);
    act(Why{reason}, "mount", ::mount, bind.source,
        shown(fd_path(below).c_str(), quote(bind.target)), nullptr,
        shown(MS_BIND | MS_REC, "MS_BIND|MS_REC"), nullptr);
    if (!bind.read_only) return;
    // Opened again: the first descriptor is what the mount now covers.
    UniqueFd above = open_mount_point(root_fd, bind.target, folder, true);
    act(Why{"to be read, not written"}, "mount", ::mount, nullptr,
        shown(fd_path(above).c_str(), quote(bind.target)), nullptr,
        shown(MS_REMOUNT | MS_BIND | MS_RDONLY, "MS_REMOUNT|MS_BIND|MS_RDONLY"),
        nullptr);
}
//@ end bind-by-name

}  // namespace

//@ begin mount-bind
void mount_bind(int root_fd, const BindMount& bind, const char* reason) {
    with_context(cat("mount ", bind.source, " on ", bind.target), [&] {
        // A copy of the source's mounts that hangs nowhere yet: it can be made
        // read-only before anybody sees it.
        UniqueFd tree(try_act(
            Why{reason}, "open_tree", ::open_tree, shown(AT_FDCWD, "AT_FDCWD"),
            bind.source,
            shown(unsigned{OPEN_TREE_CLONE} | unsigned{OPEN_TREE_CLOEXEC} |
                      unsigned{AT_RECURSIVE},
                  "OPEN_TREE_CLONE|AT_RECURSIVE")));
        if (tree && bind.read_only &&
            try_act(Why{"read-only, also what is mounted below"},  //
                    "mount_setattr", set_read_only, tree, "",
                    shown(unsigned{AT_EMPTY_PATH} | unsigned{AT_RECURSIVE},
                          "AT_RECURSIVE, MOUNT_ATTR_RDONLY")) < 0)
            tree.reset();
        if (!tree && errno == ENOSYS)
            return bind_by_name(root_fd, bind, reason);
        check(tree.get(), "open ", bind.source);
        UniqueFd target =
            open_mount_point(root_fd, bind.target, is_folder(tree.get()), true);
        act(Why{"hang it into the new root"},  //
            "move_mount", ::move_mount, tree, "",
            shown(target.get(), quote(bind.target)), "",
            shown(unsigned{MOVE_MOUNT_F_EMPTY_PATH} |
                      unsigned{MOVE_MOUNT_T_EMPTY_PATH},
                  "EMPTY_PATH"));
    });
}
//@ end mount-bind

//@ begin mask-path
void mask_path(const char* path) {
    struct stat info {};
    if (::lstat(path, &info) != 0) return;  // this kernel does not have it
    if (S_ISDIR(info.st_mode)) {
        act(Why{"nothing to see there"},  //
            "mount", ::mount, "tmpfs", path, "tmpfs",
            shown(MS_RDONLY, "MS_RDONLY"), "size=0k,mode=0555");
        return;
    }
    // The node must be the null device: an image that brings a /dev/null of
    // its own could otherwise show anything here (CVE-2025-31133).
    struct stat null {};
    check(::lstat("/dev/null", &null), "stat /dev/null");
    if (!S_ISCHR(null.st_mode) || null.st_rdev != makedev(1, 3))
        throw Error(ErrorKind::Forbidden,
                    "/dev/null inside is not the null device");
    act(Why{"nothing to read there"},  //
        "mount", ::mount, "/dev/null", path, nullptr, shown(MS_BIND, "MS_BIND"),
        nullptr);
}
//@ end mask-path

//@ begin make-read-only
void make_read_only(const char* path, bool recursive) {
    struct stat info {};
    if (::lstat(path, &info) != 0) return;
    if (std::string_view(path) != "/")
        act(Why{"a mount of its own, to give it flags of its own"},  //
            "mount", ::mount, path, path, nullptr,
            shown(MS_BIND | MS_REC, "MS_BIND|MS_REC"), nullptr);
    int done = try_act(Why{"to be read, not written"},  //
                       "mount_setattr", set_read_only,
                       shown(AT_FDCWD, "AT_FDCWD"), path,
                       shown(recursive ? unsigned{AT_RECURSIVE} : 0U,
                             recursive ? "AT_RECURSIVE, MOUNT_ATTR_RDONLY"
                                       : "MOUNT_ATTR_RDONLY"));
    if (done < 0 && errno == ENOSYS)                // Linux before 5.12
        done = act(Why{"to be read, not written"},  //
                   "mount", ::mount, nullptr, path, nullptr,
                   shown(MS_REMOUNT | MS_BIND | MS_RDONLY,
                         "MS_REMOUNT|MS_BIND|MS_RDONLY"),
                   nullptr);
    check(done, "make ", path, " read-only");
}
//@ end make-read-only

}  // namespace slipway
