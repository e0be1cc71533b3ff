// Reading a container's log, while it is being written and rotated.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "06-engine/monitor/log_entry.hpp"

namespace slipway {

struct LogQuery {
    bool out = true, err = true;
    std::optional<std::uint64_t> tail = {};  ///< only the last so many lines
    /// In nanoseconds since 1970.
    std::optional<std::int64_t> since = {}, until = {};
    bool timestamps = false;  ///< in front of each line
    bool details = false;     ///< the line's attributes in front of it
    bool follow = false;
};

/// Gets whole lines, several at a time, in their order.
using LogSink = std::function<void(LogStream stream, std::string_view text)>;

/// The log at `path` and the older parts of it (`path`.1 …). No log: nothing.
/// Lines that make no sense are left out.
///
/// With `follow`: goes on with what is written, until `until` has passed or
/// `over` is readable and all has been read that was written before. That is a
/// socket on which somebody waits for the container's end, connected before
/// this is called: connect_attach() and attach_waits.
void read_log(const std::string& path, const LogQuery& query,
              const LogSink& sink, int over = -1);

}  // namespace slipway
