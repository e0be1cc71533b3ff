#include "06-engine/network/firewall.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#include "06-engine/network/helper_process.hpp"
#include "06-engine/network/netlink.hpp"
#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr char table_name[] = "slipway";

//@ begin firewall-sets
constexpr char sets[] = R"(
table inet slipway {
    set bridges { type ifname; }
    set same { type ifname . ifname; }
    set own { type ipv4_addr . ifname; flags interval; }
    set own6 { type ipv6_addr . ifname; flags interval; }
    set masqueraded { type ifname; }
    set internal { type ifname; }
    set router { type ifname; }
    map ports {
        type inet_proto . inet_service : ipv4_addr . inet_service
    }
    map ports_at {
        type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
    }
    map ports6 {
        type inet_proto . inet_service : ipv6_addr . inet_service
    }
    map ports6_at {
        type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service
    }
}
)";
//@ end firewall-sets

//@ begin firewall-published
// Whoever asks the host for a published port is sent to the container.
constexpr char published[] = R"(
table inet slipway {
    chain published {
        meta l4proto != { tcp, udp } return
        dnat ip to ip daddr . meta l4proto . th dport map @ports_at
        dnat ip to meta l4proto . th dport map @ports
        ip6 daddr ::1 return
        dnat ip6 to ip6 daddr . meta l4proto . th dport map @ports6_at
        dnat ip6 to meta l4proto . th dport map @ports6
    }
    chain from_outside {
        type nat hook prerouting priority dstnat;
        fib daddr type local jump published
    }
    chain from_host {
        type nat hook output priority -100;
        fib daddr type local jump published
    }
}
)";
//@ end firewall-published

//@ begin firewall-walls
constexpr char walls[] = R"(
table inet slipway {
    # Who answers must answer to the host: containers that go out, that ask
    # for their own network's published port, and the host's 127.0.0.1.
    chain leaving {
        type nat hook postrouting priority srcnat;
        iifname @masqueraded oifname != @bridges masquerade
        ip saddr . oifname @own ct status dnat masquerade
        ip6 saddr . oifname @own6 ct status dnat masquerade
        ip saddr 127.0.0.0/8 oifname @bridges masquerade
    }
    # The host's own services on 127.0.0.1 are not for containers, although
    # route_localnet would let them in (CVE-2020-8558).
    chain spoofed {
        type filter hook prerouting priority raw;
        iifname @bridges ip daddr 127.0.0.0/8 drop
    }
    # Networks are apart. Into one leads only what was published.
    chain forward {
        type filter hook forward priority filter;
        ct state established,related accept
        iifname . oifname @same accept
        iifname @internal drop
        oifname @internal drop
        oifname @bridges ct status dnat accept
        oifname @bridges drop
    }
}
)";
//@ end firewall-walls
constexpr char closed_rule[] =
    "add rule inet slipway forward iifname != @bridges drop "
    "comment \"the host was no router before slipway\"\n"
    // For the last store that leaves the host, whoever was the first.
    "add element inet slipway router { \"ip_forward\" }\n";

// Fields of a key or value begin at multiples of 4 bytes.
std::string padded(std::string_view bytes) {
    std::string text(bytes);
    text.resize((text.size() + 3) / 4 * 4);
    return text;
}

std::string interface_field(const std::string& name) {
    std::string text = name;
    text.resize(IFNAMSIZ);
    return text;
}

std::string port_field(std::uint16_t port) {
    const char bytes[] = {static_cast<char>(port >> 8),
                          static_cast<char>(port & 255)};
    return padded({bytes, sizeof bytes});
}

std::string address_field(const std::string& address) {
    in6_addr bytes{};
    int family = is_ipv6(address) ? AF_INET6 : AF_INET;
    ::inet_pton(family, address.c_str(), &bytes);
    return {reinterpret_cast<const char*>(&bytes),
            family == AF_INET6 ? sizeof(in6_addr) : sizeof(in_addr)};
}

// All addresses with these first bits.
FirewallElement own6_element(const std::string& subnet,
                             const std::string& device) {
    std::size_t slash = subnet.find('/');
    std::string first = address_field(subnet.substr(0, slash)), last = first;
    auto prefix = parse_unsigned(subnet.substr(slash + 1), 128).value_or(64);
    for (std::size_t bit = prefix; bit < 128; ++bit)
        last[bit / 8] = static_cast<char>(last[bit / 8] | 128 >> bit % 8);
    return {"own6", first + device, "", last + device};
}

