// One thread that waits for many descriptors: epoll(7).
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "common/unique_fd.hpp"

namespace slipway {

/// CLOCK_MONOTONIC.
std::int64_t monotonic_milliseconds();

class EventLoop {
  public:
    EventLoop();

    /// Calls `ready` whenever one of `events` happens (EPOLLIN, …). A call
    /// without cause is possible: descriptors that are watched do not block.
    void watch(int fd, std::uint32_t events, std::function<void()> ready);
    /// Before it is closed. Not watched is fine.
    void forget(int fd);

    /// For ever. Before each wait `idle` does what has become due, and says for
    /// how many milliseconds to wait at most; -1: for an event only.
    [[noreturn]] void run(const std::function<int()>& idle);

  private:
    UniqueFd epoll_;
    // Shared: who runs may forget himself.
    std::map<int, std::shared_ptr<std::function<void()>>> watched_;
};

}  // namespace slipway
