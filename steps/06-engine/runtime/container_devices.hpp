// Device nodes of a container, and the links in its /dev.
#pragma once

#include "06-engine/runtime/spec.hpp"

namespace slipway {

/// In the child, before its root is entered: makes the nodes that every
/// container has and those of config.json, with mode and owner, inside the
/// mount `root_fd`, and the links to /proc/self/fd. In a user namespace, which
/// may make none, the host's nodes are shown instead. Does nothing when /dev is
/// a bind of another one. Source: config-linux.md "Default Devices", "Dev
/// symbolic links".
void make_devices(int root_fd, const Spec& spec);

}  // namespace slipway
