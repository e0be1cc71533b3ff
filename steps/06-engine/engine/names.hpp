// Names for containers that nobody has named.
#pragma once

#include <string>

namespace slipway {

/// "practical_lamarr": an adjective and the surname of somebody whose work we
/// build on. From the second `attempt` on with a digit behind it, as Docker.
std::string random_name(int attempt);

}  // namespace slipway
