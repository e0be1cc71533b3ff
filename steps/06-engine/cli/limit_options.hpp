// Limits and devices: the values of --memory, --cpus, --ulimit, --device …
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "06-engine/engine/record.hpp"
#include "common/program.hpp"

namespace slipway {

/// Bytes; nothing for 0, which means no limit. Throws InvalidArgument.
std::optional<std::int64_t> parse_bytes_option(std::string_view option,
                                               std::string_view text);
/// The same; -1 is no limit.
std::optional<std::int64_t> parse_swap_option(std::string_view text);

/// "1.5", "1/3": processors, in billionths. Throws InvalidArgument for what is
/// below 0 or finer than that.
std::int64_t parse_nano_cpus(std::string_view text);

/// "nofile=1024:2048", "core=-1": soft, and hard if it is another one.
/// Source: docker/go-units, ParseUlimit.
UlimitRequest parse_ulimit(std::string_view text);

/// "/dev/sda:1mb"; for operations a number. The device is looked at later.
DeviceRate parse_rate_option(std::string_view option, std::string_view text,
                             bool bytes);
/// "/dev/sda:500", 10 to 1000.
DeviceRate parse_weight_device(std::string_view text);

/// HOST[:CONTAINER][:PERMISSIONS], "/dev/fuse:/dev/fuse:rw".
DeviceRequest parse_device(std::string_view text);
/// "c 1:3 rwm"; returns the text.
std::string parse_device_cgroup_rule(std::string_view text);

/// -m, --cpus, --pids-limit and the others that `update` has, too.
void declare_update_limits(CommandLine& line, ResourceRequest& limits);

}  // namespace slipway
