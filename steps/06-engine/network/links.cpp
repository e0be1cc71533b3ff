#include "06-engine/network/links.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <functional>

#include "06-engine/network/netlink.hpp"
#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr int create = NLM_F_CREATE | NLM_F_EXCL;

// "02:42:ac:11:00:02": six bytes.
std::array<unsigned char, 6> mac_bytes(const std::string& text) {
    constexpr int hexadecimal = 16;
    std::array<unsigned char, 6> mac{};
    const char* at = text.data();
    for (unsigned char& byte : mac) {
        at = std::from_chars(at, text.data() + text.size(), byte, hexadecimal)
                 .ptr;
        if (at != text.data() + text.size()) ++at;  // the colon
    }
    return mac;
}

ifinfomsg link_message(unsigned index, unsigned flags = 0) {
    ifinfomsg link{};
    link.ifi_index = static_cast<int>(index);
    link.ifi_flags = flags;
    link.ifi_change = flags;  // leave all other flags alone
    return link;
}

void request(Why why, const char* call, int socket,
             const NetlinkMessage& message, const std::string& what) {
    act(why, call, netlink_request, socket, shown(&message, what));
}

in6_addr address6(const std::string& text) {
    in6_addr address{};
    ::inet_pton(AF_INET6, text.c_str(), &address);
    return address;
}

}  // namespace

//@ begin visit-namespace
UniqueFd open_route_socket_in(int network_namespace) {
    // The thread's own: another thread may be in another namespace.
    UniqueFd home(
        check(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC),
              "open /proc/thread-self/ns/net"));
    act(Why{"a netlink socket belongs for good to the namespace in which it is "
            "opened: in, and out again"},
        "setns", ::setns, network_namespace,
        shown(CLONE_NEWNET, "CLONE_NEWNET"));
    ScopeGuard back([&] {
        if (try_act(Why{"back on the host"}, "setns", ::setns, home,
                    shown(CLONE_NEWNET, "CLONE_NEWNET")) != 0)
            std::terminate();
    });
    return open_netlink(NETLINK_ROUTE);
}
//@ end visit-namespace

FoundLink find_link(int socket, const std::string& name) {
    NetlinkMessage question;
    question.begin(RTM_GETLINK, 0, link_message(0)).add_name(IFLA_IFNAME, name);
    FoundLink found;
    try {
        netlink_ask(socket, question, [&](int, std::string_view body) {
            ifinfomsg link{};
            if (body.size() < sizeof link) return;
            std::memcpy(&link, body.data(), sizeof link);
            found = {static_cast<unsigned>(link.ifi_index),
                     (link.ifi_flags & IFF_UP) != 0};
        });
    } catch (const Error& error) {
        if (error.system_errno() != ENODEV) throw;
    }
    return found;
}

//@ begin make-bridge
bool make_bridge(int socket, const NewBridge& bridge) {
    NetlinkMessage message;
    message.begin(RTM_NEWLINK, create | NLM_F_ACK, link_message(0))
        .add_name(IFLA_IFNAME, bridge.name)
        // Without one of its own a bridge takes the lowest of its ports', which
        // changes when containers come and go.
        .add(IFLA_ADDRESS, mac_bytes(bridge.mac).data(), 6)
        .nest(IFLA_LINKINFO,
              [&] { message.add_name(IFLA_INFO_KIND, "bridge"); });
    if (bridge.mtu != 0) message.add_number(IFLA_MTU, bridge.mtu);
    int result = try_act(Why{"a switch in the kernel: all containers of the "
                             "network are plugged into it",
                             "RTM_DELLINK"},
                         "RTM_NEWLINK", netlink_request, socket,
                         shown(&message, cat("bridge ", bridge.name)));
    if (result != 0 && errno == EEXIST) return false;
    if (result != 0 && errno == EOPNOTSUPP)
        throw Error(ErrorKind::Unsupported, cat("make bridge ", bridge.name),
                    errno)
            .advise(
                "the kernel has no bridges: modprobe bridge, or take "
                "--network host or none");
    check(result, "make bridge ", bridge.name);
    return true;
}
//@ end make-bridge

//@ begin make-veth
void make_veth(int socket, const NewVeth& veth) {
    NetlinkMessage message;
    auto inner_end = [&] {
        message.add_name(IFLA_IFNAME, veth.inner_name)
            .add(IFLA_ADDRESS, mac_bytes(veth.inner_mac).data(), 6)
            .add_number(IFLA_NET_NS_FD, veth.inner_namespace);
        if (veth.mtu != 0) message.add_number(IFLA_MTU, veth.mtu);
    };
    message.begin(RTM_NEWLINK, create | NLM_F_ACK, link_message(0))
        .add_name(IFLA_IFNAME, veth.outer_name)
        .add_number(IFLA_MASTER, veth.bridge);
    if (veth.mtu != 0) message.add_number(IFLA_MTU, veth.mtu);
    message.nest(IFLA_LINKINFO, [&] {
        message.add_name(IFLA_INFO_KIND, "veth").nest(IFLA_INFO_DATA, [&] {
            message.nest(VETH_INFO_PEER, link_message(0), inner_end);
        });
    });
    request(Why{"a cable: one end on the bridge, the other is born inside",
                "RTM_DELLINK"},
            "RTM_NEWLINK", socket, message,
            cat("veth ", veth.outer_name, ", peer ", veth.inner_name,
                " in the container"));
}
//@ end make-veth

