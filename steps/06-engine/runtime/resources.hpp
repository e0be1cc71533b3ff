// Resources: linux.resources of config.json, and as files of control groups.
//
// Source: OCI runtime specification, config-linux.md "Control groups". The
// fields are those of version 1; version 2 gets them converted. Docker and
// containerd write 0 for what nobody asked for: where 0 makes no sense as a
// limit, it is read as a field that is not there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "03-cgroups/devices.hpp"
#include "03-cgroups/layout.hpp"
#include "03-cgroups/limits.hpp"
#include "03-cgroups/settings.hpp"
#include "common/document.hpp"

namespace slipway {

struct MemoryResources {
    /// Bytes; -1: no limit. `swap` is memory and swap together. `kernel` has no
    /// effect: the kernel has given it up.
    std::optional<std::int64_t> limit, reservation, swap, kernel, kernel_tcp;
    std::optional<std::uint64_t> swappiness;  ///< up to 100; v1 only
    bool disable_oom_killer = false;          ///< v1 only
    /// A limit below what is in use is to be refused. v1 does so by itself.
    bool check_before_update = false;
};

struct CpuResources {
    std::optional<std::uint64_t> shares, period_us, burst_us;
    std::optional<std::int64_t> quota_us;  ///< -1: no limit
    std::optional<std::int64_t> realtime_runtime_us;
    std::optional<std::uint64_t> realtime_period_us;
    std::string cpus, mems;            ///< "0-2,5"
    std::optional<std::int64_t> idle;  ///< 1: only when nobody else wants it
};

struct DeviceWeight {
    std::uint32_t major, minor;
    std::optional<std::uint16_t> weight, leaf_weight;
};
struct BlockIoResources {
    std::optional<std::uint16_t> weight, leaf_weight;
    std::vector<DeviceWeight> device_weights;
    std::vector<IoRate> rates;
};

struct HugepageLimit {
    std::string page_size;  ///< "2MB"
    std::uint64_t limit;    ///< bytes
};
struct NetworkPriority {
    std::string name;
    std::uint32_t priority;
};
struct RdmaLimit {
    std::optional<std::uint32_t> handles, objects;
};

struct Resources {
    std::vector<DeviceRule> devices;
    MemoryResources memory;
    CpuResources cpu;
    BlockIoResources block_io;
    std::optional<std::int64_t> pids;  ///< 0 or less: no limit
    std::vector<HugepageLimit> hugepages;
    std::optional<std::uint32_t> network_class;
    std::vector<NetworkPriority> network_priorities;
    std::map<std::string, RdmaLimit> rdma;       ///< by device
    std::map<std::string, std::string> unified;  ///< by file name
};

/// Reads the object; throws InvalidArgument that names the field.
Resources read_resources(const DocumentField& field);

/// What to write for everything but the devices, in the order in which the
/// kernel takes it for a new group. For an update of a group with other limits
/// no order is always right (v1: memory never above memory and swap together,
/// and a quota never below its burst): who is refused with EINVAL goes on, and
/// tries what was refused once more at the end.
///
/// `option` is the JSON name ("memory.limit"), `controller` that of `unified`
/// files is the part before the first dot; "cgroup" is no controller but the
/// files that each v2 group has. Throws Unsupported for a controller that this
/// system lacks, and for `unified` where there is no v2 tree; only when a value
/// was really asked for: "no limit" is fine without one. Where only one version
/// knows a field, the other passes it over as runc does (swappiness, the OOM
/// killer, network classes), except for real-time shares, without which
/// the programs that want them fail.
std::vector<CgroupSetting> settings_for(const Resources& resources,
                                        const CgroupLayout& layout);

}  // namespace slipway
