// Waiting for several things at once, and answering what has happened.
#pragma once

#include <poll.h>

#include <functional>
#include <vector>

namespace slipway {

/// What is to be waited for is put together anew for each turn: it is short,
/// and nothing can be forgotten. poll(2), because epoll(7) refuses files and
/// /dev/null, which a `run` has as its stdin.
class Poller {
  public:
    /// For the next turn. `fd` -1: nothing. An answer comes also for an end or
    /// an error, whatever `events` are.
    void watch(int fd, short events, std::function<void()> answer);
    /// Waits, and calls the answers of what has happened. False: nothing has,
    /// in `timeout_ms` (-1: for ever).
    bool turn(int timeout_ms);

  private:
    std::vector<pollfd> polled_;
    std::vector<std::function<void()>> answers_;
};

}  // namespace slipway
