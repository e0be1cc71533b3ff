// What `prune` of each kind removes, and `system prune` of all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "06-engine/engine/engine.hpp"
#include "common/filters.hpp"

namespace slipway {

struct PrunedObjects {
    std::vector<std::string> names;
    std::uint64_t bytes = 0;
};

Filters prune_filters();
/// Of a volume it is not known when it was used last: there is no `until`.
Filters prune_volume_filters();

/// Containers that do not run, and what killed processes left.
PrunedObjects prune_containers(const Engine& engine, const Filters& filters);
std::vector<std::string> prune_unused_networks(const Engine& engine,
                                               const Filters& filters);
PrunedObjects prune_unused_volumes(const Engine& engine, bool all,
                                   const Filters& filters);
/// Without `all` only what has no name; with it, images that no container uses.
PrunedObjects prune_unused_images(const Engine& engine, bool all,
                                  const Filters& filters);

}  // namespace slipway
