// Trying again: when it may help, how often, and how long to wait before.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

namespace slipway {

using Milliseconds = std::chrono::milliseconds;

/// Lets the time pass. There is no event to wait for when a server said "come
/// back later", so this is a wait for the clock, by ppoll(2) on nothing.
/// Signals do not shorten it.
void let_pass(Milliseconds time);

struct RetryPolicy {
    int attempts = 5;                   ///< in all, the first one included
    Milliseconds first_wait{500};       ///< doubled after each attempt
    Milliseconds longest_wait{60'000};  ///< a server that wants more gets none
    /// Tests and event loops bring their own; it may throw to end it all.
    std::function<void(Milliseconds)> wait = let_pass;
};

/// Whether another attempt may go better after this HTTP status: 408, 429 and
/// 5xx, but for those that say "never" (501, 505).
bool is_worth_retrying(int status);

/// Counts the attempts at one thing.
class Attempts {
  public:
    explicit Attempts(const RetryPolicy& policy) : policy_(policy) {}
    /// Waits before the next attempt; `asked` is what the server wants
    /// (Retry-After). False when there is none left, or `asked` is too long.
    bool next(std::optional<Milliseconds> asked = {});
    /// There was progress: count from the beginning.
    void start_anew() { done_ = 0; }

  private:
    const RetryPolicy& policy_;
    int done_ = 0;
};

}  // namespace slipway
