#include "05-build/beneath.hpp"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

//@ begin open-beneath
UniqueFd open_beneath(int root_fd, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const char* name = path.empty() ? "." : path.c_str();
    long fd = -1;
    // EAGAIN: something was renamed meanwhile; see common/files.cpp.
    for (int attempt = 0; attempt < 64; ++attempt) {
        fd = ::syscall(SYS_openat2, root_fd, name, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN) break;
    }
    return UniqueFd(static_cast<int>(fd));
}
//@ end open-beneath

std::string read_link_at(int folder, const std::string& name,
                         const std::string& shown) {
    std::string target(PATH_MAX, '\0');
    ssize_t size =
        check(::readlinkat(folder, name.c_str(), target.data(), target.size()),
              "read symlink ", quote(shown));
    target.resize(static_cast<std::size_t>(size));
    return target;
}

}  // namespace slipway
