// Services of the host that give a secret to whoever connects.
#pragma once

#include <string>

#include "common/unique_fd.hpp"

namespace slipway::compare {

/// An abstract Unix socket; "@NAME" in ss(8).
UniqueFd listen_abstract(const std::string& name);
/// A TCP port of the kernel's choice at an IPv4 address.
UniqueFd listen_tcp(const std::string& address);
int port_of(int socket);

/// Serves all who wait; says whether there was anybody.
bool give_secret(int listener, const std::string& secret);

}  // namespace slipway::compare
