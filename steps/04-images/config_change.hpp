// Changes to an image's config, written as Dockerfile instructions: what
// `import --change` and `commit --change` take.
#pragma once

#include <string_view>

#include "04-images/image_config.hpp"

namespace slipway {

/// CMD, ENTRYPOINT (["a", "b"], or text for the shell), ENV NAME=VALUE, EXPOSE
/// 80/tcp, LABEL NAME=VALUE, USER, VOLUME, WORKDIR, STOPSIGNAL. Values may be
/// in double quotes. Throws InvalidArgument that says what is wrong.
/// Source: docker import's reference, --change.
void apply_change(RunConfig& config, std::string_view instruction);

}  // namespace slipway
