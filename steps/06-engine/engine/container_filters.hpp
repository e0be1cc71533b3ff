// Which containers `ps --filter` shows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "06-engine/engine/record.hpp"
#include "06-engine/engine/status.hpp"
#include "common/filters.hpp"

namespace slipway {

/// ancestor before exited expose health id is-task label name network publish
/// since status volume.
Filters container_filters();

/// Throws InvalidArgument for values that no container can have
/// ("status=up").
void check_container_filters(const Filters& filters);

/// An image that `ancestor` names, looked up by the caller: containers of it,
/// and of images that begin with its layers.
struct AncestorImage {
    std::string id;  ///< digest of its config
    std::vector<Digest> layers;
};

/// All but before and since, which need the others: see created_between().
bool is_wanted(const Filters& filters,
               const std::vector<AncestorImage>& ancestors,
               const ContainerRecord& record,
               const ContainerStatusView& status);

/// before, since: when the containers that they name were created.
bool created_between(const ContainerRecord& record,
                     const std::optional<std::string>& since,
                     const std::optional<std::string>& before);

}  // namespace slipway
