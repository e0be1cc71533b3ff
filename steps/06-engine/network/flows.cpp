#include "06-engine/network/flows.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "06-engine/network/netlink.hpp"
#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

constexpr int type_of(int message) {
    return NFNL_SUBSYS_CTNETLINK << 8 | message;
}

NetlinkAttributes nested(const NetlinkAttributes& attributes, int type) {
    auto found = attributes.find(type);
    return found == attributes.end() ? NetlinkAttributes()
                                     : read_attributes(found->second);
}

// A number in the network's byte order.
std::uint16_t port_in(const NetlinkAttributes& attributes, int type) {
    std::uint16_t port = 0;
    auto found = attributes.find(type);
    if (found != attributes.end() && found->second.size() >= sizeof port)
        std::memcpy(&port, found->second.data(), sizeof port);
    return ntohs(port);
}

// It was rewritten on its way in, to a port of ours.
bool is_stale(const NetlinkAttributes& flow,
              const std::vector<PortRule>& rules) {
    NetlinkAttributes asked =
        nested(nested(flow, CTA_TUPLE_ORIG), CTA_TUPLE_PROTO);
    auto protocol = asked.find(CTA_PROTO_NUM);
    if (protocol == asked.end() || protocol->second.empty() ||
        protocol->second[0] != IPPROTO_UDP ||
        (ntohl(read_number(flow, CTA_STATUS)) & IPS_DST_NAT) == 0)
        return false;
    std::uint16_t port = port_in(asked, CTA_PROTO_DST_PORT);
    return std::any_of(rules.begin(), rules.end(), [&](const PortRule& rule) {
        return rule.protocol == "udp" && rule.host_port == port;
    });
}

// Its first tuple names it.
int forget(int socket, int family, const std::string& tuple) {
    nfgenmsg header{static_cast<unsigned char>(family), NFNETLINK_V0, 0};
    NetlinkMessage message;
    message.begin(type_of(IPCTNL_MSG_CT_DELETE), NLM_F_ACK, header)
        .add(CTA_TUPLE_ORIG | NLA_F_NESTED, tuple);
    return netlink_request(socket, &message);
}

void forget_flows(int family, const std::vector<PortRule>& rules) {
    UniqueFd socket = open_netlink(NETLINK_NETFILTER);
    nfgenmsg header{static_cast<unsigned char>(family), NFNETLINK_V0, 0};
    NetlinkMessage question;
    question.begin(type_of(IPCTNL_MSG_CT_GET), NLM_F_DUMP, header);
    std::vector<std::string> stale;
    netlink_ask(socket.get(), question, [&](int, std::string_view body) {
        if (body.size() < sizeof header) return;
        NetlinkAttributes flow = read_attributes(body.substr(sizeof header));
        if (is_stale(flow, rules)) stale.emplace_back(flow[CTA_TUPLE_ORIG]);
    });
    for (const std::string& tuple : stale)
        try_act(Why{"a flow to the container that had this port before"},
                "IPCTNL_MSG_CT_DELETE", forget, socket.get(), family,
                shown(tuple, "a UDP flow"));
}

}  // namespace

void forget_udp_flows(const std::vector<PortRule>& rules) {
    if (std::none_of(rules.begin(), rules.end(), [](const PortRule& rule) {
            return rule.protocol == "udp";
        }))
        return;
    for (int family : {AF_INET, AF_INET6}) try {
            forget_flows(family, rules);
        } catch (const Error&) {
            // The module is not there: then the port works all the same, only
            // not for those who have been talking to the one before.
        }
}

}  // namespace slipway
