// A container's networks at its start: endpoints, ports, name files.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"
#include "06-engine/network/network_config.hpp"

namespace slipway {

NetworkStore network_store(const Engine& engine);

/// The networks it is on, as it asked: of the default mode, "bridge".
std::vector<NetworkRequest> networks_of(const ContainerRecord& record);

/// Before the start: /etc/hosts and the others are there, to be mounted.
/// Throws NotFound for a network that does not exist.
void prepare_name_files(const Engine& engine, const ContainerRecord& record);

/// While its first process waits: addresses and ports, and what is in those
/// files. On failure nothing of it is left.
void connect_container(const Engine& engine, const ContainerRecord& record,
                       pid_t init);

/// What is in /etc/hosts and /etc/resolv.conf follows the networks it is on.
void write_name_files(const Engine& engine, const ContainerRecord& record);

/// network connect: it is on one network more, at once if it runs. Throws
/// Conflict when it is on it, or has no network of its own.
void connect_to_network(const Engine& engine, const std::string& id,
                        const NetworkRequest& request);
/// network disconnect. Throws NotFound when it is not on it, unless `force`.
void disconnect_from_network(const Engine& engine, const std::string& id,
                             const std::string& network, bool force);

/// After its end. Nothing connected is fine.
void disconnect_container(const Engine& engine, const std::string& id);

}  // namespace slipway
