// The words of random names.
#pragma once

#include <string_view>

namespace slipway {

/// How a container may be.
extern const std::string_view name_adjectives[126];
/// Whose work computers, and the sciences they came from, build on.
extern const std::string_view name_surnames[265];

}  // namespace slipway
