#include "06-engine/cli/ports.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "04-images/config_change.hpp"
#include "05-build/letters.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr char publish[] = "--publish";
constexpr char form[] = "write [IP:][HOSTPORT:]PORT[/udp], as in 8080:80";

struct Range {
    std::uint16_t first = 0, last = 0;
    unsigned size() const { return last - first + 1U; }
};

struct Parts {
    std::string ip, host, container, protocol = "tcp";
};

[[noreturn]] void refuse_port(std::string_view text, std::string_view why) {
    refuse_option(publish, text, why, form);
}

Range parse_range(std::string_view text, std::string_view part) {
    KeyValue ends = cut(part, '-');
    auto first = parse_unsigned(ends.key, UINT16_MAX);
    auto last = ends.has_value ? parse_unsigned(ends.value, UINT16_MAX) : first;
    if (!first || !last)
        refuse_port(text,
                    cat(quote(part), " is no port: a number up to 65535"));
    if (*last < *first)
        refuse_port(text, cat(quote(part), " ends before it begins"));
    return {static_cast<std::uint16_t>(*first),
            static_cast<std::uint16_t>(*last)};
}

// What stands in front of the ports; an IPv6 address has colons of its own.
std::string parse_ip(std::string_view text, std::string ip) {
    if (ip.empty()) return ip;
    if (ip.starts_with('[') && ip.ends_with(']'))
        ip = ip.substr(1, ip.size() - 2);
    in6_addr scratch;
    if (::inet_pton(AF_INET, ip.c_str(), &scratch) != 1 &&
        ::inet_pton(AF_INET6, ip.c_str(), &scratch) != 1)
        refuse_option(publish, text, cat(quote(ip), " is no IP address"),
                      "for this machine alone write 127.0.0.1");
    return ip;
}

Parts split_short(std::string_view text) {
    Parts parts;
    KeyValue protocol = cut(text, '/');
    if (protocol.has_value) parts.protocol = protocol.value;
    std::string rest = protocol.key;
    auto take_last = [&rest] {
        std::size_t colon = rest.rfind(':');
        std::string last = rest.substr(colon == rest.npos ? 0 : colon + 1);
        rest.erase(colon == rest.npos ? 0 : colon);
        return last;
    };
    bool has_ip = std::count(rest.begin(), rest.end(), ':') > 1;
    parts.container = take_last();
    parts.host = take_last();
    parts.ip = has_ip ? parse_ip(text, rest) : "";
    return parts;
}

Parts split_long(std::string_view text) {
    Parts parts;
    for (const std::string& field : split_csv(publish, text)) {
        KeyValue pair = cut(field);
        if (pair.key == "target")
            parts.container = pair.value;
        else if (pair.key == "published")
            parts.host = pair.value;
        else if (pair.key == "protocol")
            parts.protocol = pair.value;
        else if (pair.key != "mode" || pair.value != "host")
            refuse_option(publish, text, cat("unknown field ", quote(pair.key)),
                          "fields are target, published and protocol");
    }
    return parts;
}

void check_protocol(std::string_view text, std::string& protocol) {
    protocol = to_lower(protocol);
    if (protocol == "sctp")
        throw Error(ErrorKind::Unsupported,
                    cat(publish, " ", quote(text), ": sctp is not published"))
            .advise("tcp and udp are");
    if (protocol != "tcp" && protocol != "udp")
        refuse_port(text, cat(quote(protocol), " is no protocol: tcp, udp"));
}

}  // namespace

std::vector<PortBinding> parse_publish(std::string_view text) {
    bool is_long = text.find('=') != text.npos;
    Parts parts = is_long ? split_long(text) : split_short(text);
    check_protocol(text, parts.protocol);
    if (parts.container.empty())
        refuse_port(text, "the container's port is missing");
    Range container = parse_range(text, parts.container);
    if (container.first == 0) refuse_port(text, "a container has no port 0");
    Range host;
    if (!parts.host.empty()) host = parse_range(text, parts.host);
    bool choice = container.size() == 1 && host.size() > 1;
    if (host.last != 0 && !choice && host.size() != container.size())
        refuse_port(text, cat("ranges of ", host.size(), " and ",
                              container.size(), " ports"));
    std::vector<PortBinding> bindings;
    for (unsigned i = 0; i < container.size(); ++i) {
        PortBinding one{
            .container_port = static_cast<std::uint16_t>(container.first + i),
            .protocol = parts.protocol,
            .host_ip = parts.ip};
        if (host.last != 0)
            one.host_port = static_cast<std::uint16_t>(host.first + i);
        if (choice) one.host_port_last = host.last;
        bindings.push_back(std::move(one));
    }
    return bindings;
}

void add_exposed(std::set<std::string>& ports, std::string_view text) {
    if (text.find(':') != text.npos)
        refuse_option("--expose", text, "it names no port of the host",
                      "to publish one, write -p");
    with_context("--expose",
                 [&] { add_exposed_ports(ports, std::string(text)); });
}

}  // namespace slipway
