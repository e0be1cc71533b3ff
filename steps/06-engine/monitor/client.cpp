#include "06-engine/monitor/client.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace slipway {

Outlet Outlet::socket(UniqueFd fd) {
    Outlet outlet;
    outlet.own_ = std::move(fd);
    return outlet;
}

Outlet Outlet::plain(int borrowed) {
    Outlet outlet;
    outlet.borrowed_ = borrowed;
    struct stat info {};
    outlet.is_pipe_ = ::fstat(borrowed, &info) != 0 || !S_ISREG(info.st_mode);
    return outlet;
}

void Outlet::add(char type, std::string_view bytes) {
    std::string message;
    if (own_) message += type;
    message += bytes;
    if (!message.empty()) pending_.push_back(std::move(message));
}

bool Outlet::send_message(const std::string& message) {
    ssize_t n = ::send(own_.get(), message.data(), message.size(),
                       MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) pending_.pop_front();
    return n >= 0;
}

// The descriptor is the user's, and so are its flags: it cannot be made
// non-blocking. A pipe that poll(2) calls writable takes PIPE_BUF bytes.
bool Outlet::write_bytes() {
    const std::string& message = pending_.front();
    std::size_t left = message.size() - written_;
    if (is_pipe_) left = std::min(left, std::size_t{PIPE_BUF});
    ssize_t n = ::write(borrowed_, message.data() + written_, left);
    if (n < 0) return false;
    written_ += static_cast<std::size_t>(n);
    if (written_ == message.size()) {
        pending_.pop_front();
        written_ = 0;
    }
    return true;
}

bool Outlet::send() {
    while (!pending_.empty()) {
        bool sent = own_ ? send_message(pending_.front()) : write_bytes();
        if (!sent) return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
        if (!own_ && is_pipe_) return true;  // ask poll(2) again
    }
    return true;
}

}  // namespace slipway
