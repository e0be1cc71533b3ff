#include "04-images/store_folder.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "common/error.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

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
