// What a container is doing now, as lists and inspect show it. The record
// (record.hpp) says what was asked for; both together are Docker's inspect.
//
// Plain values: whoever looks at the container fills them in, whatever they
// come from, and container_view.hpp makes text of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "06-engine/engine/record.hpp"

namespace slipway {

/// One run of a health check.
struct HealthResult {
    std::string start, end;  ///< RFC 3339
    int exit_code = 0;
    std::string output = {};
};

struct HealthView {
    std::string status;  ///< "starting", "healthy", "unhealthy"
    unsigned failing_streak = 0;
    std::vector<HealthResult> log = {};  ///< the last ones, the oldest first
};

/// The container on one network. What it does not have is empty.
struct EndpointView {
    std::string network;  ///< its name
    std::string network_id = {}, endpoint_id = {};
    std::string ip = {}, gateway = {};  ///< without the prefix length
    unsigned prefix_length = 0;
    std::string ip6 = {}, gateway6 = {};
    unsigned prefix_length6 = 0;
    std::string mac = {};
    std::vector<std::string> aliases = {}, dns_names = {};
};

/// What is seen at a place inside, after names became folders.
struct MountView {
    std::string type;         ///< "bind", "volume", "tmpfs", "image"
    std::string name = {};    ///< of a volume
    std::string source = {};  ///< folder of the host
    std::string destination;
    std::string driver = {};  ///< "local", of a volume
    std::string mode = {};
    bool read_only = false;
    std::string propagation = {};
};

struct ContainerStatusView {
    /// "created", "running", "paused", "restarting", "exited", "dead".
    std::string status = "created";
    int pid = 0;  ///< 0: none
    int exit_code = 0;
    std::string error = {};  ///< why it could not be started
    bool oom_killed = false;
    /// Why it ended, in a sentence; empty: the exit code says it all.
    std::string reason = {};
    std::string started = {}, finished = {};  ///< RFC 3339; empty: never
    unsigned restart_count = 0;
    std::optional<HealthView> health = {};

    std::vector<EndpointView> endpoints = {};
    /// As bound: no port 0, one for each address that is listened on.
    std::vector<PortBinding> bound_ports = {};
    std::string sandbox = {};  ///< path of its network namespace

    std::vector<MountView> mounts = {};
    /// overlay's folders: what is below the writable layer (the uppermost
    /// first), and that layer.
    std::vector<std::string> lower_folders = {};
    std::string upper_folder = {}, work_folder = {}, merged_folder = {};
    std::string log_path = {}, hostname_path = {}, hosts_path = {},
                resolv_conf_path = {};
    std::vector<std::string> exec_ids = {};
    /// Bytes of the writable layer, and with the image's: only when somebody
    /// asked (ps -s, inspect -s), for it is dear.
    std::optional<std::uint64_t> size_writable = {}, size_total = {};
};

}  // namespace slipway
