#include "04-images/layer_walk.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <optional>
#include <string_view>
#include <vector>

#include "04-images/store_folder.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// The way to what was opened with O_PATH: most calls do not take such a
// descriptor itself.
std::string way_to(const LayerEntry& entry) {
    return cat("/proc/self/fd/", entry.handle.get());
}

// For messages. Names are somebody else's: they are quoted.
std::string shown_path(const LayerEntry& entry) {
    return quote("/" + entry.path);
}

EntryKind kind_of(const struct stat& info) {
    switch (info.st_mode & S_IFMT) {
        case S_IFDIR:
            return EntryKind::Folder;
        case S_IFLNK:
            return EntryKind::Symlink;
        case S_IFIFO:
            return EntryKind::Fifo;
        case S_IFSOCK:
            return EntryKind::Socket;
        case S_IFCHR:
            return info.st_rdev == makedev(0, 0) ? EntryKind::Whiteout
                                                 : EntryKind::Device;
        case S_IFBLK:
            return EntryKind::Device;
        default:
            return EntryKind::File;
    }
}

// An xattr's value, or the list of names, of which the kernel makes at most
// 64 KiB. Empty: there is none.
template <class Call>
std::optional<std::string> xattr_text(const LayerEntry& entry, Call call) {
    char small[256];
    std::string text;
    ssize_t size = call(small, sizeof small);
    if (size >= 0) {
        text.assign(small, static_cast<std::size_t>(size));
    } else if (errno == ERANGE) {
        text.resize(XATTR_SIZE_MAX);
        size = call(text.data(), text.size());
        if (size >= 0) text.resize(static_cast<std::size_t>(size));
    }
    if (size >= 0) return text;
    if (errno == ENODATA || errno == ENOTSUP) return std::nullopt;
    throw_errno(errno, cat("read xattrs of ", shown_path(entry)));
}

std::optional<std::string> xattr(const LayerEntry& entry,
                                 const std::string& name) {
    std::string way = way_to(entry);
    return xattr_text(entry, [&](char* to, std::size_t size) {
        return ::getxattr(way.c_str(), name.c_str(), to, size);
    });
}

std::vector<std::string> xattr_names(const LayerEntry& entry) {
    std::string way = way_to(entry);
    auto list = xattr_text(entry, [&](char* to, std::size_t size) {
        return ::listxattr(way.c_str(), to, size);
    });
    if (!list || list->empty()) return {};
    list->pop_back();  // each name ends with a NUL
    return split(*list, '\0');
}

// trusted.overlay.* is the kernel's, security.selinux the host's policy, and
// ACLs no layer has ever had.
bool is_kept(std::string_view name) {
    return name == "security.capability" ||
           (name.starts_with("user.") && !name.starts_with("user.overlay."));
}

std::string_view mark_prefix(FolderForm form) {
    return form == FolderForm::UserOverlay ? "user.overlay."
                                           : "trusted.overlay.";
}

[[noreturn]] void refuse_mark(const LayerEntry& entry, std::string_view name) {
    throw Error(
        ErrorKind::InvalidArgument,
        cat(shown_path(entry), " is no whole entry of a layer: it has ", name))
        .advise(
            "the overlay was mounted with redirect_dir or metacopy, "
            "which layers cannot have");
}

// "x" on a folder says only that there are whiteouts of the other kind in it.
void read_mark(LayerEntry& entry, const std::string& name,
               std::string_view mark) {
    if (mark == "redirect" || mark == "metacopy") refuse_mark(entry, name);
    if (mark == "opaque" && entry.kind == EntryKind::Folder)
        entry.opaque = xattr(entry, name) == "y";
    if (mark == "whiteout" && entry.kind == EntryKind::File &&
        entry.info.st_size == 0)
        entry.kind = EntryKind::Whiteout;
}

