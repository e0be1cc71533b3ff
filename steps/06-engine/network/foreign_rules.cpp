// Rules of others that swallow our packets. An accept in our table does not
// overrule a drop in another one: each base chain of a hook has its own word.
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <sys/socket.h>

#include <cstring>
#include <map>
#include <optional>

#include "06-engine/network/bridge.hpp"
#include "06-engine/network/netlink.hpp"
#include "06-engine/network/traces.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct ForeignChain {
    std::string table, name;
    std::uint32_t hook;
};

struct ForeignRules {
    std::vector<ForeignChain> dropping;
    bool docker_user = false;
    bool names_us = false;  ///< somebody has written a rule for our bridges
};

std::string name_in(const NetlinkAttributes& attributes, int type) {
    auto found = attributes.find(type);
    if (found == attributes.end()) return "";
    return std::string(found->second.substr(0, found->second.find('\0')));
}

void ask_nftables(int message,
                  const std::function<void(std::string_view body)>& take) {
    NetlinkMessage question;
    nfgenmsg all{AF_UNSPEC, NFNETLINK_V0, 0};
    question.begin(NFNL_SUBSYS_NFTABLES << 8 | message, NLM_F_DUMP, all);
    UniqueFd socket = open_netlink(NETLINK_NETFILTER);
    netlink_ask(socket.get(), question, [&](int, std::string_view body) {
        if (body.size() > sizeof(nfgenmsg)) take(body.substr(sizeof(nfgenmsg)));
    });
}

void add_chain(ForeignRules& rules, std::string_view body) {
    NetlinkAttributes chain = read_attributes(body);
    std::string table = name_in(chain, NFTA_CHAIN_TABLE);
    if (table == "slipway") return;
    std::string name = name_in(chain, NFTA_CHAIN_NAME);
    rules.docker_user = rules.docker_user || name == "DOCKER-USER";
    // Only a base chain has a hook, and a policy.
    if (!chain.contains(NFTA_CHAIN_HOOK) ||
        !chain.contains(NFTA_CHAIN_POLICY) ||
        ntohl(read_number(chain, NFTA_CHAIN_POLICY)) != NF_DROP)
        return;
    NetlinkAttributes hook = read_attributes(chain[NFTA_CHAIN_HOOK]);
    std::uint32_t number = ntohl(read_number(hook, NFTA_HOOK_HOOKNUM));
    if (number == NF_INET_FORWARD || number == NF_INET_LOCAL_IN)
        rules.dropping.push_back({table, name, number});
}

void add_rule(ForeignRules& rules, std::string_view body) {
    NetlinkAttributes rule = read_attributes(body);
    if (name_in(rule, NFTA_RULE_TABLE) == "slipway") return;
    // An interface's name stands as it is in a comparison's bytes.
    std::string_view text = rule[NFTA_RULE_EXPRESSIONS];
    if (text.find(default_device) != std::string_view::npos ||
        text.find("sw-") != std::string_view::npos)
        rules.names_us = true;
}

// What iptables-legacy has is not seen by nftables. The policy of a chain is
// its last rule, whose verdict V is stored as -V - 1.
std::optional<bool> legacy_policy_drops(unsigned hook) {
    constexpr char table[] = "filter";
    UniqueFd socket(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    ipt_getinfo info{};
    std::memcpy(info.name, table, sizeof table);
    socklen_t size = sizeof info;
    if (!socket ||
        ::getsockopt(socket.get(), SOL_IP, IPT_SO_GET_INFO, &info, &size) != 0)
        return std::nullopt;
    std::string bytes(sizeof(ipt_get_entries) + info.size, '\0');
    auto* entries = reinterpret_cast<ipt_get_entries*>(bytes.data());
    std::memcpy(entries->name, table, sizeof table);
    entries->size = info.size;
    size = static_cast<socklen_t>(bytes.size());
    std::size_t at = info.underflow[hook];
    if (::getsockopt(socket.get(), SOL_IP, IPT_SO_GET_ENTRIES, entries,
                     &size) != 0 ||
        at + sizeof(ipt_entry) > info.size)
        return std::nullopt;
    const char* entry = reinterpret_cast<const char*>(entries->entrytable) + at;
    std::size_t target =
        reinterpret_cast<const ipt_entry*>(entry)->target_offset;
    if (at + target + sizeof(xt_standard_target) > info.size)
        return std::nullopt;
    const auto* verdict =
        reinterpret_cast<const xt_standard_target*>(entry + target);
    return verdict->verdict == -NF_DROP - 1;
}

// To ask for a table makes it: so ask only if it is there.
void add_legacy(ForeignRules& rules) {
    if (read_file("/proc/net/ip_tables_names", 4096).find("filter") ==
        std::string::npos)
        return;
    for (unsigned hook : {NF_INET_FORWARD, NF_INET_LOCAL_IN})
        if (legacy_policy_drops(hook).value_or(false))
            rules.dropping.push_back(
                {"filter (iptables-legacy)",
                 hook == NF_INET_FORWARD ? "FORWARD" : "INPUT", hook});
}

ForeignRules look_around() {
    ForeignRules rules;
    ask_nftables(NFT_MSG_GETCHAIN,
                 [&](std::string_view body) { add_chain(rules, body); });
    if (!rules.dropping.empty())
        ask_nftables(NFT_MSG_GETRULE,
                     [&](std::string_view body) { add_rule(rules, body); });
    try {
        add_legacy(rules);
    } catch (const Error&) {
        // The kernel does not have iptables-legacy.
    }
    return rules;
}

std::string advice_for(const ForeignChain& chain, bool docker_user) {
    if (chain.hook == NF_INET_LOCAL_IN)
        return "names of containers may not be resolved, and ::1 not be "
               "served: let in what comes from slipway0 and sw-* by "
               "iptables -I INPUT -i slipway0 -j ACCEPT";
    std::string place = docker_user ? "DOCKER-USER" : chain.name;
    return cat("containers may not reach others, nor be reached: iptables -I ",
               place, " -i slipway0 -j ACCEPT; iptables -I ", place,
               " -o slipway0 -j ACCEPT");
}

}  // namespace

std::vector<std::string> firewall_warnings() {
    ForeignRules rules;
    try {
        rules = look_around();
    } catch (const Error&) {
        return {};  // no right to look, or no nftables
    }
    std::vector<std::string> warnings;
    if (rules.names_us) return warnings;
    for (const ForeignChain& chain : rules.dropping)
        warnings.push_back(cat("chain ", chain.name, " of table ", chain.table,
                               " drops what no rule of it accepts; ",
                               advice_for(chain, rules.docker_user)));
    return warnings;
}

}  // namespace slipway
