// The engine and the machine it is on, in the form of Docker's info and
// version.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "06-engine/engine/engine.hpp"

namespace slipway {

/// Docker Engine API, SystemInfo; what is a daemon's is empty.
nlohmann::ordered_json engine_info(const Engine& engine);

/// {"Client": …, "Server": …}: one program is both.
nlohmann::ordered_json engine_version();

/// The API version whose fields inspect, events and lists follow.
constexpr char api_version[] = "1.50";

}  // namespace slipway
