// A moment, as --since and --until take it.
#pragma once

#include <cstdint>
#include <string_view>

namespace slipway {

/// In nanoseconds since 1970. Docker's forms:
///
///     10m  1h30m                      so long before `now`
///     1714567890  1714567890.5        seconds since 1970
///     2024-05-01  2024-05-01T12       this machine's time, unless there is a
///     2024-05-01T12:34[:56[.789]]     zone behind it: Z, +02:00
///
/// Throws InvalidArgument, naming `option`. Source: Docker,
/// api/types/time/timestamp.go.
std::int64_t parse_moment(std::string_view option, std::string_view text,
                          std::int64_t now);

/// Of this machine's clock.
std::int64_t moment_now();

}  // namespace slipway
