// What a command line says about registries.
#pragma once

#include "04-images/repository.hpp"
#include "common/program.hpp"

namespace slipway {

/// --insecure and --certs; logins come from `login` and from Docker's file.
void declare_registry(CommandLine& line, RegistryOptions& registry);

}  // namespace slipway
