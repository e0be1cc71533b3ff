// Kernel settings that a namespace has for itself.
#pragma once

#include <string>
#include <vector>

#include "02-namespaces/namespaces.hpp"

namespace slipway {

/// --sysctl net.ipv4.ip_forward=1: a file below /proc/sys, and its value.
struct Sysctl {
    std::string name, value;
    int flag = 0;  ///< the kind of namespace that it belongs to: CLONE_NEWNET …
};

/// Throws InvalidArgument for a text that is no NAME=VALUE, and for a setting
/// of the whole machine: which ones belong to a namespace is in
/// network_namespaces(7) and ipc_namespaces(7).
Sysctl parse_sysctl(const std::string& text);

/// In a child that has the namespaces and sees the host's /proc still: the
/// kernel looks at who writes, not at which /proc it is.
void set_sysctls(const std::vector<Sysctl>& sysctls);

}  // namespace slipway
