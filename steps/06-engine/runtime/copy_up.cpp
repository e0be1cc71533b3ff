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

void copy_file(int from, int to, const char* name, const struct stat& info) {
    UniqueFd in(check(
        ::openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK),
        "open ", name));
    UniqueFd out(
        check(::openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
              "create ", name));
    for (off_t left = info.st_size; left > 0;) {
        ssize_t sent = check(::sendfile(out.get(), in.get(), nullptr,
                                        static_cast<std::size_t>(left)),
                             "copy ", name);
        if (sent == 0) break;  // it has become shorter
        left -= sent;
    }
}

void copy_link(int from, int to, const char* name) {
    char target[PATH_MAX];
    ssize_t size = check(::readlinkat(from, name, target, sizeof target - 1),
                         "read link ", name);
    target[size] = '\0';
    check(::symlinkat(target, to, name), "link ", name);
}

UniqueFd open_folder(int parent, const char* name) {
    return UniqueFd(check(
        ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        "open ", name));
}

void copy_entry(int from, int to, const char* name) {
    struct stat info {};
    check(::fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW), "stat ", name);
    if (S_ISDIR(info.st_mode)) {
        check(::mkdirat(to, name, 0700), "make folder ", name);
        copy_up(open_folder(from, name).get(), open_folder(to, name).get());
    } else if (S_ISREG(info.st_mode)) {
        copy_file(from, to, name, info);
    } else if (S_ISLNK(info.st_mode)) {
        copy_link(from, to, name);
    } else if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode) ||
               S_ISBLK(info.st_mode)) {
        act(Why{"a node that was there before"}, "mknodat", ::mknodat, to, name,
            info.st_mode, info.st_rdev);
    } else {
        return;  // a socket: whoever listened does not listen here
    }
    check(::fchownat(to, name, info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW),
          "change owner of ", name);
    if (!S_ISLNK(info.st_mode))
        check(::fchmodat(to, name, info.st_mode & 07777, 0), "change mode of ",
              name);
    timespec times[] = {info.st_atim, info.st_mtim};
    check(::utimensat(to, name, times, AT_SYMLINK_NOFOLLOW), "change times of ",
          name);
}

}  // namespace

void copy_up(int from, int to) {
    UniqueFd readable = open_folder(from, ".");
    std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(readable.get()),
                                               ::closedir);
    if (!stream) throw_errno(errno, "read folder");
    int folder = readable.release();  // the stream's from here on
    for (errno = 0; dirent* entry = ::readdir(stream.get()); errno = 0) {
        std::string_view name = entry->d_name;
        if (name != "." && name != "..") copy_entry(folder, to, entry->d_name);
    }
    if (errno != 0) throw_errno(errno, "read folder");
}

}  // namespace slipway
