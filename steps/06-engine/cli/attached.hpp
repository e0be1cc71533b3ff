// Being attached to a container: its output here, our input there.
#pragma once

#include <string>

#include "06-engine/engine/engine.hpp"

namespace slipway {

struct AttachedRun {
    bool input = false, output = true, errors = true;
    bool proxy_signals = true;
    std::string detach_keys = {};  ///< empty: ctrl-p,ctrl-q
};

/// Starts it, and returns its exit code when it ends; 0 when the user detaches.
int start_attached(const Engine& engine, const std::string& id,
                   const AttachedRun& run);

/// The same for one that runs.
int attach_to(const Engine& engine, const std::string& id,
              const AttachedRun& run);

}  // namespace slipway
