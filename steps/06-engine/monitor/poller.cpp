#include "06-engine/monitor/poller.hpp"

#include <cerrno>

#include "common/error.hpp"
#include "common/scope_guard.hpp"

namespace slipway {

void Poller::watch(int fd, short events, std::function<void()> answer) {
    if (fd < 0) return;
    polled_.push_back({fd, events, 0});
    answers_.push_back(std::move(answer));
}

bool Poller::turn(int timeout_ms) {
    ScopeGuard clear([&] {
        polled_.clear();
        answers_.clear();
    });
    int ready = ::poll(polled_.data(), polled_.size(), timeout_ms);
    if (ready < 0 && errno != EINTR) throw_errno(errno, "poll");
    if (ready <= 0) return false;
    for (std::size_t i = 0; i < polled_.size(); ++i)
        if (polled_[i].revents != 0) answers_[i]();
    return true;
}

}  // namespace slipway
