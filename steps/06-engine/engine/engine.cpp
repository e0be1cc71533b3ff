#include "06-engine/engine/engine.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "02-namespaces/id_map.hpp"
#include "04-images/image_store.hpp"
#include "04-images/snapshots.hpp"
#include "04-images/store_folder.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

// What is mounted over in every container must be there to be mounted over.
// Below the writable layer it is no change of the container's.
void make_init_layer(const std::string& path) {
    for (const char* folder : {"", "/dev", "/etc", "/proc", "/sys"})
        if (::mkdir((path + folder).c_str(), 0755) != 0 && errno != EEXIST)
            throw_errno(errno, cat("create ", path, folder));
    for (const char* file : {"/etc/hostname", "/etc/hosts", "/etc/resolv.conf"})
        UniqueFd(check(
            ::open((path + file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644),
            "create ", path, file));
}

}  // namespace

bool make_private_folder(const std::string& path) {
    std::error_code failure;
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path(), failure);
    if (failure) throw_errno(failure.value(), cat("create ", path));
    if (::mkdir(path.c_str(), 0700) == 0) return true;
    if (errno != EEXIST) throw_errno(errno, cat("create ", path));
    return false;
}

std::string default_state_root(const std::string& root) {
    if (const char* set = std::getenv("SLIPWAY_STATE"); set && *set) return set;
    if (::geteuid() == 0 && !in_user_namespace()) return "/run/slipway";
    return cat(states_of(root), "/", boot_id());
}

std::string states_of(const std::string& root) {
    return root + "/run";
}

Engine open_engine(const std::string& root, const std::string& state) {
    Engine engine;
    engine.root = root.empty() ? default_store_root() : root;
    engine.state = state.empty() ? default_state_root(engine.root) : state;
    engine.user_xattr = in_user_namespace();
    refuse_foreign_folder(engine.root);
    refuse_foreign_folder(engine.state);
    // The last one to be made is there: so are the others.
    struct stat info {};
    if (::stat((engine.state + "/containers").c_str(), &info) == 0 &&
        ::stat(engine.trash().c_str(), &info) == 0)
        return engine;
    make_private_folder(engine.root + "/engine");
    make_init_layer(engine.init_layer());
    for (const std::string& path :
         {engine.containers(), engine.names(), engine.volumes(), engine.trash(),
          engine.state, engine.state + "/oci", engine.state + "/containers"})
        make_private_folder(path);
    return engine;
}

std::string new_id() {
    unsigned char bytes[32];
    std::size_t got = 0;
    while (got < sizeof bytes) {
        ssize_t n = ::getrandom(bytes + got, sizeof bytes - got, 0);
        if (n > 0) got += static_cast<std::size_t>(n);
    }
    std::string id;
    for (unsigned char byte : bytes) {
        id += "0123456789abcdef"[byte >> 4];
        id += "0123456789abcdef"[byte & 15];
    }
    return id;
}

}  // namespace slipway
