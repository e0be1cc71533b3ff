#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "06-engine/engine/container_view.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

/// Neighbours with the same host address, and the same ports there as inside.
struct PortRange {
    std::string ip, protocol;
    unsigned first, last;
};

std::string with_brackets(const std::string& ip) {
    return ip.find(':') == ip.npos ? ip : cat("[", ip, "]");
}

std::string range_text(const PortRange& range) {
    std::string ports = cat(range.first);
    if (range.last != range.first) ports += cat("-", range.last);
    if (!range.ip.empty())
        ports = cat(with_brackets(range.ip), ":", ports, "->", ports);
    return cat(ports, "/", range.protocol);
}

// "80/tcp"
std::optional<PortBinding> parse_exposed(std::string_view text) {
    std::size_t slash = std::min(text.find('/'), text.size());
    auto number = parse_unsigned(text.substr(0, slash), UINT16_MAX);
    if (!number) return {};
    PortBinding port;
    port.container_port = static_cast<std::uint16_t>(*number);
    if (slash < text.size()) port.protocol = text.substr(slash + 1);
    return port;
}

auto sort_key(const PortBinding& port) {
    return std::tie(port.container_port, port.host_ip, port.host_port,
                    port.protocol);
}

// Docker's client, formatter.DisplayablePorts: ranges that are over, then those
// that are open at the end in the order in which they began, then the ports
// that have another number outside.
std::string joined(const std::vector<PortBinding>& ports) {
    std::vector<std::string> texts, moved;
    std::vector<PortRange> open;
    for (const PortBinding& port : ports) {
        if (port.host_port != 0 && port.host_port != port.container_port) {
            moved.push_back(cat(host_port_text(port), "->", port.container_port,
                                "/", port.protocol));
            continue;
        }
        auto range = std::find_if(open.begin(), open.end(), [&](auto& each) {
            return each.ip == port.host_ip && each.protocol == port.protocol;
        });
        unsigned number = port.container_port;
        if (range == open.end()) {
            open.push_back({port.host_ip, port.protocol, number, number});
        } else if (number == range->last + 1) {
            range->last = number;
        } else {
            texts.push_back(range_text(*range));
            range->first = range->last = number;
        }
    }
    for (const PortRange& range : open) texts.push_back(range_text(range));
    texts.insert(texts.end(), moved.begin(), moved.end());
    return join(texts, ", ");
}

bool is_bound(const std::vector<PortBinding>& bound, const PortBinding& port) {
    return std::any_of(bound.begin(), bound.end(), [&](const auto& each) {
        return each.container_port == port.container_port &&
               each.protocol == port.protocol;
    });
}

}  // namespace

std::string host_port_text(const PortBinding& port) {
    std::string ip = port.host_ip.empty() ? "0.0.0.0" : port.host_ip;
    return cat(with_brackets(ip), ":", port.host_port);
}

std::string grouped_ports(const std::vector<std::string>& exposed,
                          const std::vector<PortBinding>& bound) {
    std::vector<PortBinding> ports = bound;
    for (PortBinding& port : ports)
        if (port.host_ip.empty()) port.host_ip = "0.0.0.0";
    for (const std::string& text : exposed)
        if (auto port = parse_exposed(text); port && !is_bound(bound, *port))
            ports.push_back(*port);
    std::sort(ports.begin(), ports.end(), [](const auto& a, const auto& b) {
        return sort_key(a) < sort_key(b);
    });
    return joined(ports);
}

std::string ports_text(const ContainerRecord& record,
                       const ContainerStatusView& status) {
    bool runs = status.status == "running" || status.status == "paused";
    const std::string& mode = record.host.network_mode;
    if (!runs || mode == "host" || mode == "none" ||
        mode.starts_with("container:"))
        return {};
    return grouped_ports({record.config.exposed_ports.begin(),
                          record.config.exposed_ports.end()},
                         status.bound_ports);
}

std::vector<std::string> port_lines(std::vector<PortBinding> bound) {
    std::sort(bound.begin(), bound.end(), [](const auto& a, const auto& b) {
        return std::tie(a.container_port, a.protocol, a.host_ip, a.host_port) <
               std::tie(b.container_port, b.protocol, b.host_ip, b.host_port);
    });
    std::vector<std::string> lines;
    lines.reserve(bound.size());
    for (const PortBinding& port : bound)
        lines.push_back(cat(port.container_port, "/", port.protocol, " -> ",
                            host_port_text(port)));
    return lines;
}

}  // namespace slipway
