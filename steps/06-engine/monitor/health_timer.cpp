#include "06-engine/monitor/health_timer.hpp"

#include <spawn.h>

#include <algorithm>
#include <climits>

#include "common/error.hpp"
#include "common/spawn.hpp"

namespace slipway {

using std::chrono::milliseconds;

HealthTimer::HealthTimer(const HealthPlan& plan) : plan_(plan) {
    plan_next();
}

void HealthTimer::plan_next() {
    bool starting = !has_succeeded_ && Clock::now() - started_ <
                                           milliseconds(plan_.start_period_ms);
    due_ = Clock::now() +
           milliseconds(starting ? plan_.start_interval_ms : plan_.interval_ms);
}

int HealthTimer::sooner_ms(int timeout_ms) const {
    if (running_) return timeout_ms;
    auto left = std::chrono::ceil<milliseconds>(due_ - Clock::now()).count();
    int due_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
    return timeout_ms < 0 ? due_ms : std::min(due_ms, timeout_ms);
}

void HealthTimer::check_if_due() {
    if (running_ || Clock::now() < due_) return;
    try {
        SpawnPlan check;
        check.program = plan_.command[0];
        check.arguments = plan_.command;
        check.files = {{-1, 0}};
        check.flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        running_.emplace(spawn(std::move(check)));
    } catch (const Error&) {
        plan_next();  // too many processes, or our program is being replaced
    }
}

void HealthTimer::reap() {
    has_succeeded_ = running_->wait().ok() || has_succeeded_;
    running_.reset();
    plan_next();
}

}  // namespace slipway
