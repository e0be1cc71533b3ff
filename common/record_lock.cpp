#include "common/record_lock.hpp"

#include <fcntl.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

UniqueFd take_record_lock(const std::string& path) {
    UniqueFd fd(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return fd;
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    while (::fcntl(fd.get(), F_SETLKW, &whole) != 0)
        if (errno != EINTR) throw_errno(errno, cat("lock ", path));
    return fd;
}

}  // namespace slipway
