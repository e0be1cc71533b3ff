#include "06-engine/cli/network_option.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "05-build/letters.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

bool is_address(int family, const std::string& text) {
    in6_addr scratch;
    return ::inet_pton(family, text.c_str(), &scratch) == 1;
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool is_host_letter(char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
}

void take_field(std::string_view text, const KeyValue& field,
                NetworkRequest& network) {
    if (field.key == "name")
        network.network = field.value;
    else if (field.key == "alias")
        network.aliases.push_back(field.value);
    else if (field.key == "ip")
        network.ip = parse_ip4_option("--network ip", field.value);
    else if (field.key == "ip6")
        network.ip6 = parse_ip6_option("--network ip6", field.value);
    else if (field.key == "mac-address")
        network.mac = parse_mac(field.value);
    else if (field.key == "driver-opt") {
        KeyValue pair = cut(field.value);
        if (!pair.has_value || pair.key.empty())
            refuse_option("--network", text, "driver-opt is KEY=VALUE");
        network.driver_options[pair.key] = pair.value;
    } else if (field.key == "gw-priority")
        // Which network has the default route: here it is the first one's.
        refuse_option("--network", text, "gw-priority is not supported",
                      "the default route is the first --network's");
    else
        refuse_option("--network", text,
                      cat("unknown field ", quote(field.key)),
                      "fields are name, alias, ip, ip6, mac-address, "
                      "driver-opt");
}

}  // namespace

NetworkRequest parse_network_option(std::string_view text) {
    NetworkRequest network{.network = ""};
    if (text.find('=') == text.npos) {
        network.network = text;
    } else {
        for (const std::string& part : split_csv("--network", text)) {
            KeyValue field = cut(part);
            if (!field.has_value || field.value.empty())
                refuse_option("--network", text,
                              cat(quote(part), " is no KEY=VALUE"));
            field.key = to_lower(trim(field.key));
            take_field(text, field, network);
        }
    }
    if (network.network == "default") network.network = "bridge";
    if (network.network.empty())
        refuse_option("--network", text, "the network's name is missing");
    if (network.network == "container:")
        refuse_option("--network", text, "whose? add a container's name");
    return network;
}

bool is_user_defined(std::string_view network) {
    return network != "bridge" && network != "none" && network != "host" &&
           network != "default" && !network.starts_with("container:");
}

std::string parse_ip_option(std::string_view option, std::string_view text) {
    std::string address(trim(text));
    if (!is_address(AF_INET, address) && !is_address(AF_INET6, address))
        refuse_option(option, text, "it is no IP address");
    return address;
}

std::string parse_ip4_option(std::string_view option, std::string_view text) {
    if (!is_address(AF_INET, std::string(text)))
        refuse_option(option, text, "it is no IPv4 address");
    return std::string(text);
}

std::string parse_ip6_option(std::string_view option, std::string_view text) {
    if (!is_address(AF_INET6, std::string(text)))
        refuse_option(option, text, "it is no IPv6 address");
    return std::string(text);
}

std::string parse_add_host(std::string_view text) {
    // The first of the two: an IPv6 address has colons of its own.
    std::size_t at = text.find_first_of("=:");
    std::string name(text.substr(0, at));
    std::string ip(at == text.npos ? "" : text.substr(at + 1));
    if (ip.starts_with('[') && ip.ends_with(']'))
        ip = ip.substr(1, ip.size() - 2);
    if (name.empty() || ip.empty() || name.find_first_of(" \t\n") != name.npos)
        refuse_option("--add-host", text, "it is no NAME:IP",
                      "write NAME:IP, or NAME:host-gateway for this machine");
    if (ip != "host-gateway") ip = parse_ip_option("--add-host", ip);
    return cat(name, ":", ip);
}

std::string parse_dns_search(std::string_view text) {
    std::string domain(trim(text));
    if (domain == ".") return domain;
    constexpr std::size_t longest = 255;
    if (domain.empty() || domain.size() > longest || domain[0] == '-' ||
        domain[0] == '.' || domain.find("..") != domain.npos ||
        !std::all_of(domain.begin(), domain.end(), is_host_letter))
        refuse_option("--dns-search", text, "it is no domain",
                      "write example.org, or . for none");
    return domain;
}

std::string parse_mac(std::string_view text) {
    std::string digits = to_lower(text), mac;
    auto fail = [&](std::string_view why) {
        refuse_option("--mac-address", text, why, "write 02:42:ac:11:00:02");
    };
    bool dots = digits.size() == 14;
    std::size_t group = dots ? 4 : 2;
    char separator = dots ? '.' : digits.size() == 17 ? digits[2] : '\0';
    if (separator != ':' && separator != '-' && separator != '.')
        fail("it is no MAC address");
    for (std::size_t i = 0; i < digits.size(); ++i) {
        bool at_separator = i % (group + 1) == group;
        if (at_separator ? digits[i] != separator : hex_value(digits[i]) < 0)
            fail("it is no MAC address");
        if (at_separator) continue;
        if (mac.size() % 3 == 2) mac += ':';
        mac += digits[i];
    }
    if (hex_value(mac[1]) % 2 != 0) fail("it is a group's address");
    return mac;
}

std::string parse_host_name(std::string_view option, std::string_view text) {
    constexpr std::size_t longest = 64;  // uname(2): __NEW_UTS_LEN
    if (text.size() > longest)
        refuse_option(option, text, "it is longer than 64 letters");
    if (text.starts_with('-') || text.starts_with('.') ||
        !std::all_of(text.begin(), text.end(), is_host_letter))
        refuse_option(option, text, "it is no host name",
                      "letters, digits, dots and dashes; not in front");
    return std::string(text);
}

std::string parse_link(std::string_view text) {
    KeyValue parts = cut(text, ':');
    if (!parts.has_value) parts.value = parts.key;
    if (parts.key.empty() || parts.value.empty() ||
        parts.value.find(':') != parts.value.npos)
        refuse_option("--link", text, "it is no CONTAINER[:ALIAS]");
    return cat(parts.key, ":", parts.value);
}

}  // namespace slipway
