// Credential helpers: programs that keep passwords in a safer place than a
// file, such as the desktop's keyring.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "04-images/credentials.hpp"

namespace slipway {

/// Asks "docker-credential-NAME get" for `server`, which it reads on its
/// standard input. Empty when it has none. Throws NotFound when there is no
/// such program on the PATH, InvalidArgument for a name that is no name and
/// for an answer beyond 64 KiB or without sense, Unavailable with its own words
/// when it fails or takes longer than `patience` (it may ask the user to
/// unlock something); then it is killed.
///
/// Source: docker/docker-credential-helpers, "Development".
std::optional<Credentials> ask_credential_helper(
    const std::string& name, const std::string& server,
    std::chrono::milliseconds patience = std::chrono::minutes(2));

}  // namespace slipway
