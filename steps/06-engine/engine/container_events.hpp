// What happened to a container, for `slipway events`.
#pragma once

#include <map>
#include <string>

#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"

namespace slipway {

/// With Docker's attributes: name, image, the labels, and those given. A log
/// that cannot be written is only a warning.
void record_container_event(const Engine& engine, const ContainerRecord& record,
                            const std::string& action,
                            std::map<std::string, std::string> attributes = {});

}  // namespace slipway
