// Networks and ports of `create` and `run`.
#include "06-engine/cli/create_options.hpp"
#include "06-engine/cli/network_option.hpp"
#include "06-engine/cli/option_text.hpp"
#include "06-engine/cli/ports.hpp"

namespace slipway {

namespace {

void declare_ports(CommandLine& line, CreateRequest& request) {
    line.values("-p,--publish", "[IP:][HOST:]PORT[/udp]",
                "a port of the host leads to a port inside", [&](auto& text) {
                    for (PortBinding& port : parse_publish(text))
                        request.host.ports.push_back(std::move(port));
                });
    line.flag("-P,--publish-all", "publish what the image exposes",
              request.host.publish_all);
    line.values("--expose", "PORT[/udp]", "a port that others may use",
                [&](auto& text) { add_exposed(request.expose, text); });
}

void declare_addresses(CommandLine& line, NetworkRequest& first) {
    line.values("--network-alias,--net-alias", "NAME",
                "one more name on the network", append(first.aliases));
    line.hide("--net-alias");
    line.value("--ip", "ADDRESS", "its address on the network",
               [&](auto& text) { first.ip = parse_ip4_option("--ip", text); });
    line.value("--ip6", "ADDRESS", "its IPv6 address", [&](auto& text) {
        first.ip6 = parse_ip6_option("--ip6", text);
    });
    line.value("--mac-address", "ADDRESS", "its hardware address",
               [&](auto& text) { first.mac = parse_mac(text); });
    line.refuse("--link-local-ip",
                "not supported: give the network a subnet, and write --ip");
}

void declare_names(CommandLine& line, HostConfig& host) {
    line.values("--dns", "ADDRESS", "a name server", [&](auto& text) {
        host.dns.push_back(parse_ip_option("--dns", text));
    });
    line.values(
        "--dns-search", "DOMAIN", "tried behind short names",
        [&](auto& text) { host.dns_search.push_back(parse_dns_search(text)); });
    line.values("--dns-option,--dns-opt", "OPTION", "for resolv.conf",
                append(host.dns_options));
    line.hide("--dns-opt");
    line.values(
        "--add-host", "NAME:IP", "a line in /etc/hosts; IP may be host-gateway",
        [&](auto& text) { host.extra_hosts.push_back(parse_add_host(text)); });
    line.values("--link", "CONTAINER[:ALIAS]", "another container, by a name",
                [&](auto& text) { host.links.push_back(parse_link(text)); });
}

}  // namespace

void declare_network_options(CommandLine& line, CreateCommandLine& options) {
    HostConfig& host = options.request.host;
    line.group("Network");
    line.values("--network,--net", "NETWORK",
                "bridge, none, host, container:NAME or a network's name",
                [&](auto& text) {
                    host.networks.push_back(parse_network_option(text));
                });
    line.hide("--net");
    declare_ports(line, options.request);
    declare_addresses(line, options.first_network);
    declare_names(line, host);
}

}  // namespace slipway
