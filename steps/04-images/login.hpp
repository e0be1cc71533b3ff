// Logging in: are these credentials what the registry wants?
#pragma once

#include <string>

#include "04-images/credentials.hpp"
#include "04-images/repository.hpp"

namespace slipway {

/// Asks the registry ("docker.io", "localhost:5000") with the credentials.
/// Throws Unauthorized when it does not take them, and what the network says.
void check_login(const std::string& registry, const Credentials& credentials,
                 RegistryOptions options);

/// Where `login` keeps what it was told, in the form of Docker's config.json:
/// $XDG_CONFIG_HOME/slipway/auth.json or ~/.config/slipway/auth.json.
std::string login_file();

/// Ours, then Docker's.
std::optional<Credentials> find_login(const std::string& registry);

}  // namespace slipway
