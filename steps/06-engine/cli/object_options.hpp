// The command lines of `network create`, `network connect`, `volume create`.
#pragma once

#include <string>
#include <vector>

#include "06-engine/engine/record.hpp"
#include "06-engine/engine/volumes.hpp"
#include "06-engine/network/network_config.hpp"
#include "common/program.hpp"

namespace slipway {

struct NetworkCreateLine {
    NewNetwork network;
    // As typed; finish_network_create() sorts them by family.
    std::vector<std::string> subnets = {}, gateways = {}, ip_ranges = {};
};
void declare_network_create(CommandLine& line, NetworkCreateLine& create);
/// `words`: NETWORK. Throws InvalidArgument.
void finish_network_create(NetworkCreateLine& create,
                           const std::vector<std::string>& words);

struct NetworkConnectLine {
    std::string container;
    NetworkRequest request;
    std::vector<std::string> links = {};  ///< "container:alias"
};
void declare_network_connect(CommandLine& line, NetworkConnectLine& connect);
/// `words`: NETWORK CONTAINER.
void finish_network_connect(NetworkConnectLine& connect,
                            const std::vector<std::string>& words);

void declare_volume_create(CommandLine& line, Volume& volume);
/// `words`: [VOLUME]; without a name it is given one.
void finish_volume_create(Volume& volume,
                          const std::vector<std::string>& words);

}  // namespace slipway