nfgenmsg family(int protocol_family, int resource = 0) {
    return {static_cast<unsigned char>(protocol_family), NFNETLINK_V0,
            htons(static_cast<std::uint16_t>(resource))};
}

int nft_type(int message) {
    return NFNL_SUBSYS_NFTABLES << 8 | message;
}

//@ begin nft-batch
// Messages between these two are one transaction: all of them or none.
int transaction(const std::function<void(NetlinkMessage&)>& fill) {
    NetlinkMessage batch;
    batch.begin(NFNL_MSG_BATCH_BEGIN, 0,
                family(AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
    fill(batch);
    batch.begin(NFNL_MSG_BATCH_END, 0, family(AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
    UniqueFd socket = open_netlink(NETLINK_NETFILTER);
    return netlink_request(socket.get(), &batch);
}

void add_element(NetlinkMessage& batch, int type,
                 const FirewallElement& element) {
    auto data = [&](int attribute, const std::string& bytes) {
        batch.nest(attribute, [&] { batch.add(NFTA_DATA_VALUE, bytes); });
    };
    int flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0;
    batch.begin(nft_type(type), flags, family(NFPROTO_INET))
        .add_name(NFTA_SET_ELEM_LIST_TABLE, table_name)
        .add_name(NFTA_SET_ELEM_LIST_SET, element.set)
        .nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
            batch.nest(NFTA_LIST_ELEM, [&] {
                data(NFTA_SET_ELEM_KEY, element.key);
                if (!element.key_end.empty())
                    data(NFTA_SET_ELEM_KEY_END, element.key_end);
                if (!element.value.empty() && type == NFT_MSG_NEWSETELEM)
                    data(NFTA_SET_ELEM_DATA, element.value);
            });
        });
}
//@ end nft-batch

// For act().
int change(int type, const std::vector<FirewallElement>* elements) {
    return transaction([&](NetlinkMessage& batch) {
        for (const FirewallElement& each : *elements)
            add_element(batch, type, each);
    });
}

std::string names_of(const std::vector<FirewallElement>& elements) {
    std::vector<std::string> names;
    for (const FirewallElement& each : elements)
        if (names.empty() || names.back() != each.set)
            names.push_back(each.set);
    return cat(elements.size(), " of ", join(names, ", "));
}

}  // namespace

std::string firewall_rules(bool closed) {
    // In one transaction: sets that are there keep their elements, rules go and
    // come again.
    return cat("table inet slipway {}\nflush table inet slipway\n", sets,
               published, walls, closed ? closed_rule : "");
}

std::vector<FirewallElement> network_elements(const Network& network) {
    std::string device = interface_field(network.device());
    Subnet subnet = parse_subnet(network.subnet);
    std::vector<FirewallElement> elements = {
        {"bridges", device},
        {"own", address_field(subnet.base.text()) + device, "",
         address_field(subnet.last().text()) + device}};
    if (!network.subnet6.empty())
        elements.push_back(own6_element(network.subnet6, device));
    if (network.option("com.docker.network.bridge.enable_icc", true))
        elements.push_back({"same", device + device});
    if (network.internal)
        elements.push_back({"internal", device});
    else if (network.option("com.docker.network.bridge.enable_ip_masquerade",
                            true))
        elements.push_back({"masqueraded", device});
    return elements;
}

FirewallElement port_element(const PortRule& rule) {
    bool six = is_ipv6(rule.host_address);
    bool all = rule.host_address == (six ? "::" : "0.0.0.0");
    char protocol = rule.protocol == "udp" ? IPPROTO_UDP : IPPROTO_TCP;
    std::string key = padded({&protocol, 1}) + port_field(rule.host_port);
    if (!all) key = address_field(rule.host_address) + key;
    return {cat(six ? "ports6" : "ports", all ? "" : "_at"), key,
            address_field(rule.address) + port_field(rule.port)};
}

bool has_table() {
    NetlinkMessage question;
    question.begin(nft_type(NFT_MSG_GETTABLE), 0, family(NFPROTO_INET))
        .add_name(NFTA_TABLE_NAME, table_name);
    UniqueFd socket = open_netlink(NETLINK_NETFILTER);
    int result = netlink_request(socket.get(), &question);
    if (result != 0 && errno != ENOENT)
        check(result, "look for nftables table inet slipway");
    return result == 0;
}

bool add_elements(const std::vector<FirewallElement>& elements) {
    // A transaction that fails costs a grace period of the kernel, some 10 ms.
    if (!has_table()) return false;
    int result = try_act(
        Why{"the rules look up networks and ports here", "NFT_MSG_DELSETELEM"},
        "NFT_MSG_NEWSETELEM", change, shown(NFT_MSG_NEWSETELEM, table_name),
        shown(&elements, names_of(elements)));
    if (result != 0 && errno == ENOENT) return false;
    check(result, "add ", names_of(elements),
          " to nftables table inet slipway");
    return true;
}

void remove_elements(const std::vector<FirewallElement>& elements) {
    auto remove = [](const std::vector<FirewallElement>& which) {
        return try_act(Why{"they are not used any more"}, "NFT_MSG_DELSETELEM",
                       change, shown(NFT_MSG_DELSETELEM, table_name),
                       shown(&which, names_of(which)));
    };
    if (elements.empty() || remove(elements) == 0) return;
    // One is missing, and so none went.
    for (const FirewallElement& each : elements)
        if (remove({each}) != 0 && errno != ENOENT)
            check(-1, "remove from nftables table inet slipway");
}

void load_table(const NetworkStore& store, bool closed) {
    std::string rules_text = firewall_rules(closed);
    auto load = [&](const char* text) {
        run_helper(store, {.program = "slipway-nft", .input = text});
        return 0;
    };
    act(Why{"published ports, masquerading and the walls between networks",
            "nft delete table inet slipway"},
        "nft", load, shown(rules_text.c_str(), "table inet slipway { … }"));
}

void delete_table() {
    auto remove = [](int) {
        return transaction([](NetlinkMessage& batch) {
            batch.begin(nft_type(NFT_MSG_DELTABLE), 0, family(NFPROTO_INET))
                .add_name(NFTA_TABLE_NAME, table_name);
        });
    };
    int result = try_act(Why{"no network is in use"}, "NFT_MSG_DELTABLE",
                         remove, shown(0, table_name));
    if (result != 0 && errno != ENOENT)
        check(result, "delete nftables table inet slipway");
}

namespace {

// Attributes of one and the same type, one behind the other.
void each_item(std::string_view list,
               const std::function<void(std::string_view)>& take) {
    while (list.size() >= NLA_HDRLEN) {
        std::uint16_t size = 0;
        std::memcpy(&size, list.data(), sizeof size);
        if (size < NLA_HDRLEN || size > list.size()) return;
        take(list.substr(NLA_HDRLEN, size - NLA_HDRLEN));
        list.remove_prefix(std::min<std::size_t>(list.size(), NLA_ALIGN(size)));
    }
}

FirewallElement parse_element(const std::string& set, std::string_view bytes) {
    auto parts = read_attributes(bytes);
    auto data = [&](int attribute) {
        return std::string(read_attributes(parts[attribute])[NFTA_DATA_VALUE]);
    };
    return {set, data(NFTA_SET_ELEM_KEY), data(NFTA_SET_ELEM_DATA),
            data(NFTA_SET_ELEM_KEY_END)};
}

}  // namespace

std::vector<FirewallElement> list_elements(const std::string& set) {
    NetlinkMessage question;
    question
        .begin(nft_type(NFT_MSG_GETSETELEM), NLM_F_DUMP, family(NFPROTO_INET))
        .add_name(NFTA_SET_ELEM_LIST_TABLE, table_name)
        .add_name(NFTA_SET_ELEM_LIST_SET, set);
    UniqueFd socket = open_netlink(NETLINK_NETFILTER);
    std::vector<FirewallElement> elements;
    try {
        netlink_ask(socket.get(), question, [&](int, std::string_view body) {
            auto parts = read_attributes(body.substr(sizeof(nfgenmsg)));
            each_item(parts[NFTA_SET_ELEM_LIST_ELEMENTS],
                      [&](std::string_view item) {
                          elements.push_back(parse_element(set, item));
                      });
        });
    } catch (const Error& error) {
        if (error.system_errno() != ENOENT) throw;
    }
    return elements;
}

std::string device_of(const FirewallElement& element) {
    if (element.key.size() < IFNAMSIZ) return "";
    return element.key.substr(element.key.size() - IFNAMSIZ).c_str();
}

}  // namespace slipway
