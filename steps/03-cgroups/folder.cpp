#include "03-cgroups/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_file = 16 << 20;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

bool may_write(const std::string& path) {
    return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

bool is_empty(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    char byte = 0;
    return fd && ::read(fd.get(), &byte, 1) == 0;
}

void remove_groups_below(int folder) {
    UniqueFd copy(::openat(folder, ".", folder_flags));
    std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(copy.get()),
                                            ::closedir);
    if (!dir) return;
    [[maybe_unused]] int now_owned_by_dir = copy.release();
    while (dirent* entry = ::readdir(dir.get())) {
        std::string name = entry->d_name;
        if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
        UniqueFd below(::openat(folder, name.c_str(), folder_flags));
        if (below) remove_groups_below(below.get());
        ::unlinkat(folder, name.c_str(), AT_REMOVEDIR);
    }
}

}  // namespace

std::optional<std::string> CgroupFolder::read(const char* file) const {
    UniqueFd fd(::openat(self.get(), file, O_RDONLY | O_CLOEXEC));
    if (!fd) return std::nullopt;
    return read_all(fd.get(), longest_file);
}

bool CgroupFolder::has(const char* file) const {
    return ::faccessat(self.get(), file, F_OK, 0) == 0;
}

void CgroupFolder::write(const char* reason, const std::string& file,
                         const std::string& value) const {
    act(Why{reason}, "write", write_kernel_file, shown(self.get(), quote(path)),
        file, value);
}

//@ begin take-lock
bool CgroupFolder::take_lock() {
    lock.reset(::openat(self.get(), "cgroup.procs", O_RDWR | O_CLOEXEC));
    struct flock all {};
    all.l_type = F_WRLCK;
    all.l_whence = SEEK_SET;
    return lock && ::fcntl(lock.get(), F_SETLK, &all) == 0;
}
//@ end take-lock

//@ begin find-place
std::optional<std::string> find_place(const CgroupHierarchy& tree) {
    if (may_write(tree.mount_point)) return tree.mount_point;
    std::string group = tree.own;
    while (group.size() > tree.mount_point.size()) {
        bool ours = may_write(group) && may_write(group + "/cgroup.procs");
        if (ours && (tree.version == 1 || is_empty(group + "/cgroup.procs")))
            return group;
        // A v1 group gives its limits to those below it: higher up is not ours.
        if (tree.version == 1) break;
        group.resize(group.rfind('/'));
    }
    return std::nullopt;
}
//@ end find-place

std::optional<CgroupFolder> open_cgroup_folder(int version,
                                               const std::string& place,
                                               const std::string& name) {
    CgroupFolder folder;
    folder.version = version;
    folder.path = place + "/" + name;
    folder.name = name;
    folder.self.reset(::open(folder.path.c_str(), folder_flags));
    if (!folder.self) return std::nullopt;
    return folder;
}

//@ begin make-folder
CgroupFolder make_cgroup_folder(int version, const std::string& place,
                                const std::string& name) {
    std::string path = place + "/" + name;
    act(Why{"a group for this command", "rmdir"},  //
        "mkdir", ::mkdir, path, shown(mode_t{0755}, "0755"));
    ScopeGuard undo([&] { ::rmdir(path.c_str()); });
    std::optional<CgroupFolder> folder =
        open_cgroup_folder(version, place, name);
    if (!folder) throw_errno(errno, cat("open ", path));
    undo.dismiss();
    return std::move(*folder);
}
//@ end make-folder

//@ begin remove-folder
void remove_cgroup_folder(const CgroupFolder& folder) {
    UniqueFd parent(::openat(folder.self.get(), "..", folder_flags));
    auto remove = [&] {
        return try_act(Why{"nobody is in it any more"}, "rmdir", ::unlinkat,
                       parent, shown(folder.name.c_str(), folder.path),
                       shown(AT_REMOVEDIR, "AT_REMOVEDIR"));
    };
    if (remove() == 0 || errno == ENOENT) return;
    if (errno == EBUSY) {  // groups below it, or processes
        remove_groups_below(folder.self.get());
        if (remove() == 0) return;
    }
    throw_errno(errno, cat("remove cgroup ", folder.path));
}
//@ end remove-folder

//@ begin keyed-value
std::optional<std::uint64_t> keyed_value(std::string_view text,
                                         std::string_view key) {
    for (const std::string& line : split(text, '\n')) {
        std::string_view rest = line;
        if (!rest.starts_with(key)) continue;
        rest.remove_prefix(key.size());
        if (rest.starts_with(' '))
            return parse_unsigned(rest.substr(1), UINT64_MAX);
    }
    return std::nullopt;
}
//@ end keyed-value

}  // namespace slipway
