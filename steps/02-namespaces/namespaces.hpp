// Namespaces: which kinds there are, and joining one that exists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/unique_fd.hpp"

namespace slipway {

/// One kind of namespace. Source: namespaces(7).
struct NamespaceKind {
    const char* name;  ///< as in /proc/PID/ns: "mnt", "pid", …
    int flag;          ///< CLONE_NEWNS, CLONE_NEWPID, …
    const char* flag_name;
    const char* reason;  ///< what having one's own is good for
};
const std::vector<NamespaceKind>& namespace_kinds();
/// The kind of that name ("mount" is "mnt", "network" is "net"). Throws
/// InvalidArgument with a suggestion.
const NamespaceKind& namespace_kind(std::string_view name);

/// A set of kinds, as the flags of clone(2).
struct NamespaceSet {
    int flags = 0;
    bool has(int flag) const { return (flags & flag) != 0; }
    std::string text() const;  ///< "CLONE_NEWNS|CLONE_NEWPID"
};
/// "mnt,pid,net". Throws InvalidArgument for an unknown or an empty name.
NamespaceSet parse_namespaces(std::string_view list);
/// mnt, pid, uts, ipc, net, cgroup: all but user and time.
NamespaceSet default_namespaces();

/// A namespace to join: "net=4711" (that process's), "net=/run/netns/blue".
struct NamespaceJoin {
    NamespaceKind kind;
    UniqueFd fd;
};
/// Opens it now, while the path still means what the user meant.
NamespaceJoin open_namespace(std::string_view text);
/// setns(2). User namespaces first: they give the right to join the others.
/// Joining a pid namespace counts for children only: join before clone.
void join_namespaces(const std::vector<NamespaceJoin>& joins);

}  // namespace slipway
