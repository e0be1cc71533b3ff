// The verbs of slipway-transfer that are about a container's files.
#pragma once

#include "06-engine/cli/settings.hpp"
#include "common/program.hpp"

namespace slipway {

Verb export_container_verb(const EngineSettings& settings);
Verb diff_container_verb(const EngineSettings& settings);
Verb commit_container_verb(const EngineSettings& settings);
/// cp with "-" on one side: a tar.
Verb copy_tar_verb(const EngineSettings& settings);

}  // namespace slipway
