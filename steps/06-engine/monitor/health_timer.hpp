// When a health check is due, and the one that is running.
#pragma once

#include <chrono>
#include <optional>

#include "06-engine/monitor/monitor_plan.hpp"
#include "common/process.hpp"

namespace slipway {

/// There is a command to run. Docker's rules: the first check after an
/// interval, the next one an interval after the last has ended. In the start
/// period the start interval counts, until a check has succeeded. What a check
/// finds is its own to note; here counts only whether it exits with 0.
class HealthTimer {
  public:
    explicit HealthTimer(const HealthPlan& plan);

    /// `timeout_ms` (-1: for ever), or the milliseconds until check_if_due()
    /// has something to do, when these are fewer.
    int sooner_ms(int timeout_ms) const;
    void check_if_due();
    /// The running check's pidfd; -1: there is none.
    int process() const { return running_ ? running_->pidfd() : -1; }
    void reap();

  private:
    using Clock = std::chrono::steady_clock;
    void plan_next();

    HealthPlan plan_;
    Clock::time_point started_ = Clock::now(), due_;
    bool has_succeeded_ = false;
    std::optional<ChildProcess> running_;
};

}  // namespace slipway
