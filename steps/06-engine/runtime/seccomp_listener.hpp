// Who decides about system calls that a filter asks about.
#pragma once

#include "06-engine/runtime/state.hpp"
#include "06-engine/security/seccomp.hpp"

namespace slipway {

/// Hands the notify descriptor to the socket that the profile names, with the
/// container's process state. Source: OCI runtime specification,
/// config-linux.md "The Container Process State".
void send_listener(const SeccompFilter& filter, UniqueFd listener,
                   const ContainerState& state);

}  // namespace slipway