void set_bridge_port(int socket, unsigned link, bool isolated) {
    ifinfomsg port = link_message(link);
    port.ifi_family = AF_BRIDGE;
    NetlinkMessage message;
    message.begin(RTM_SETLINK, NLM_F_ACK, port).nest(IFLA_PROTINFO, [&] {
        message.add_number<std::uint8_t>(IFLA_BRPORT_MODE, 1)
            .add_number<std::uint8_t>(IFLA_BRPORT_ISOLATED, isolated ? 1 : 0);
    });
    request(
        Why{"a container may reach itself by its published port: the bridge "
            "sends back where it came from"},
        "RTM_SETLINK", socket, message, "hairpin on");
}

void disable_link_local(int socket, unsigned link) {
    NetlinkMessage message;
    message.begin(RTM_SETLINK, NLM_F_ACK, link_message(link))
        .nest(IFLA_AF_SPEC, [&] {
            message.nest(AF_INET6, [&] {
                message.add_number<std::uint8_t>(IFLA_INET6_ADDR_GEN_MODE,
                                                 IN6_ADDR_GEN_MODE_NONE);
            });
        });
    int result = try_act(Why{"no IPv6 address that makes itself"},
                         "RTM_SETLINK", netlink_request, socket,
                         shown(&message, "no link-local address"));
    // A kernel without IPv6 has nothing to be switched off.
    if (result != 0 && errno != EAFNOSUPPORT && errno != EINVAL)
        check(result, "switch off link-local addresses");
}

