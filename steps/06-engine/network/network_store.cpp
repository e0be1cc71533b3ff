#include "06-engine/network/network_store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "04-images/store_lock.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// A file that is being written has other letters behind it.
constexpr std::string_view suffix = ".state";

UniqueFd lock_in(const std::string& folder, const char* name) {
    std::string path = cat(folder, "/", name);
    auto open = [&] {
        return UniqueFd(::open(
            path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    };
    UniqueFd file = open();
    if (!file) {
        std::filesystem::create_directories(folder);
        file = open();
    }
    check(file.get(), "open ", path);
    lock_file(file.get(), LOCK_EX, Wait::Yes, path);
    return file;
}

}  // namespace

UniqueFd lock_networks(const NetworkStore& store) {
    return lock_in(networks_folder(store), ".lock");
}

std::string state_path(const NetworkStore& store, const std::string& part,
                       const std::string& name) {
    std::string path = cat(store.state, "/network/", part);
    return name.empty() ? path : cat(path, "/", name, suffix);
}

UniqueFd lock_state(const NetworkStore& store) {
    UniqueFd lock = lock_in(store.state + "/network", "lock");
    for (const char* part : {"endpoints", "dns", "ports", "proxy", "user"})
        if (::mkdir(state_path(store, part).c_str(), 0755) != 0 &&
            errno != EEXIST)
            check(-1, "make ", state_path(store, part));
    return lock;
}

std::vector<std::string> names_in_state(const NetworkStore& store,
                                        const std::string& part) {
    std::vector<std::string> names;
    std::unique_ptr<DIR, int (*)(DIR*)> dir(
        ::opendir(state_path(store, part).c_str()), ::closedir);
    if (!dir) return names;
    while (dirent* entry = ::readdir(dir.get()))
        if (std::string_view name = entry->d_name; name.ends_with(suffix))
            names.emplace_back(name.substr(0, name.size() - suffix.size()));
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace slipway
