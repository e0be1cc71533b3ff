// Limits, as people state them: in bytes, processors and processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "03-cgroups/devices.hpp"

namespace slipway {

/// How much of a disk: "at most 1 MiB a second read from 8:0".
struct IoRate {
    enum class Kind { ReadBytes, WriteBytes, ReadOperations, WriteOperations };
    Kind kind = Kind::ReadBytes;
    std::uint32_t major = 0, minor = 0;
    std::uint64_t per_second = 0;
};

/// What is not set is not limited.
struct CgroupLimits {
    std::optional<std::uint64_t> memory;  ///< bytes
    /// Memory and swap together, bytes; -1: as much swap as there is. Not set:
    /// twice the memory, as Docker does.
    std::optional<std::int64_t> memory_swap;
    std::optional<std::uint64_t> memory_reservation;  ///< bytes, not enforced
    std::optional<std::uint64_t> cpu_quota_us;        ///< in each period
    std::uint64_t cpu_period_us = 100'000;
    std::optional<std::uint64_t> cpu_shares;    ///< 2 to 262144; 1024 is usual
    std::string cpuset_cpus, cpuset_mems;       ///< "0-2,5"
    std::optional<std::uint64_t> pids;          ///< processes and threads
    std::optional<std::uint64_t> blkio_weight;  ///< 10 to 1000
    std::vector<IoRate> io_rates;
    std::vector<DeviceRule> devices;  ///< empty: devices are not controlled
    /// Nobody asked for them: where they cannot be set, do without.
    bool devices_optional = false;
};

/// Processors, "1.5", as time in each period of 100 ms. Throws InvalidArgument
/// below 0.01 and beyond what the machine has.
std::uint64_t parse_cpus(std::string_view text, unsigned available);
/// "0-2,5". Throws InvalidArgument. Whether the machine has them, only the
/// kernel knows.
std::string parse_cpu_list(std::string_view text);
/// "/dev/sda:1mb" or, for operations, "/dev/sda:1000". Throws InvalidArgument
/// when the path is no block device.
IoRate parse_io_rate(IoRate::Kind kind, const std::string& text);
/// Throws InvalidArgument for limits that contradict each other.
void check_limits(const CgroupLimits& limits);

}  // namespace slipway
