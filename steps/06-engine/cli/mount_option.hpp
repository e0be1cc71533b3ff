// -v, --mount, --tmpfs, --volumes-from: what of outside is seen inside.
#pragma once

#include <string>
#include <string_view>

#include "06-engine/engine/record.hpp"

namespace slipway {

/// As parse_bind(); "./folder", "../folder" and "." are folders of the host
/// below the working directory.
MountRequest parse_volume_option(std::string_view text);

/// type=bind|volume|tmpfs|image,source=…,target=…,readonly,… : fields in any
/// order, in quotes when they have commas. A bind needs a folder or file that
/// is there. Throws InvalidArgument, with a suggestion for a misspelt field.
/// Source: docker/cli, opts/mount.go.
MountRequest parse_mount_option(std::string_view text);

/// TARGET[:OPTIONS]; options as mount(8) has them: size=64m,mode=1777,noexec.
MountRequest parse_tmpfs_option(std::string_view text);

/// CONTAINER[:ro|rw]; throws InvalidArgument, returns the text.
std::string parse_volumes_from(std::string_view text);

/// "./x" and the like become absolute; other paths stay as they are.
std::string absolute_source(std::string path);

}  // namespace slipway
