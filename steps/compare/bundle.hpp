// A bundle's config.json, made from what a runtime itself takes for an example.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compare/subjects.hpp"

namespace slipway::compare {

/// `spec` with this root, this command, a small container's limits in the group
/// `cgroup`, of which a little processor is one, and the edits. Throws
/// InvalidArgument when an edit does not fit.
std::string bundle_config(std::string_view spec, const std::string& rootfs,
                          const std::string& cgroup, bool little_processor,
                          const std::vector<std::string>& command,
                          const std::vector<Edit>& edits);

}  // namespace slipway::compare
