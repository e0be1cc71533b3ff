// UniqueFd: sole owner of a file descriptor.
#pragma once

#include <unistd.h>

#include <utility>

namespace slipway {

/// Closes its descriptor when it goes. Descriptors are opened close-on-exec,
/// so that no program started by us inherits one by accident. A raw `int` in a
/// parameter list is borrowed: the caller keeps it open and closes it.
class UniqueFd {
  public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        reset(other.release());
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    /// Gives the descriptor away: the caller closes it from now on.
    int release() { return std::exchange(fd_, -1); }
    /// Closes the present descriptor and owns `fd`. close(2) is not retried
    /// and its result not read: Linux frees the number even on EINTR.
    void reset(int fd = -1) {
        if (int old = std::exchange(fd_, fd); old >= 0) ::close(old);
    }

  private:
    int fd_ = -1;
};

}  // namespace slipway
