// Namespaces and rights: the words of --pid, --cap-add, --security-opt …
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "06-engine/engine/record.hpp"

namespace slipway {

/// "CAP_NET_ADMIN" for "net_admin" and the like; "ALL". Throws
/// InvalidArgument with a suggestion.
std::string parse_capability(std::string_view option, std::string_view text);

/// What an --isolation=WORD means: each has what those before it have.
///     chroot       another root (step 1)
///     namespaces   namespaces, pivot_root (step 2)
///     cgroups      limits (step 3)
///     full         all of it, which is the default; returned as ""
std::string parse_isolation(std::string_view text);

/// A name, or a path, made absolute; empty: slipway-oci, which is our own.
std::string parse_runtime(const std::string& text);

/// private, host; pid and ipc also container:NAME, ipc none and shareable.
/// `words` are those that this kind has; "container:" stands for one that
/// joins.
std::string parse_mode(std::string_view option, std::string_view text,
                       const std::vector<std::string>& words);

/// no-new-privileges[=true|false], seccomp=unconfined|builtin|FILE, whose text
/// is read and checked, systempaths=unconfined, writable-cgroups=BOOL. What
/// there is no support for is refused unless it asks for nothing:
/// label=disable, apparmor=unconfined. Throws InvalidArgument or Unsupported.
void add_security_option(HostConfig& host, std::string_view text);

}  // namespace slipway
