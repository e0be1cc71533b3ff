#include "06-engine/cli/object_options.hpp"

#include "06-engine/cli/key_values.hpp"
#include "06-engine/cli/network_option.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void wrong_words(const std::vector<std::string>& words,
                              std::size_t most, const char* missing,
                              const char* usage) {
    throw Error(ErrorKind::InvalidArgument,
                words.size() > most
                    ? cat("one word too many: ", quote(words.back()))
                    : cat("no ", missing, " given"))
        .advise(usage);
}

// Every list may have one value of each family.
void sort_by_family(const char* option, const std::vector<std::string>& typed,
                    std::string& v4, std::string& v6) {
    for (const std::string& text : typed) {
        std::string& place = text.find(':') == text.npos ? v4 : v6;
        if (!place.empty())
            refuse_option(option, text,
                          "a network has one of each family: IPv4 and IPv6");
        place = text;
    }
}

// What Docker's network has and this one does not.
void declare_refused(CommandLine& line) {
    struct Refused {
        const char *name, *why;
    };
    for (const Refused& each :
         {Refused{"--scope", "there are networks of this machine only"},
          Refused{"--config-from", "there is no swarm that would need it"},
          Refused{"--ipam-driver", "there is one way to give out addresses"},
          Refused{"--ipam-opt", "there is one way to give out addresses"},
          Refused{"--aux-address", "leave addresses out with --ip-range"}})
        line.refuse(each.name, each.why);
    static bool ignored = false;
    for (const char* name : {"--attachable", "--ingress", "--config-only"}) {
        line.flag(name, "ignored: swarm's", ignored);
        line.hide(name);
    }
}

}  // namespace

void declare_network_create(CommandLine& line, NetworkCreateLine& create) {
    NewNetwork& network = create.network;
    line.value("-d,--driver", "DRIVER", "bridge; there is no other one",
               store(network.driver));
    line.values("--subnet", "CIDR", "its addresses: 10.9.0.0/24",
                append(create.subnets));
    line.values("--gateway", "ADDRESS", "the bridge's own address",
                append(create.gateways));
    line.values("--ip-range", "CIDR", "containers get addresses of this part",
                append(create.ip_ranges));
    line.flag("--internal", "no way out of it, and none in", network.internal);
    static bool always = true;
    line.flag("--ipv4", "has IPv4 (true)", always);
    line.hide("--ipv4");
    line.flag("--ipv6", "has IPv6, too", network.ipv6);
    line.values("--label", "KEY[=VALUE]", "for filters and for people",
                [&](auto& text) { add_pair(network.labels, "--label", text); });
    line.values("-o,--opt", "KEY=VALUE",
                "com.docker.network.driver.mtu=1400 and the like",
                [&](auto& text) { add_pair(network.options, "--opt", text); });
    declare_refused(line);
}

void finish_network_create(NetworkCreateLine& create,
                           const std::vector<std::string>& words) {
    if (words.size() != 1)
        wrong_words(words, 1, "NETWORK", "network create [OPTION...] NETWORK");
    NewNetwork& network = create.network;
    network.name = words[0];
    std::string range6;
    sort_by_family("--subnet", create.subnets, network.subnet, network.subnet6);
    sort_by_family("--gateway", create.gateways, network.gateway,
                   network.gateway6);
    sort_by_family("--ip-range", create.ip_ranges, network.ip_range, range6);
    if (!range6.empty()) refuse_option("--ip-range", range6, "only for IPv4");
    network.ipv6 = network.ipv6 || !network.subnet6.empty();
    if (!network.gateway.empty() && network.subnet.empty())
        refuse_option("--gateway", network.gateway, "it needs a --subnet");
    if (!network.ip_range.empty() && network.subnet.empty())
        refuse_option("--ip-range", network.ip_range, "it needs a --subnet");
}

void declare_network_connect(CommandLine& line, NetworkConnectLine& connect) {
    NetworkRequest& request = connect.request;
    line.values("--alias", "NAME", "one more name on the network",
                append(request.aliases));
    line.value("--ip", "ADDRESS", "its address", [&](auto& text) {
        request.ip = parse_ip4_option("--ip", text);
    });
    line.value("--ip6", "ADDRESS", "its IPv6 address", [&](auto& text) {
        request.ip6 = parse_ip6_option("--ip6", text);
    });
    line.values("--link", "CONTAINER[:ALIAS]", "another container, by a name",
                [&](auto& text) { connect.links.push_back(parse_link(text)); });
    line.values("--driver-opt", "KEY=VALUE", "for the driver", [&](auto& text) {
        add_pair(request.driver_options, "--driver-opt", text);
    });
    line.refuse("--link-local-ip",
                "not supported: give the network a subnet, and write --ip");
    line.refuse("--gw-priority",
                "not supported: the default route is the first network's");
}

void finish_network_connect(NetworkConnectLine& connect,
                            const std::vector<std::string>& words) {
    if (words.size() != 2)
        wrong_words(words, 2, words.empty() ? "NETWORK" : "CONTAINER",
                    "network connect [OPTION...] NETWORK CONTAINER");
    connect.request.network = words[0];
    connect.container = words[1];
}

void declare_volume_create(CommandLine& line, Volume& volume) {
    line.value("-d,--driver", "DRIVER", "local; there is no other one",
               store(volume.driver));
    line.values("--label", "KEY[=VALUE]", "for filters and for people",
                [&](auto& text) { add_pair(volume.labels, "--label", text); });
    line.refuse("-o,--opt",
                "a volume is a folder of the store; for a folder of the host "
                "write run -v /folder:/place, for memory run --tmpfs");
    for (const char* name :
         {"--availability", "--group", "--limit-bytes", "--required-bytes",
          "--scope", "--secret", "--sharing", "--topology-preferred",
          "--topology-required", "--type"})
        line.refuse(name, "that is for volumes of a swarm");
}

void finish_volume_create(Volume& volume,
                          const std::vector<std::string>& words) {
    if (words.size() > 1)
        wrong_words(words, 1, "VOLUME", "volume create [OPTION...] [VOLUME]");
    if (words.empty()) return;
    volume.name = words[0];
    check_volume_name(volume.name);
}

}  // namespace slipway
