// What cannot go together when a container is created, whoever asks.
#pragma once

#include <string>
#include <vector>

#include "06-engine/engine/create_request.hpp"

namespace slipway {

/// Throws InvalidArgument for options that contradict each other or are out of
/// range, with Docker's rules. Returns warnings, sentences without an end:
/// what was asked for and does nothing.
/// Source: moby, daemon/container.go and daemon/daemon_unix.go.
std::vector<std::string> check_request(const CreateRequest& request);

/// The part that `update` needs, too.
std::vector<std::string> check_resources(const ResourceRequest& resources);

}  // namespace slipway
