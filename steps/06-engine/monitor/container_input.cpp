#include "06-engine/monitor/container_input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"

namespace slipway {

void make_nonblocking(int fd) {
    int flags = check(::fcntl(fd, F_GETFL), "fcntl");
    check(::fcntl(fd, F_SETFL, flags | O_NONBLOCK), "fcntl");
}

ContainerInput::ContainerInput(UniqueFd pipe, int terminal, bool once)
    : pipe_(std::move(pipe)), terminal_(terminal), once_(once) {
    if (fd() >= 0) make_nonblocking(fd());
}

void ContainerInput::add(std::string_view bytes) {
    if (fd() < 0 || ends_) return;  // it has none, or has closed it
    pending_ += bytes;
    feed();
}

void ContainerInput::feed() {
    while (!pending_.empty()) {
        ssize_t n = ::write(fd(), pending_.data(), pending_.size());
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n < 0) {  // nobody reads it any more
            pending_.clear();
            pipe_.reset();
            return;
        }
        pending_.erase(0, static_cast<std::size_t>(n));
    }
    pending_.shrink_to_fit();
    if (ends_) pipe_.reset();
}

// A terminal has no end: whoever comes next may type again.
void ContainerInput::end() {
    if (terminal_ >= 0 || !once_) return;
    ends_ = true;
    feed();
}

}  // namespace slipway
