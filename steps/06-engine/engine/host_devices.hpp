// Devices of the host that a container gets: --device, --privileged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "06-engine/engine/record.hpp"

namespace slipway {

/// Where --init's program is seen inside, as Docker's.
constexpr char init_path[] = "/sbin/docker-init";

struct HostDevice {
    char type;  ///< 'c' or 'b'
    std::string path;
    std::uint32_t major, minor, mode, uid, gid;
    std::string permissions;
};

/// Those asked for; of a privileged one all of /dev. A folder stands for the
/// devices in it. Throws NotFound, and InvalidArgument for what is no device.
std::vector<HostDevice> devices_of(const HostConfig& host);

/// As config.json's linux.devices has it.
nlohmann::ordered_json device_json(const HostDevice& device);

}  // namespace slipway
