#include "06-engine/runtime/copy_up.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <memory>
#include <string_view>

#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

void copy_file(int from, const char* name, int to, const char* new_name) {
    UniqueFd in(check(
        ::openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK),
        "open ", name));
    struct stat info {};
    check(::fstat(in.get(), &info), "stat ", name);
    if (!S_ISREG(info.st_mode))
        throw Error(ErrorKind::Conflict, cat(name, " has just been replaced"));
    UniqueFd out(check(
        ::openat(to, new_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
        "create ", new_name));
    for (off_t left = info.st_size; left > 0;) {
        ssize_t sent = check(::sendfile(out.get(), in.get(), nullptr,
                                        static_cast<std::size_t>(left)),
                             "copy ", name);
        if (sent == 0) break;  // it has become shorter
        left -= sent;
    }
}

void copy_link(int from, const char* name, int to, const char* new_name) {
    char target[PATH_MAX];
    ssize_t size = check(::readlinkat(from, name, target, sizeof target - 1),
                         "read link ", name);
    target[size] = '\0';
    check(::symlinkat(target, to, new_name), "link ", new_name);
}

UniqueFd open_folder(int parent, const char* name) {
    return UniqueFd(check(
        ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        "open ", name));
}

// What is there already goes, unless both are folders.
void make_room(int to, const char* name, const struct stat& coming) {
    struct stat there {};
    if (::fstatat(to, name, &there, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (S_ISDIR(there.st_mode)) {
        if (S_ISDIR(coming.st_mode)) return;
        throw Error(ErrorKind::Conflict,
                    cat("cannot replace the folder ", name, " by a file"),
                    EISDIR);
    }
    if (S_ISDIR(coming.st_mode))
        throw Error(ErrorKind::Conflict,
                    cat("cannot replace the file ", name, " by a folder"),
                    ENOTDIR);
    check(::unlinkat(to, name, 0), "replace ", name);
}

void make_folder(int to, const char* name, const CopyOptions& options) {
    if (::mkdirat(to, name, 0700) != 0 && !(options.replace && errno == EEXIST))
        throw_errno(errno, cat("make folder ", name));
}

// By a descriptor: somebody inside may put a link to a file of the host in its
// place, which chmod(2) would follow.
void change_mode(int to, const char* name, mode_t mode) {
    UniqueFd file(check(::openat(to, name, O_PATH | O_NOFOLLOW | O_CLOEXEC),
                        "open ", name));
    struct stat info {};
    check(::fstat(file.get(), &info), "stat ", name);
    if (S_ISLNK(info.st_mode)) return;
    check(::chmod(cat("/proc/self/fd/", file.get()).c_str(), mode),
          "change mode of ", name);
}

void set_attributes(int to, const char* name, const struct stat& info,
                    const CopyOptions& options) {
    check(::fchownat(to, name, options.uid.value_or(info.st_uid),
                     options.gid.value_or(info.st_gid), AT_SYMLINK_NOFOLLOW),
          "change owner of ", name);
    if (!S_ISLNK(info.st_mode)) change_mode(to, name, info.st_mode & 07777);
    timespec times[] = {info.st_atim, info.st_mtim};
    check(::utimensat(to, name, times, AT_SYMLINK_NOFOLLOW), "change times of ",
          name);
}

}  // namespace

void copy_entry(int from, const char* name, int to, const char* new_name,
                const CopyOptions& options) {
    struct stat info {};
    check(::fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW), "stat ", name);
    if (options.replace) make_room(to, new_name, info);
    if (S_ISDIR(info.st_mode)) {
        make_folder(to, new_name, options);
        copy_up(open_folder(from, name).get(), open_folder(to, new_name).get(),
                options);
    } else if (S_ISREG(info.st_mode)) {
        copy_file(from, name, to, new_name);
    } else if (S_ISLNK(info.st_mode)) {
        copy_link(from, name, to, new_name);
    } else if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode) ||
               S_ISBLK(info.st_mode)) {
        act(Why{"a node that was there before"}, "mknodat", ::mknodat, to,
            new_name, info.st_mode, info.st_rdev);
    } else {
        return;  // a socket: whoever listened does not listen here
    }
    set_attributes(to, new_name, info, options);
}

void copy_up(int from, int to, const CopyOptions& options) {
    UniqueFd readable = open_folder(from, ".");
    std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(readable.get()),
                                               ::closedir);
    if (!stream) throw_errno(errno, "read folder");
    int folder = readable.release();  // the stream's from here on
    for (errno = 0; dirent* entry = ::readdir(stream.get()); errno = 0) {
        std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            copy_entry(folder, entry->d_name, to, entry->d_name, options);
    }
    if (errno != 0) throw_errno(errno, "read folder");
}

}  // namespace slipway
