#include "04-images/retry.hpp"

#include <poll.h>

#include <algorithm>

namespace slipway {

void let_pass(Milliseconds time) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + time;
    while (true) {
        auto left =
            std::chrono::ceil<std::chrono::nanoseconds>(end - Clock::now());
        if (left.count() <= 0) return;
        timespec timeout{};
        timeout.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000);
        timeout.tv_nsec = static_cast<long>(left.count() % 1'000'000'000);
        ::ppoll(nullptr, 0, &timeout, nullptr);
    }
}

bool is_worth_retrying(int status) {
    return status == 408 || status == 429 ||
           (status >= 500 && status != 501 && status != 505);
}

bool Attempts::next(std::optional<Milliseconds> asked) {
    if (++done_ >= policy_.attempts) return false;
    Milliseconds pause = policy_.first_wait;
    for (int i = 1; i < done_ && pause < policy_.longest_wait; ++i) pause *= 2;
    pause = std::min(pause, policy_.longest_wait);
    if (asked && *asked > policy_.longest_wait) return false;
    policy_.wait(std::max(pause, asked.value_or(Milliseconds(0))));
    return true;
}

}  // namespace slipway
