// Health checks: a command inside that says whether the container is well.
#pragma once

#include <optional>
#include <string>

#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/status.hpp"

namespace slipway {

/// Runs the container's check once and notes what came of it. Its output is
/// kept up to 4 KiB, five results are. After the timeout it is killed and has
/// failed. Docker's rules: `retries` failures in a row are "unhealthy", but not
/// in the start period, unless there was a success before.
bool check_health(const Engine& engine, const std::string& id);

/// Empty: there is no check. "starting" before the first result.
std::optional<HealthView> read_health(const Engine& engine,
                                      const ContainerRecord& record);

}  // namespace slipway
