#include "06-engine/network/name_files.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

bool is_address(const std::string& text) {
    return parse_ipv4(text) || is_ipv6(text);
}

bool is_loopback(const std::string& server) {
    return server.starts_with("127.") || server == "::1";
}

// "name:ip", with an IPv6 address perhaps in brackets.
std::string extra_line(const std::string& text, const std::string& gateway) {
    std::size_t at = text.find_first_of(":=");
    std::string name = text.substr(0, at);
    std::string ip = at == std::string::npos ? "" : text.substr(at + 1);
    if (ip.starts_with('[') && ip.ends_with(']'))
        ip = ip.substr(1, ip.size() - 2);
    if (ip == "host-gateway" && !gateway.empty()) ip = gateway;
    if (name.empty() || name.find_first_of(" \t\n") != std::string::npos ||
        !is_address(ip))
        throw Error(ErrorKind::InvalidArgument,
                    cat("bad format for add-host: ", quote(text)))
            .advise(
                "write NAME:ADDRESS, as in db:10.0.0.7 or "
                "host.docker.internal:host-gateway");
    return cat(ip, "\t", name, "\n");
}

}  // namespace

std::string hosts_file(const std::vector<Endpoint>& endpoints,
                       const std::string& hostname,
                       const std::string& domainname,
                       const std::vector<std::string>& extra_hosts) {
    std::string text =
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::\tip6-localnet\n"
        "ff00::\tip6-mcastprefix\n"
        "ff02::1\tip6-allnodes\n"
        "ff02::2\tip6-allrouters\n";
    // Without a network the host is this one, or not to be reached.
    std::string gateway =
        endpoints.empty() ? "127.0.0.1" : endpoints[0].gateway;
    for (const std::string& extra : extra_hosts)
        text += extra_line(extra, gateway);
    std::string names = hostname;
    if (!domainname.empty())
        names = cat(hostname, ".", domainname, " ", hostname);
    else if (std::size_t dot = hostname.find('.'); dot != std::string::npos)
        names += " " + hostname.substr(0, dot);
    for (const Endpoint& endpoint : endpoints) {
        text += cat(endpoint.ip, "\t", names, "\n");
        if (!endpoint.ip6.empty()) text += cat(endpoint.ip6, "\t", names, "\n");
    }
    return text;
}

std::string hostname_file(const std::string& hostname) {
    return hostname + "\n";
}

//@ begin resolv-conf
std::string resolv_conf(const std::vector<Network>& networks,
                        std::string_view host_file,
                        const ResolverConfig& typed) {
    bool host = std::any_of(
        networks.begin(), networks.end(),
        [](const Network& network) { return network.driver == "host"; });
    if (host && typed == ResolverConfig{}) return std::string(host_file);

    ResolverConfig config = parse_resolver_config(host_file);
    if (!typed.search.empty()) config.search = typed.search;
    if (config.search == std::vector<std::string>{"."}) config.search = {};
    if (!typed.options.empty()) config.options = typed.options;
    auto named = std::find_if(
        networks.begin(), networks.end(),
        [](const Network& network) { return network.has_names(); });
    if (named != networks.end()) {
        config.servers = {named->gateway};
        // A name without a dot is a container first.
        if (typed.options.empty()) config.options.emplace_back("ndots:0");
    } else if (!typed.servers.empty()) {
        config.servers = typed.servers;
    } else if (!host) {
        std::erase_if(config.servers, is_loopback);
        if (config.servers.empty()) config.servers = {"8.8.8.8", "8.8.4.4"};
    }
    return resolver_config_text(config);
}
//@ end resolv-conf

}  // namespace slipway
