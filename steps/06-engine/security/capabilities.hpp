// Capabilities: root's power in forty pieces. Source: capabilities(7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// A bit for each, numbered as in linux/capability.h.
using CapabilityMask = std::uint64_t;

struct CapabilitySets {
    CapabilityMask bounding = 0, effective = 0, inheritable = 0, permitted = 0,
                   ambient = 0;
    bool operator==(const CapabilitySets&) const = default;
};

/// 21 for "CAP_SYS_ADMIN", "SYS_ADMIN" and "sys_admin"; empty for a name that
/// nobody knows.
std::optional<int> capability_number(std::string_view name);
/// "CAP_SYS_ADMIN" for 21; "CAP_63" for what has no name.
std::string capability_name(int number);
/// All that have a name here, in order: "CAP_CHOWN", ….
std::vector<std::string> capability_names();

/// Docker's fourteen: what a container's root is left with by default.
CapabilityMask default_capabilities();

/// What this process may still have at all.
CapabilityMask own_bounding_set();
CapabilitySets own_capabilities();

/// Takes out of the bounding set what is not in `keep`. While CAP_SETPCAP is
/// effective, unless nothing is to be taken out; and before the user changes.
void limit_bounding_set(CapabilityMask keep);
/// Sets permitted, effective, inheritable and ambient. After the change of the
/// user, with keep_capabilities() before it. What the bounding set of this
/// process does not have is left out: nobody can give it.
void set_capabilities(const CapabilitySets& sets);
/// A change from user 0 to another clears the permitted set, unless this was
/// called: PR_SET_KEEPCAPS. It ends with the next execve.
void keep_capabilities();

}  // namespace slipway
