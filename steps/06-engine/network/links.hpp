// Links, addresses and routes: what `ip` does, by rtnetlink(7).
//
// Each function is one message. `socket` is of open_netlink(NETLINK_ROUTE), and
// speaks of the namespace in which it was opened.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "06-engine/network/address.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// A NETLINK_ROUTE socket of another network namespace. This thread goes there
/// and comes back; if it cannot come back the process ends: nothing that
/// follows would mean what it says.
UniqueFd open_route_socket_in(int network_namespace);

struct FoundLink {
    unsigned number = 0;  ///< 0: there is none of that name
    bool up = false;
};
FoundLink find_link(int socket, const std::string& name);

struct NewBridge {
    std::string name, mac;
    unsigned mtu = 0;  ///< 0: the kernel's 1500
};
/// False when it is there already.
bool make_bridge(int socket, const NewBridge& bridge);

struct NewVeth {
    std::string outer_name, inner_name, inner_mac;
    unsigned bridge = 0;       ///< number of the link that the outer end joins
    int inner_namespace = -1;  ///< where the inner end is born
    unsigned mtu = 0;
};
/// The outer end is a port of the bridge; both are down.
void make_veth(int socket, const NewVeth& veth);

/// What comes from this port may go back to it (hairpin); isolated: it does not
/// reach other isolated ports.
void set_bridge_port(int socket, unsigned link, bool isolated);

/// No address of its own making (fe80::…), while the link is down: a network
/// without IPv6 then says nothing in IPv6, and one with it does not wait two
/// seconds to hear whether somebody else has the address.
void disable_link_local(int socket, unsigned link);
/// The address that it would have made of this MAC: RFC 4291, appendix A.
std::string link_local_of(const std::string& mac);
void set_up(int socket, unsigned link);
/// Missing is fine.
void delete_link(int socket, const std::string& name);

/// An address that is there already is fine.
void add_address(int socket, unsigned link, Ipv4 address, unsigned prefix);
void add_address6(int socket, unsigned link, const std::string& address,
                  unsigned prefix);
void add_default_route(int socket, Ipv4 gateway);
void add_default_route6(int socket, unsigned link, const std::string& gateway);

/// All networks that the host knows a way to, but the default route, and but
/// what the link `except` leads to.
std::vector<Subnet> known_subnets(int socket, unsigned except = 0);
/// A remark on a link, up to 255 bytes.
void set_alias(int socket, unsigned link, const std::string& alias);
/// All links that have one: their names, and it.
std::map<std::string, std::string> link_aliases(int socket);
/// The names of the links that are joined to this bridge.
std::vector<std::string> ports_of(int socket, unsigned bridge);

}  // namespace slipway
