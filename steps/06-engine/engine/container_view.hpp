// A container as it is shown: Docker's inspect, and the rows of `ps`.
#pragma once

#include <cstdint>
#include <ctime>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "06-engine/engine/record.hpp"
#include "06-engine/engine/status.hpp"

namespace slipway {

/// Docker Engine API, ContainerInspect, as version 1.50 has it. A field more:
/// "Slipway", with the image's manifest, its layers, and why it ended.
nlohmann::ordered_json inspect_container(const ContainerRecord& record,
                                         const ContainerStatusView& status);

/// "Up 2 minutes (healthy)", "Exited (137) 3 seconds ago", "Created".
std::string status_text(const ContainerStatusView& status, std::time_t now);

/// "8080/tcp, 0.0.0.0:80->80/tcp": exposed ports, and those that are bound;
/// neighbours are joined as Docker joins them. Empty unless it runs.
std::string ports_text(const ContainerRecord& record,
                       const ContainerStatusView& status);
/// The same from the ports: `exposed` are "80/tcp".
std::string grouped_ports(const std::vector<std::string>& exposed,
                          const std::vector<PortBinding>& bound);

/// The lines of `docker port`: "80/tcp -> 0.0.0.0:8080"; [::] for IPv6.
std::vector<std::string> port_lines(std::vector<PortBinding> bound);
/// "0.0.0.0:8080", "[::]:8080"
std::string host_port_text(const PortBinding& port);

/// Names of the networks that it is on, or will be.
std::vector<std::string> network_names(const ContainerRecord& record,
                                       const ContainerStatusView& status);

/// The words of the command, as ps and inspect show them.
std::vector<std::string> command_words(const ContainerRecord& record);

/// Columns and other fields that templates may name; {{.Label "name"}} works.
nlohmann::ordered_json container_row(const ContainerRecord& record,
                                     const ContainerStatusView& status,
                                     bool whole, std::time_t now);

/// `text` in `letters` letters; a last one that is "…" says that there is more.
std::string ellipsis(std::string_view text, std::size_t letters);
/// "a=b,x=y"
std::string labels_text(const std::map<std::string, std::string>& labels);

}  // namespace slipway
