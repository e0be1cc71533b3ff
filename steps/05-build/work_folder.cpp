#include "05-build/work_folder.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>

#include "04-images/store_lock.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::string folder_of_all(const std::string& store_root) {
    return store_root + "/build/work";
}

UniqueFd lock_folder(const std::string& path) {
    UniqueFd fd(
        ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (fd && !lock_file(fd.get(), LOCK_EX, Wait::No, path)) fd.reset();
    return fd;
}

}  // namespace

WorkFolder::WorkFolder(const std::string& store_root) {
    std::string all = folder_of_all(store_root);
    std::filesystem::create_directories(all);
    // Caches, too, are below it: another user of the host could start a set-uid
    // program that a RUN has left in one.
    std::string build = store_root + "/build";
    check(::chmod(build.c_str(), 0700), "chmod ", build);
    // Between mkdtemp and the lock somebody who cleans may take it for left.
    while (!lock_) {
        path_ = all + "/XXXXXX";
        if (!::mkdtemp(path_.data())) throw_errno(errno, cat("create ", path_));
        lock_ = lock_folder(path_);
    }
}

WorkFolder::~WorkFolder() {
    if (!lock_) return;  // moved from
    try {
        remove_tree(path_);
    } catch (const Error&) {
        // The next build removes it.
    }
}

std::string WorkFolder::make(const std::string& name) const {
    std::string path = cat(path_, "/", name);
    check(::mkdir(path.c_str(), 0755), "create ", path);
    return path;
}

void remove_work_leftovers(const std::string& store_root) {
    std::string all = folder_of_all(store_root);
    if (!std::filesystem::exists(all)) return;
    for (const auto& entry : std::filesystem::directory_iterator(all))
        if (UniqueFd lock = lock_folder(entry.path().string()))
            remove_tree(entry.path().string());
}

}  // namespace slipway
