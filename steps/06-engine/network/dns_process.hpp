// The DNS forwarder of a network: started with its first endpoint, stopped with
// its last. The program is dns_main.cpp.
#pragma once

#include "06-engine/network/network_config.hpp"

namespace slipway {

/// Starts it if it does not run. lock_state() must be held, and the bridge must
/// have its address.
void ensure_dns(const NetworkStore& store, const Network& network);
/// None is fine.
void stop_dns(const NetworkStore& store, const std::string& network);

}  // namespace slipway
