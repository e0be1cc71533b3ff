#include "04-images/store_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "02-namespaces/id_map.hpp"
#include "common/error.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

void refuse_foreign_folder(const std::string& path) {
    struct stat info {};
    if (::geteuid() != 0 || ::stat(path.c_str(), &info) != 0 ||
        info.st_uid == 0 || in_user_namespace())
        return;
    throw Error(ErrorKind::Forbidden,
                cat(path, " belongs to user ", info.st_uid,
                    ": root does not trust what is there"))
        .advise(cat("look at it as that user: sudo -u '#", info.st_uid,
                    "' …; or name another one with --root and --state"));
}

std::vector<std::string> names_in(int folder, const std::string& path) {
    // Opened anew: a copy of the descriptor would share its place in the list.
    UniqueFd fd(check(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                      "open folder ", path));
    std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(fd.get()), ::closedir);
    if (!dir) throw_errno(errno, cat("read folder ", path));
    [[maybe_unused]] int now_owned_by_dir = fd.release();
    std::vector<std::string> names;
    errno = 0;
    while (dirent* entry = ::readdir(dir.get())) {
        std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
        errno = 0;
    }
    // A list that breaks off must not pass for the whole one.
    if (errno != 0) throw_errno(errno, cat("read folder ", path));
    std::sort(names.begin(), names.end());
    return names;
}

bool is_blob_name(const std::string& name) {
    return name.size() == 64 &&
           name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace slipway
