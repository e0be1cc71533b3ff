#include "06-engine/network/event_loop.hpp"

#include <cerrno>
#include <ctime>
#include <iterator>
#include <utility>

#include "common/error.hpp"

namespace slipway {

std::int64_t monotonic_milliseconds() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

EventLoop::EventLoop()
    : epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create")) {}

void EventLoop::watch(int fd, std::uint32_t events,
                      std::function<void()> ready) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
    watched_[fd] = std::make_shared<std::function<void()>>(std::move(ready));
}

void EventLoop::forget(int fd) {
    if (watched_.erase(fd) != 0)
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void EventLoop::run(const std::function<int()>& idle) {
    while (true) {
        epoll_event events[64];
        int count =
            ::epoll_wait(epoll_.get(), events, std::size(events), idle());
        if (count < 0 && errno != EINTR) check(count, "epoll_wait");
        for (int i = 0; i < count; ++i) {
            auto found = watched_.find(events[i].data.fd);
            if (found == watched_.end()) continue;  // forgotten meanwhile
            std::shared_ptr<std::function<void()>> ready = found->second;
            (*ready)();
        }
    }
}

}  // namespace slipway
