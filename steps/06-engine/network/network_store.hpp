// The files and locks of a NetworkStore, for the network module only.
//
//     STATE/network/lock            held while a lease, a bridge or a port is
//                                   taken or given up
//     STATE/network/endpoints/NAME.state  who is on the network (leases.hpp)
//     STATE/network/dns/NAME.state        mark of its forwarder
//                                         (helper_process.hpp)
//     STATE/network/ports/ID.state        what a container publishes
//                                         (ports.hpp)
//     STATE/network/proxy/ID.state        mark of its proxy
//     STATE/network/user/                 of a user's own (user_network.hpp)
//     STATE/network/router                is there: we switched ip_forward on
#pragma once

#include <string>
#include <vector>

#include "06-engine/network/network_config.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

std::string networks_folder(const NetworkStore& store);
/// Held while the set of networks changes; taken before lock_state().
UniqueFd lock_networks(const NetworkStore& store);
void write_network(const NetworkStore& store, const Network& network);
/// For a network without a bridge, whose subnet was chosen and is somebody
/// else's by now. Returns it as it is then.
Network choose_other_subnet(const NetworkStore& store, const Network& network);
void delete_network_file(const NetworkStore& store, const std::string& name);
/// Writes the files of bridge, host and none, if they are not there.
void ensure_predefined(const NetworkStore& store);

/// STATE/network/PART, or a file NAME.state in it.
std::string state_path(const NetworkStore& store, const std::string& part,
                       const std::string& name = {});
/// Makes the folders on the way; with the lock nobody else changes them.
UniqueFd lock_state(const NetworkStore& store);
std::vector<std::string> names_in_state(const NetworkStore& store,
                                        const std::string& part);

/// Without the predefined ones being made.
std::vector<std::string> network_names(const NetworkStore& store);

std::string random_hex(std::size_t digits);

}  // namespace slipway
