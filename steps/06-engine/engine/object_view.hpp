// Networks and volumes as they are shown: rows of `ls`, and Docker's inspect.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "06-engine/engine/volumes.hpp"
#include "06-engine/network/endpoint.hpp"
#include "06-engine/network/network_config.hpp"

namespace slipway {

/// "none" has the driver "null", as in Docker.
nlohmann::ordered_json network_row(const Network& network, bool whole);
nlohmann::ordered_json inspect_network(const Network& network,
                                       const std::vector<Endpoint>& endpoints);

/// `size`, `users`: what system df -v has found out; otherwise "N/A".
nlohmann::ordered_json volume_row(const Volume& volume,
                                  std::optional<std::uint64_t> size = {},
                                  std::optional<std::size_t> users = {});
nlohmann::ordered_json inspect_volume(const Volume& volume);

}  // namespace slipway
