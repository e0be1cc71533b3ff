#include "common/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "common/error.hpp"
#include "common/scope_guard.hpp"

namespace slipway {

namespace {

int open_restricted(int dir_fd, const char* path, int flags, mode_t mode,
                    std::uint64_t resolve) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.mode = mode;
    how.resolve = resolve;
    // EAGAIN: somebody renamed a parent while the kernel walked the path and
    // it cannot tell whether ".." led out. Asking again is what openat2(2)
    // advises; the bound keeps a hostile renamer from holding us here.
    long fd = -1;
    for (int attempt = 0; attempt < 64; ++attempt) {
        fd = ::syscall(SYS_openat2, dir_fd, path, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN) break;
    }
    return static_cast<int>(fd);
}

std::string parent_of(const std::string& path) {
    std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

// Names are collected before anything is removed: a folder that changes while
// readdir() walks it may skip entries.
std::vector<std::string> entries_of(int dir_fd, const std::string& path) {
    UniqueFd copy(check(::fcntl(dir_fd, F_DUPFD_CLOEXEC, 0), "open ", path));
    std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(copy.get()),
                                            ::closedir);
    if (!dir) throw_errno(errno, cat("read folder ", path));
    [[maybe_unused]] int now_owned_by_dir = copy.release();
    ::rewinddir(dir.get());  // both stand where the last reading has ended
    std::vector<std::string> names;
    while (dirent* entry = ::readdir(dir.get())) {
        std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
    }
    return names;
}

// The folder that goes, and whether something from deep below is in it now.
struct Top {
    int fd;
    int names = 0;
    bool has_more = false;
};

// Somebody may have nested folders deeper than we may have files open.
bool move_up(int dir_fd, const std::string& name, Top& top) {
    int result = -1;
    do {
        std::string place = cat("deep.", top.names++);
        result = ::renameat2(dir_fd, name.c_str(), top.fd, place.c_str(),
                             RENAME_NOREPLACE);
    } while (result != 0 && errno == EEXIST);
    if (result == 0) top.has_more = true;
    return result == 0;
}

void empty_folder(int dir_fd, const std::string& path, Top& top, int depth) {
    constexpr int deep = 64;
    for (const std::string& name : entries_of(dir_fd, path)) {
        std::string child = cat(path, "/", name);
        if (::unlinkat(dir_fd, name.c_str(), 0) == 0) continue;
        if (errno != EISDIR && errno != EPERM)
            throw_errno(errno, cat("remove ", child));
        if (depth >= deep && move_up(dir_fd, name, top)) continue;
        int fd = open_restricted(dir_fd, name.c_str(),
                                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
                                 RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
        if (fd < 0 && errno == EXDEV)
            throw Error(ErrorKind::Conflict,
                        cat("remove ", child, ": something is mounted there"))
                .advise(
                    cat("findmnt -R ", child, " shows it: release it first"));
        UniqueFd child_fd(check(fd, "open ", child));
        empty_folder(child_fd.get(), child, top, depth + 1);
        check(::unlinkat(dir_fd, name.c_str(), AT_REMOVEDIR), "remove ", child);
    }
}

}  // namespace

std::string read_all(int fd, std::size_t limit) {
    std::string bytes;
    char buffer[16 * 1024];
    while (true) {
        ssize_t count = ::read(fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        check(count, "read");
        if (count == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(count));
        if (bytes.size() > limit)
            throw Error(ErrorKind::InvalidArgument,
                        cat("larger than the allowed ", limit, " bytes"));
    }
}

std::string read_file(const std::string& path, std::size_t limit) {
    UniqueFd fd(
        check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open ", path));
    return with_context(path, [&] { return read_all(fd.get(), limit); });
}

void write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) {  // somebody made it non-blocking
            pollfd room{fd, POLLOUT, 0};
            ::poll(&room, 1, -1);
            continue;
        }
        check(count, "write");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

int write_kernel_file(int folder, const char* path, const char* text) {
    UniqueFd fd(::openat(folder, path, O_WRONLY | O_CLOEXEC));
    if (!fd) return -1;
    std::string_view bytes = text;
    return ::write(fd.get(), bytes.data(), bytes.size()) < 0 ? -1 : 0;
}

void write_file_atomic(const std::string& path, std::string_view bytes,
                       mode_t mode, ToDisk to_disk) {
    // Beside the target: rename(2) is atomic only within one file system.
    std::string temporary = path + ".XXXXXX";
    UniqueFd fd(
        check(::mkostemp(temporary.data(), O_CLOEXEC), "create ", temporary));
    ScopeGuard undo([&] { ::unlink(temporary.c_str()); });
    with_context(cat("write ", path), [&] { write_all(fd.get(), bytes); });
    check(::fchmod(fd.get(), mode), "chmod ", temporary);
    // Without fsync the rename may reach the disk before the bytes do.
    if (to_disk == ToDisk::Now) check(::fsync(fd.get()), "fsync ", temporary);
    check(::rename(temporary.c_str(), path.c_str()), "rename to ", path);
    undo.dismiss();
    if (to_disk == ToDisk::Later) return;
    std::string folder = parent_of(path);
    UniqueFd folder_fd(
        check(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open ", folder));
    check(::fsync(folder_fd.get()), "fsync ", folder);
}

UniqueFd open_in_root(int root_fd, const std::string& path, int flags,
                      mode_t mode) {
    return UniqueFd(
        check(open_restricted(root_fd, path.c_str(), flags, mode,
                              RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS),
              "open ", path));
}

UniqueFd find_in_root(int root_fd, const std::string& path, int flags) {
    UniqueFd found(open_restricted(root_fd, path.c_str(), flags, 0,
                                   RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
    if (!found && errno != ENOENT && errno != ENOTDIR)
        throw_errno(errno, cat("open ", path));
    return found;
}

void remove_tree(const std::string& path) {
    int fd =
        ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return;
    UniqueFd dir(check(fd, "open ", path));
    Top top{dir.get()};
    do {
        top.has_more = false;
        empty_folder(dir.get(), path, top, 0);
    } while (top.has_more);
    check(::rmdir(path.c_str()), "remove ", path);
}

TempDir::TempDir(std::string_view label) {
    const char* base = ::getenv("TMPDIR");
    path_ = cat(base && *base ? base : "/tmp", "/slipway-", label, "-XXXXXX");
    if (!::mkdtemp(path_.data()))
        throw_errno(errno, cat("create temporary folder ", path_));
}

TempDir::~TempDir() {
    try {
        remove();
    } catch (const Error&) {
        // Destructors do not throw; the folder stays to be looked at.
    }
}

void TempDir::remove() {
    if (path_.empty()) return;
    remove_tree(path_);
    path_.clear();
}

UniqueFd open_null() {
    return UniqueFd(
        check(::open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"));
}

}  // namespace slipway
