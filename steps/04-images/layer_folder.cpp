#include "04-images/layer_folder.hpp"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "04-images/layer_name.hpp"
#include "04-images/overlay_marks.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// So much memory may the names of folders take: a tar of nothing but folders
// with long names packs a thousand to one.
constexpr std::size_t most_remembered = std::size_t{256} << 20;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

//@ begin open-at
// EAGAIN: somewhere on the machine something was renamed while the kernel
// walked over a "..", and it cannot tell whether that led out.
int open_at(int folder, const char* path, int flags, std::uint64_t resolve) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = resolve | RESOLVE_NO_MAGICLINKS;
    long fd = -1;
    for (int attempt = 0; attempt < 64; ++attempt) {
        fd = ::syscall(SYS_openat2, folder, path, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN) break;
    }
    return static_cast<int>(fd);
}
//@ end open-at

bool is_missing(int error) {
    return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

// Mode 0755 and root's, whatever umask and parent have made of it.
void make_folder_ordinary(int fd) {
    struct stat info {};
    check(::fstat(fd, &info), "look at folder");
    if (info.st_uid != 0 || info.st_gid != 0)
        check(::fchown(fd, 0, 0), "give folder to root");
    if ((info.st_mode & 07777) != 0755)
        check(::fchmod(fd, 0755), "set mode of folder");
}

std::string place_of(int fd) {
    char place[PATH_MAX];
    std::string link = cat("/proc/self/fd/", fd);
    ssize_t size = ::readlink(link.c_str(), place, sizeof place);
    return {place, static_cast<std::size_t>(check(size, "read ", link))};
}

std::ptrdiff_t depth_of(int fd) {
    std::string place = place_of(fd);
    return std::count(place.begin(), place.end(), '/');
}

constexpr timespec epoch[2] = {};

}  // namespace

LayerFolder::LayerFolder(const std::string& path, bool user_xattr)
    : user_xattr_(user_xattr),
      root_(check(::open(path.c_str(), folder_flags), "open ", path)) {}

void LayerFolder::make_ordinary() {
    make_folder_ordinary(root_.get());
    remember_times("", epoch);
}

//@ begin open-beneath
UniqueFd LayerFolder::open(const std::string& path, int more_flags) const {
    const char* name = path.empty() ? "." : path.c_str();
    int flags = folder_flags | more_flags;
    int fd = open_at(root_.get(), name, flags,
                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    if (fd >= 0 || errno != ELOOP) return UniqueFd(fd);
    UniqueFd found(open_at(root_.get(), name, flags, RESOLVE_IN_ROOT));
    if (found) check_depth(found.get());
    return found;
}
//@ end open-beneath

// A symlink can shorten the way to where a name ends, and the next one from
// there: no limit on names alone keeps folders from getting too deep.
void LayerFolder::check_depth(int fd) const {
    if (static_cast<std::size_t>(depth_of(fd) - depth_of(root_.get())) >=
        deepest_layer_name)
        throw Error(ErrorKind::InvalidArgument,
                    "leads too deep, through a symlink");
}

int LayerFolder::cached(Open& known, const std::string& path) {
    if (known.fd && known.path == path) return known.fd.get();
    known.fd = open(path);
    if (!known.fd && !is_missing(errno)) throw_errno(errno, "open folder");
    known.path = path;
    return known.fd.get();
}

int LayerFolder::parent(const std::string& path) {
    if (cached(parent_, path) < 0) parent_.fd = make_missing(path);
    return parent_.fd.get();
}

int LayerFolder::target_parent(const std::string& path) {
    return cached(target_, path);
}

UniqueFd LayerFolder::make_missing(const std::string& path) {
    UniqueFd above = open("");
    for (std::size_t begin = 0, end; begin < path.size(); begin = end + 1) {
        end = std::min(path.find('/', begin), path.size());
        std::string so_far = path.substr(0, end);
        UniqueFd next = open(so_far);
        if (!next && !is_missing(errno)) throw_errno(errno, "open folder");
        if (!next)
            next =
                make_one(above.get(), path.substr(begin, end - begin), so_far);
        above = std::move(next);
    }
    return above;
}

UniqueFd LayerFolder::make_one(int above, const std::string& name,
                               const std::string& path) {
    bool hides = is_whiteout(above, name);
    if (hides) remove(above, name);
    if (::mkdirat(above, name.c_str(), 0755) != 0) {
        if (errno != EEXIST) throw_errno(errno, "make folder");
        throw Error(ErrorKind::InvalidArgument,
                    cat("leads through ", shown_name(path),
                        ", which is no folder in this layer"));
    }
    UniqueFd made(
        check(::openat(above, name.c_str(), folder_flags | O_NOFOLLOW),
              "open folder ", shown_name(path)));
    make_folder_ordinary(made.get());
    if (hides) mark_opaque(made.get(), user_xattr_);
    remember_times(path, epoch);
    return made;
}

int LayerFolder::make_folder(int above, const std::string& name,
                             const std::string& path, mode_t mode) {
    bool hides = false;
    if (::mkdirat(above, name.c_str(), mode) != 0) {
        struct stat info {};
        if (errno != EEXIST) throw_errno(errno, "make folder");
        check(::fstatat(above, name.c_str(), &info, AT_SYMLINK_NOFOLLOW),
              "look at what is there");
        if (!S_ISDIR(info.st_mode)) {
            hides = is_whiteout(above, name);
            remove(above, name);
            check(::mkdirat(above, name.c_str(), mode), "make folder");
        }
    }
    UniqueFd made(
        check(::openat(above, name.c_str(), folder_flags | O_NOFOLLOW),
              "open folder"));
    if (hides) mark_opaque(made.get(), user_xattr_);
    parent_ = {path, std::move(made)};
    return parent_.fd.get();
}

void LayerFolder::remove(int above, const std::string& name) {
    if (::unlinkat(above, name.c_str(), 0) != 0) {
        if (errno != EISDIR && errno != EPERM)
            throw_errno(errno, cat("remove the earlier ", shown_name(name)));
        remove_tree(cat("/proc/self/fd/", above, "/", name));
    }
    // What was opened may have been in it, or the way there have led over it.
    // They stay open all the same: the caller goes on with them.
    parent_.path = target_.path = "/";
}

void LayerFolder::remember_times(const std::string& path,
                                 const timespec (&times)[2]) {
    remembered_ += path.size() + sizeof(Times);
    if (remembered_ > most_remembered)
        throw Error(ErrorKind::InvalidArgument,
                    "too many folders: their names take 256 MiB");
    times_.push_back({path, {times[0], times[1]}});
}

void LayerFolder::set_times() {
    for (const Times& folder : times_) {
        UniqueFd fd = open(folder.path, O_NOFOLLOW);
        if (!fd && is_missing(errno)) continue;  // a later entry replaced it
        check(fd.get(), "open folder ", shown_name(folder.path));
        check(::futimens(fd.get(), folder.times), "set times of ",
              shown_name(folder.path));
    }
    times_.clear();
}

}  // namespace slipway
