// Id maps: who the users of a user namespace are outside.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// `count` ids from `inside` on are `outside` and following, outside.
struct IdRange {
    std::uint32_t inside = 0;
    std::uint32_t outside = 0;
    std::uint32_t count = 1;
};
struct IdMaps {
    std::vector<IdRange> uids, gids;
};

/// "0:100000:65536". Throws InvalidArgument, also when a range has no room.
IdRange parse_id_range(std::string_view text);

/// Root inside is `own` outside. The ids from 1 on are those that the lines of
/// subuid(5) or subgid(5), "WHO:FIRST:COUNT", grant the user: all of them, in
/// their order, each id once. Lines that are not of that form are left out.
std::vector<IdRange> granted_ids(std::istream& lines,
                                 const std::string& user_name,
                                 const std::string& user_number,
                                 std::uint32_t own);

/// Root inside is the caller outside. When the system grants the caller
/// subordinate ids (/etc/subuid, /etc/subgid, and newuidmap is installed),
/// the ids from 1 on are those. Source: subuid(5).
IdMaps map_root();

/// Writes the maps of process `pid`, which was just cloned with CLONE_NEWUSER
/// and waits. Once only: the kernel takes each map once. A caller without
/// CAP_SETUID may map one id, its own; more go through newuidmap(1) and
/// newgidmap(1). Source: user_namespaces(7).
void write_id_maps(pid_t pid, const IdMaps& maps);

/// Whether this process is in a user namespace, so that not all users that the
/// kernel knows exist for it. Source: /proc/self/uid_map, user_namespaces(7).
bool in_user_namespace();

/// Every id that there is, as itself: for a user namespace below this one.
IdMaps same_ids();

}  // namespace slipway
