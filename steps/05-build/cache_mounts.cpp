#include "05-build/cache_mounts.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <system_error>

#include "04-images/digest.hpp"
#include "04-images/store_lock.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Sharing = CacheMount::Sharing;

constexpr char lock_suffix[] = ".lock";

std::string folder_of_all(const std::string& store_root) {
    return store_root + "/build/mounts";
}

// Empty when somebody else has it and we do not wait.
UniqueFd lock_cache(const std::string& path, int kind, Wait wait) {
    std::string name = path + lock_suffix;
    UniqueFd file(
        check(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open ",
              name));
    if (!lock_file(file.get(), kind, wait, path)) file.reset();
    return file;
}

// Made whole under another name first: who shares it may come at the same time.
// One that is there already is in use, even while it is empty.
void make_folder(const CacheMount& mount) {
    if (std::filesystem::exists(mount.folder)) return;
    std::string half = mount.folder + ".new-XXXXXX";
    if (!::mkdtemp(half.data())) throw_errno(errno, cat("create ", half));
    ScopeGuard remove([&] {
        std::error_code left;  // for the next prune
        std::filesystem::remove_all(half, left);
    });
    mount.fill(half);
    if (::renameat2(AT_FDCWD, half.c_str(), AT_FDCWD, mount.folder.c_str(),
                    RENAME_NOREPLACE) == 0)
        return remove.dismiss();
    if (errno != EEXIST) throw_errno(errno, cat("create ", mount.folder));
}

}  // namespace

//@ begin hold-caches
// In the order of their names, each once: else two commands could each have
// what the other one waits for. Those that nobody waits for come last.
std::vector<UniqueFd> hold_caches(const std::string& store_root,
                                  const std::vector<CacheMount*>& mounts) {
    if (mounts.empty()) return {};
    std::string all = folder_of_all(store_root);
    std::filesystem::create_directories(all);
    std::map<std::string, int> kinds;
    for (CacheMount* mount : mounts) {
        mount->folder = cat(all, "/", Digest::of(mount->id).hex());
        if (mount->sharing == Sharing::Private) continue;
        int& kind = kinds.try_emplace(mount->folder, LOCK_SH).first->second;
        if (mount->sharing == Sharing::Locked) kind = LOCK_EX;
    }
    std::vector<UniqueFd> locks;
    locks.reserve(mounts.size());
    for (const auto& [folder, kind] : kinds)
        locks.push_back(lock_cache(folder, kind, Wait::Yes));
    for (CacheMount* mount : mounts) {
        std::string first = mount->folder;
        for (int i = 2; mount->sharing == Sharing::Private; ++i) {
            UniqueFd lock = lock_cache(mount->folder, LOCK_EX, Wait::No);
            if (lock) {
                locks.push_back(std::move(lock));
                break;
            }
            mount->folder = cat(first, "-", i);
        }
        make_folder(*mount);
    }
    return locks;
}
//@ end hold-caches

void prune_caches(const std::string& store_root) {
    std::string all = folder_of_all(store_root);
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(all, none)) {
        std::string name = entry.path().filename();
        if (name.ends_with(lock_suffix)) continue;
        std::string folder = cat(all, "/", name.substr(0, name.find('.')));
        if (UniqueFd lock = lock_cache(folder, LOCK_EX, Wait::No))
            remove_tree(entry.path());
    }
}

}  // namespace slipway