void read_xattrs(LayerEntry& entry, FolderForm form) {
    std::string_view prefix = mark_prefix(form);
    for (const std::string& name : xattr_names(entry)) {
        if (is_kept(name)) {
            // Gone since it was listed: it is not there.
            if (auto value = xattr(entry, name)) entry.xattrs[name] = *value;
        } else if (form != FolderForm::Plain && name.starts_with(prefix)) {
            read_mark(entry, name,
                      std::string_view(name).substr(prefix.size()));
        }
    }
}

std::string target_of(const LayerEntry& link) {
    std::string target(PATH_MAX, '\0');
    ssize_t size =
        check(::readlinkat(link.handle.get(), "", target.data(), target.size()),
              "read symlink ", shown_path(link));
    target.resize(static_cast<std::size_t>(size));
    return target;
}

LayerEntry described(std::string path, UniqueFd handle, FolderForm form) {
    LayerEntry entry{.path = std::move(path), .handle = std::move(handle)};
    check(::fstat(entry.handle.get(), &entry.info), "look at ",
          shown_path(entry));
    entry.kind = kind_of(entry.info);
    if (entry.kind == EntryKind::Whiteout && form == FolderForm::Plain)
        throw Error(ErrorKind::InvalidArgument,
                    cat(shown_path(entry),
                        " is a whiteout, in a tree that is no layer"));
    if (entry.kind == EntryKind::Symlink) entry.target = target_of(entry);
    if (entry.kind != EntryKind::Whiteout) read_xattrs(entry, form);
    return entry;
}

int open_beneath(const LayerEntry& folder, const std::string& name) {
    open_how how{};
    how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
    return static_cast<int>(::syscall(SYS_openat2, folder.handle.get(),
                                      name.c_str(), &how, sizeof how));
}

std::string path_in(const LayerEntry& folder, const std::string& name) {
    return folder.path.empty() ? name : cat(folder.path, "/", name);
}

void check_depth(const std::string& path) {
    auto slashes = std::count(path.begin(), path.end(), '/');
    if (static_cast<std::size_t>(slashes) < deepest_layer_path) return;
    throw Error(ErrorKind::InvalidArgument,
                cat("folders nest deeper than ", deepest_layer_path, ": ",
                    quote("/" + path.substr(0, 80)), " …"));
}

void walk_below(const LayerEntry& folder, FolderForm form,
                const std::function<void(const LayerEntry&)>& visit) {
    for (const std::string& name :
         names_in(folder.handle.get(), shown_path(folder))) {
        LayerEntry entry = look_in(folder, name, form);
        visit(entry);
        if (entry.kind == EntryKind::Folder) walk_below(entry, form, visit);
    }
}

}  // namespace

LayerEntry open_layer_folder(const std::string& folder, FolderForm form) {
    return described(
        "",
        UniqueFd(check(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
                       "open folder ", folder)),
        form);
}

std::optional<LayerEntry> find_in(const LayerEntry& folder,
                                  const std::string& name, FolderForm form) {
    std::string path = path_in(folder, name);
    check_depth(path);
    UniqueFd handle(open_beneath(folder, name));
    if (!handle && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!handle && errno == EXDEV)
        throw Error(ErrorKind::Conflict,
                    cat("something is mounted on ", quote("/" + path)))
            .advise("findmnt -R shows it: release it first");
    check(handle.get(), "open ", quote("/" + path));
    return described(std::move(path), std::move(handle), form);
}

LayerEntry look_in(const LayerEntry& folder, const std::string& name,
                   FolderForm form) {
    auto found = find_in(folder, name, form);
    if (!found)
        throw_errno(ENOENT, cat("open ", quote("/" + path_in(folder, name))));
    return std::move(*found);
}

UniqueFd open_contents(const LayerEntry& file) {
    return UniqueFd(check(::open(way_to(file).c_str(), O_RDONLY | O_CLOEXEC),
                          "open ", shown_path(file)));
}

void walk_layer_folder(const std::string& folder, FolderForm form,
                       const std::function<void(const LayerEntry&)>& visit) {
    LayerEntry root = open_layer_folder(folder, form);
    visit(root);
    walk_below(root, form, visit);
}

}  // namespace slipway
