// Looking at containers: what was asked for, and what they are doing now.
#pragma once

#include <string>
#include <vector>

#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"
#include "06-engine/engine/status.hpp"

namespace slipway {

struct KnownContainer {
    ContainerRecord record;
    ContainerStatusView status;
};

/// All of them, the newest first. One that goes meanwhile is left out, and one
/// that cannot be read is told of by engine.warn().
/// `Which::Begun`: only those of which there is a run, which may be over: what
/// the others are costs nothing then.
enum class Which { All, Begun };
std::vector<KnownContainer> known_containers(const Engine& engine,
                                             Which which = Which::All);

/// One of them, with what only inspect wants, too: folders, mounts. Throws
/// NotFound.
KnownContainer look_at_container(const Engine& engine, const std::string& id);

/// Bytes of its writable layer.
std::uint64_t writable_size(const Engine& engine, const std::string& id);

}  // namespace slipway
