// The larger parts of a container's record, each in a file of its own.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "06-engine/engine/record.hpp"
#include "common/document.hpp"

namespace slipway {

/// Docker's HostConfig, complete, zero values too.
nlohmann::ordered_json host_config_json(const HostConfig& host);
/// `networks` are not Docker's HostConfig's, and not read.
HostConfig read_host_config(const DocumentField& field);

/// Adds Binds, Tmpfs and Mounts: what -v, --tmpfs and --mount say. A mount is
/// written in the first form that can say all of it.
void add_mounts(nlohmann::ordered_json& host_config,
                const std::vector<MountRequest>& mounts);
/// Binds first, then Tmpfs, then Mounts.
std::vector<MountRequest> read_mounts(const DocumentField& host_config);

}  // namespace slipway