std::string link_local_of(const std::string& mac) {
    auto bytes = mac_bytes(mac);
    in6_addr address{};
    address.s6_addr[0] = 0xfe;
    address.s6_addr[1] = 0x80;
    constexpr unsigned char local_bit = 2;
    for (std::size_t i = 0; i < 3; ++i) {
        address.s6_addr[8 + i] = bytes[i];
        address.s6_addr[13 + i] = bytes[3 + i];
    }
    address.s6_addr[8] ^= local_bit;
    address.s6_addr[11] = 0xff;
    address.s6_addr[12] = 0xfe;
    char text[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(AF_INET6, &address, text, sizeof text);
    return text;
}

void set_up(int socket, unsigned link) {
    NetlinkMessage message;
    message.begin(RTM_NEWLINK, NLM_F_ACK, link_message(link, IFF_UP));
    request(Why{"links are born down"}, "RTM_NEWLINK", socket, message,
            cat("link ", link, " up"));
}

void delete_link(int socket, const std::string& name) {
    NetlinkMessage message;
    message.begin(RTM_DELLINK, NLM_F_ACK, link_message(0))
        .add_name(IFLA_IFNAME, name);
    int result = try_act(Why{"it is not used any more"}, "RTM_DELLINK",
                         netlink_request, socket, shown(&message, name));
    if (result != 0 && errno != ENODEV) check(result, "delete link ", name);
}

//@ begin add-address
void add_address(int socket, unsigned link, Ipv4 address, unsigned prefix) {
    ifaddrmsg fixed{};
    fixed.ifa_family = AF_INET;
    fixed.ifa_prefixlen = static_cast<unsigned char>(prefix);
    fixed.ifa_index = link;
    Ipv4 broadcast = Subnet{address, prefix}.last();
    NetlinkMessage message;
    message.begin(RTM_NEWADDR, create | NLM_F_ACK, fixed)
        .add_number(IFA_LOCAL, address.network_order())
        .add_number(IFA_ADDRESS, address.network_order())
        .add_number(IFA_BROADCAST, broadcast.network_order());
    std::string shown_text = cat(address.text(), "/", prefix);
    int result = try_act(Why{"with the address comes the route to its subnet"},
                         "RTM_NEWADDR", netlink_request, socket,
                         shown(&message, shown_text));
    if (result != 0 && errno != EEXIST) check(result, "address ", shown_text);
}
//@ end add-address

void add_address6(int socket, unsigned link, const std::string& address,
                  unsigned prefix) {
    ifaddrmsg fixed{};
    fixed.ifa_family = AF_INET6;
    fixed.ifa_prefixlen = static_cast<unsigned char>(prefix);
    fixed.ifa_index = link;
    in6_addr bytes = address6(address);
    NetlinkMessage message;
    message.begin(RTM_NEWADDR, create | NLM_F_ACK, fixed)
        .add(IFA_LOCAL, &bytes, sizeof bytes)
        .add(IFA_ADDRESS, &bytes, sizeof bytes)
        .add_number<std::uint32_t>(IFA_FLAGS, IFA_F_NODAD);
    std::string shown_text = cat(address, "/", prefix);
    int result = try_act(
        Why{"usable at once: nobody else has it, so nobody need be asked"},
        "RTM_NEWADDR", netlink_request, socket, shown(&message, shown_text));
    if (result != 0 && errno != EEXIST) check(result, "address ", shown_text);
}

namespace {

rtmsg default_route(unsigned char family) {
    rtmsg route{};
    route.rtm_family = family;
    route.rtm_table = RT_TABLE_MAIN;
    route.rtm_protocol = RTPROT_BOOT;
    route.rtm_scope = RT_SCOPE_UNIVERSE;
    route.rtm_type = RTN_UNICAST;
    return route;
}

}  // namespace

void add_default_route(int socket, Ipv4 gateway) {
    NetlinkMessage message;
    message.begin(RTM_NEWROUTE, create | NLM_F_ACK, default_route(AF_INET))
        .add_number(RTA_GATEWAY, gateway.network_order());
    request(Why{"everything else goes to the host, which passes it on"},
            "RTM_NEWROUTE", socket, message,
            cat("default via ", gateway.text()));
}

void add_default_route6(int socket, unsigned link, const std::string& gateway) {
    in6_addr bytes = address6(gateway);
    NetlinkMessage message;
    message.begin(RTM_NEWROUTE, create | NLM_F_ACK, default_route(AF_INET6))
        .add(RTA_GATEWAY, &bytes, sizeof bytes)
        .add_number(RTA_OIF, link);
    request(Why{"everything else goes to the host, which passes it on"},
            "RTM_NEWROUTE", socket, message, cat("default via ", gateway));
}

//@ begin known-subnets
std::vector<Subnet> known_subnets(int socket, unsigned except) {
    rtmsg all{};
    all.rtm_family = AF_INET;
    NetlinkMessage question;
    question.begin(RTM_GETROUTE, NLM_F_DUMP, all);
    std::vector<Subnet> subnets;
    netlink_ask(socket, question, [&](int type, std::string_view body) {
        rtmsg route{};
        if (type != RTM_NEWROUTE || body.size() < sizeof route) return;
        std::memcpy(&route, body.data(), sizeof route);
        if (route.rtm_dst_len == 0) return;  // the default route is to anywhere
        auto attributes =
            read_attributes(body.substr(NLMSG_ALIGN(sizeof route)));
        if (except != 0 && read_number(attributes, RTA_OIF) == except) return;
        Subnet subnet{{ntohl(read_number(attributes, RTA_DST))},
                      route.rtm_dst_len};
        subnets.push_back(subnet);
    });
    return subnets;
}
//@ end known-subnets

namespace {

std::string name_in(const NetlinkAttributes& attributes, int type) {
    auto found = attributes.find(type);
    if (found == attributes.end()) return "";
    return std::string(found->second.substr(0, found->second.find('\0')));
}

void each_link(int socket, const NetlinkMessage& question,
               const std::function<void(const NetlinkAttributes&)>& take) {
    netlink_ask(socket, question, [&](int, std::string_view body) {
        if (body.size() < sizeof(ifinfomsg)) return;
        take(read_attributes(body.substr(NLMSG_ALIGN(sizeof(ifinfomsg)))));
    });
}

}  // namespace

void set_alias(int socket, unsigned link, const std::string& alias) {
    NetlinkMessage message;
    message.begin(RTM_SETLINK, NLM_F_ACK, link_message(link))
        .add(IFLA_IFALIAS, alias);
    request(Why{"whose it is: when that store has gone, another cleans up"},
            "RTM_SETLINK", socket, message, cat("alias ", alias));
}

std::map<std::string, std::string> link_aliases(int socket) {
    NetlinkMessage question;
    question.begin(RTM_GETLINK, NLM_F_DUMP, link_message(0));
    std::map<std::string, std::string> found;
    each_link(socket, question, [&](const NetlinkAttributes& attributes) {
        std::string alias = name_in(attributes, IFLA_IFALIAS);
        if (!alias.empty()) found[name_in(attributes, IFLA_IFNAME)] = alias;
    });
    return found;
}

std::vector<std::string> ports_of(int socket, unsigned bridge) {
    NetlinkMessage question;
    question.begin(RTM_GETLINK, NLM_F_DUMP, link_message(0))
        .add_number(IFLA_MASTER, bridge);  // older kernels answer with all
    std::vector<std::string> found;
    each_link(socket, question, [&](const NetlinkAttributes& attributes) {
        if (read_number(attributes, IFLA_MASTER) == bridge)
            found.push_back(name_in(attributes, IFLA_IFNAME));
    });
    return found;
}

}  // namespace slipway
