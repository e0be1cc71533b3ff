// "/host/folder:/inside:ro", "data:/var/lib/data": mounts as -v and Docker's
// HostConfig.Binds have them.
#pragma once

#include <string>
#include <string_view>

#include "06-engine/engine/record.hpp"

namespace slipway {

/// "[SOURCE:]TARGET[:OPTIONS]". A source with a slash in front is a folder of
/// the host, made when it is missing; any other one is a volume's name. Without
/// a source it is a volume that has no name. Options: ro rw, nocopy (volumes),
/// shared slave private and the same with r (binds), U (the files appear as
/// the container's user's); z Z cached delegated consistent mean nothing here.
/// Throws InvalidArgument.
/// Source: moby, volume/mounts/linux_parser.go.
MountRequest parse_bind(std::string_view text);

/// The text for parse_bind(); empty when it could not say all of it.
std::string bind_text(const MountRequest& mount);

}  // namespace slipway
