// A name that also code without any library knows: early_start.cpp.
#pragma once

namespace slipway {

/// Environment variable with the path of this program, for one that starts
/// itself again from a file without a name.
constexpr char program_variable[] = "SLIPWAY_PROGRAM";

}  // namespace slipway
