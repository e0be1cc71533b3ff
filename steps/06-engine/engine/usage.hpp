// What a running container uses, as `stats` shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "03-cgroups/folder.hpp"
#include "06-engine/engine/engine.hpp"

namespace slipway {

/// Counted since its start, but memory and pids, which are of now.
struct Usage {
    std::int64_t at_ns = 0;  ///< by a clock that only goes on
    std::uint64_t cpu_ns = 0;
    std::uint64_t memory = 0;        ///< bytes, without what is only cached
    std::uint64_t memory_limit = 0;  ///< the machine's where there is none
    std::uint64_t received = 0, sent = 0;
    std::uint64_t read = 0, written = 0;
    std::uint64_t pids = 0;
};

/// Empty when it does not run. `init`: its first process, whose network it is.
std::optional<Usage> read_usage(const Engine& engine, const std::string& id,
                                int init);

/// Of one group; the network is left out.
Usage group_usage(const std::vector<CgroupFolder>& folders);

/// Bytes received and sent on all links but lo: /proc/PID/net/dev.
struct Traffic {
    std::uint64_t received = 0, sent = 0;
};
Traffic parse_traffic(std::string_view text);
/// v1's blkio.throttle.io_service_bytes_recursive, or v2's io.stat.
struct BlockBytes {
    std::uint64_t read = 0, written = 0;
};
BlockBytes parse_block_bytes(std::string_view text);

/// Share of one processor, in percent, between two looks: two busy processors
/// are 200.
double processor_percent(const Usage& before, const Usage& now);

/// Docker's columns. Without `now` (it does not run): zeros.
nlohmann::ordered_json usage_row(const std::string& id, const std::string& name,
                                 bool whole, const std::optional<Usage>& before,
                                 const std::optional<Usage>& now);

}  // namespace slipway
