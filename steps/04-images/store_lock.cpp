#include "04-images/store_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "common/error.hpp"

namespace slipway {

namespace {

// For reading: flock does not ask for more, and so who may only read a store
// can hold it all the same.
UniqueFd open_lock(const ContentStore& store, const char* name) {
    return UniqueFd(
        check(::openat(store.folder.get(), name,
                       O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644),
              "open ", store.root, "/", name));
}

}  // namespace

bool lock_file(int fd, int kind, Wait wait, const std::string& name) {
    int flags = kind | (wait == Wait::No ? LOCK_NB : 0);
    int result = -1;
    do {
        result = ::flock(fd, flags);
    } while (result != 0 && errno == EINTR);
    if (result != 0 && errno == EWOULDBLOCK) return false;
    check(result, "lock ", name);
    return true;
}

//@ begin leases
StoreLease hold_store(const ContentStore& store) {
    UniqueFd file = open_lock(store, "gc.lock");
    lock_file(file.get(), LOCK_SH, Wait::Yes, store.root);
    return {store, std::move(file)};
}

std::optional<WholeStore> lock_whole_store(const ContentStore& store,
                                           Wait wait) {
    UniqueFd file = open_lock(store, "gc.lock");
    if (!lock_file(file.get(), LOCK_EX, wait, store.root)) return std::nullopt;
    return WholeStore{store, std::move(file)};
}
//@ end leases

UniqueFd lock_index(const ContentStore& store) {
    UniqueFd file = open_lock(store, "lock");
    lock_file(file.get(), LOCK_EX, Wait::Yes, store.root);
    return file;
}

}  // namespace slipway
