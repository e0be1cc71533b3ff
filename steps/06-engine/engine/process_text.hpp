// A process as another OCI runtime reads it: exec --process FILE.
#pragma once

#include <string>

#include "06-engine/runtime/spec.hpp"

namespace slipway {

/// What parse_process() reads back, as far as the engine sets it.
std::string process_text(const ProcessSpec& process);

}  // namespace slipway
