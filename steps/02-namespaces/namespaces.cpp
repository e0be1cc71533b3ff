#include "02-namespaces/namespaces.hpp"

#include <fcntl.h>
#include <sched.h>

#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace slipway {

//@ begin kinds
const std::vector<NamespaceKind>& namespace_kinds() {
    static const std::vector<NamespaceKind> kinds = {
        {"user", CLONE_NEWUSER, "CLONE_NEWUSER", "ids and capabilities"},
        {"mnt", CLONE_NEWNS, "CLONE_NEWNS", "the table of mounts"},
        {"pid", CLONE_NEWPID, "CLONE_NEWPID", "process numbers"},
        {"uts", CLONE_NEWUTS, "CLONE_NEWUTS", "the host name"},
        {"ipc", CLONE_NEWIPC, "CLONE_NEWIPC", "System V and POSIX queues"},
        {"net", CLONE_NEWNET, "CLONE_NEWNET", "links, ports, sockets"},
        {"cgroup", CLONE_NEWCGROUP, "CLONE_NEWCGROUP", "the view of cgroups"},
        {"time", CLONE_NEWTIME, "CLONE_NEWTIME", "the clock since boot"},
    };
    return kinds;
}
//@ end kinds

const NamespaceKind& namespace_kind(std::string_view name) {
    if (name == "mount") name = "mnt";
    if (name == "network") name = "net";
    std::vector<std::string> names;
    for (const NamespaceKind& kind : namespace_kinds()) {
        if (name == kind.name) return kind;
        names.emplace_back(kind.name);
    }
    std::string guess = nearest(name, names);
    throw Error(ErrorKind::InvalidArgument,
                cat("unknown namespace ", quote(name)))
        .advise(guess.empty() ? cat("there are ", join(names, ", "))
                              : cat("did you mean ", guess, "?"));
}

std::string NamespaceSet::text() const {
    std::vector<std::string> names;
    for (const NamespaceKind& kind : namespace_kinds())
        if (has(kind.flag)) names.emplace_back(kind.flag_name);
    return names.empty() ? "0" : join(names, "|");
}

NamespaceSet parse_namespaces(std::string_view list) {
    NamespaceSet set;
    for (const std::string& name : split(list, ','))
        set.flags |= namespace_kind(name).flag;
    return set;
}

NamespaceSet default_namespaces() {
    return parse_namespaces("mnt,pid,uts,ipc,net,cgroup");
}

//@ begin open-namespace
NamespaceJoin open_namespace(std::string_view text) {
    std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals + 1 == text.size())
        throw Error(ErrorKind::InvalidArgument,
                    cat("cannot join ", quote(text)))
            .advise("write TYPE=PID or TYPE=PATH: net=4711");
    const NamespaceKind& kind = namespace_kind(text.substr(0, equals));
    std::string path(text.substr(equals + 1));
    if (parse_unsigned(path, UINT32_MAX))
        path = cat("/proc/", path, "/ns/", kind.name);
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    return {kind, UniqueFd(check(fd, "open namespace ", path))};
}
//@ end open-namespace

//@ begin join
void join_namespaces(const std::vector<NamespaceJoin>& joins) {
    for (bool user_turn : {true, false}) {
        for (const NamespaceJoin& join : joins) {
            if ((join.kind.flag == CLONE_NEWUSER) != user_turn) continue;
            act(Why{"enter a namespace that is there already"},  //
                "setns", ::setns, join.fd,
                shown(join.kind.flag, join.kind.flag_name));
        }
    }
}
//@ end join

}  // namespace slipway
