// Limits, from Docker's names to config.json's linux.resources.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "06-engine/engine/record.hpp"

namespace slipway {

/// With the rules for devices: everything is denied but what the host config
/// asks for (the runtime adds what every container may have).
nlohmann::ordered_json resources_json(const HostConfig& host);

/// Without them, for a change of a container that runs.
nlohmann::ordered_json limits_json(const ResourceRequest& limits);

}  // namespace slipway
