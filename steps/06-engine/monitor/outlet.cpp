#include "06-engine/monitor/outlet.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "common/text.hpp"

namespace slipway {

Outlet Outlet::socket(UniqueFd fd) {
    Outlet outlet;
    outlet.own_ = std::move(fd);
    outlet.is_message_ = true;
    return outlet;
}

//@ begin plain-outlet
// O_NONBLOCK belongs to the open file, which others have, too: the shell's
// terminal would get it. So the file is opened once more. A regular file never
// blocks, and has a position that must stay shared.
Outlet Outlet::plain(int fd) {
    Outlet outlet;
    outlet.borrowed_ = fd;
    struct stat info {};
    if (::fstat(fd, &info) != 0 || S_ISREG(info.st_mode)) return outlet;
    outlet.own_.reset(::open(cat("/proc/self/fd/", fd).c_str(),
                             O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    outlet.may_block_ = !outlet.own_;
    return outlet;
}
//@ end plain-outlet

void Outlet::add(char type, std::string_view bytes) {
    std::string message;
    message.reserve(bytes.size() + 1);
    if (is_message_) message += type;
    message += bytes;
    if (!message.empty()) pending_.push_back(std::move(message));
}

ssize_t Outlet::send_some(std::string_view bytes) {
    if (is_message_)
        return ::send(own_.get(), bytes.data(), bytes.size(),
                      MSG_NOSIGNAL | MSG_DONTWAIT);
    // What poll(2) calls writable takes so much without blocking.
    if (may_block_) bytes = bytes.substr(0, PIPE_BUF);
    return ::write(fd(), bytes.data(), bytes.size());
}

bool Outlet::send() {
    while (!pending_.empty()) {
        const std::string& first = pending_.front();
        ssize_t n = send_some(std::string_view(first).substr(written_));
        if (n < 0) return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
        written_ += static_cast<std::size_t>(n);
        if (written_ == first.size()) {
            pending_.pop_front();
            written_ = 0;
        }
        if (may_block_) return true;  // ask poll(2) again
    }
    return true;
}

void Outlet::discard() {
    pending_.clear();
    written_ = 0;
}

void Outlet::leave_open() {
    if (!is_message_) return;
    ::fcntl(own_.get(), F_SETFD, 0);
    own_.release();
}

}  // namespace slipway
