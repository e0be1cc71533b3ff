#include "06-engine/engine/container_filters.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "06-engine/engine/container_view.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Words = std::vector<std::string>;

const Words states = {"created", "running",  "paused", "restarting",
                      "exited",  "removing", "dead"};
const Words healths = {"none", "starting", "healthy", "unhealthy"};

void check_words(const Filters& filters, const std::string& key,
                 const Words& known) {
    for (const std::string& value : filters.values(key))
        if (std::find(known.begin(), known.end(), value) == known.end())
            throw Error(ErrorKind::InvalidArgument,
                        cat("--filter ", quote(cat(key, "=", value)),
                            ": invalid filter"))
                .advise(cat("there are: ", join(known, ", ")));
}

/// "8080", "8080/udp", "8000-8010/tcp"
struct PortFilter {
    std::uint64_t first, last;
    std::string protocol;
};

PortFilter parse_port_filter(const std::string& text) {
    std::size_t slash = std::min(text.find('/'), text.size());
    PortFilter port{0, 0, slash < text.size() ? text.substr(slash + 1) : "tcp"};
    Words ends = split(text.substr(0, slash), '-');
    auto first = parse_unsigned(ends[0], UINT16_MAX);
    auto last = parse_unsigned(ends.back(), UINT16_MAX);
    if (!first || !last || ends.size() > 2 || *first > *last)
        throw Error(ErrorKind::InvalidArgument,
                    cat("--filter ", quote(text), ": that is no port"))
            .advise("write 80, 80/udp or 8000-8010");
    port.first = *first;
    port.last = *last;
    return port;
}

bool covers(const PortFilter& wanted, std::uint64_t port,
            const std::string& protocol) {
    return wanted.protocol == protocol && wanted.first <= port &&
           port <= wanted.last;
}

bool is_published(const std::string& text, const ContainerStatusView& status) {
    PortFilter wanted = parse_port_filter(text);
    return std::any_of(status.bound_ports.begin(), status.bound_ports.end(),
                       [&](const PortBinding& port) {
                           return covers(wanted, port.host_port, port.protocol);
                       });
}

bool is_exposed(const std::string& text, const ContainerRecord& record) {
    PortFilter wanted = parse_port_filter(text);
    const auto& exposed = record.config.exposed_ports;
    return std::any_of(
        exposed.begin(), exposed.end(), [&](const std::string& port) {
            std::size_t slash = std::min(port.find('/'), port.size());
            auto number = parse_unsigned(port.substr(0, slash), UINT16_MAX);
            return number &&
                   covers(wanted, *number,
                          slash < port.size() ? port.substr(slash + 1) : "tcp");
        });
}

bool has_mount(const std::string& wanted, const ContainerStatusView& status) {
    return std::any_of(status.mounts.begin(), status.mounts.end(),
                       [&](const MountView& mount) {
                           return mount.name == wanted ||
                                  mount.source == wanted ||
                                  mount.destination == wanted;
                       });
}

bool is_on_network(const std::string& wanted, const ContainerRecord& record,
                   const ContainerStatusView& status) {
    Words names = network_names(record, status);
    if (std::find(names.begin(), names.end(), wanted) != names.end())
        return true;
    return std::any_of(status.endpoints.begin(), status.endpoints.end(),
                       [&](const EndpointView& endpoint) {
                           return endpoint.network_id.starts_with(wanted);
                       });
}

bool descends_from(const ContainerRecord& record, const AncestorImage& image) {
    if (record.image_id == image.id) return true;
    const auto& layers = image.layers;
    return !layers.empty() && layers.size() <= record.layers.size() &&
           std::equal(layers.begin(), layers.end(), record.layers.begin());
}

bool has_ancestor(const Filters& filters,
                  const std::vector<AncestorImage>& ancestors,
                  const ContainerRecord& record) {
    if (filters.values("ancestor").empty()) return true;
    for (const std::string& name : filters.values("ancestor"))
        if (record.image == name) return true;
    return std::any_of(ancestors.begin(), ancestors.end(), [&](auto& image) {
        return descends_from(record, image);
    });
}

}  // namespace

Filters container_filters() {
    return Filters({"ancestor", "before", "exited", "expose", "health", "id",
                    "is-task", "label", "name", "network", "publish", "since",
                    "status", "volume"});
}

void check_container_filters(const Filters& filters) {
    check_words(filters, "status", states);
    check_words(filters, "health", healths);
    for (const std::string& code : filters.values("exited"))
        if (!parse_unsigned(code, 255))
            throw Error(ErrorKind::InvalidArgument,
                        cat("--filter ", quote(cat("exited=", code)),
                            ": invalid filter"))
                .advise("an exit code is a number from 0 to 255");
    for (const char* key : {"publish", "expose"})
        for (const std::string& text : filters.values(key))
            parse_port_filter(text);
    if (filters.truth("is-task", false)) return;  // there are none
}

bool is_wanted(const Filters& filters,
               const std::vector<AncestorImage>& ancestors,
               const ContainerRecord& record,
               const ContainerStatusView& status) {
    std::string health = status.health ? status.health->status : "none";
    auto equals = [](const std::string& text) {
        return [text](const std::string& wanted) { return wanted == text; };
    };
    bool has_ended = status.status == "exited" || status.status == "dead";
    return !filters.truth("is-task", false) &&
           filters.any("status", equals(status.status)) &&
           filters.any("health", equals(health)) &&
           filters.any("exited",
                       [&](auto& code) {
                           return has_ended && code == cat(status.exit_code);
                       }) &&
           filters.pattern("id", record.id) &&
           filters.any("name",
                       [&](auto& wanted) {
                           return matches_pattern(wanted, record.name) ||
                                  matches_pattern(wanted, "/" + record.name);
                       }) &&
           filters.labels("label", record.config.labels) &&
           filters.any(
               "volume",
               [&](auto& wanted) { return has_mount(wanted, status); }) &&
           filters.any("network",
                       [&](auto& wanted) {
                           return is_on_network(wanted, record, status);
                       }) &&
           filters.any(
               "publish",
               [&](auto& wanted) { return is_published(wanted, status); }) &&
           filters.any(
               "expose",
               [&](auto& wanted) { return is_exposed(wanted, record); }) &&
           has_ancestor(filters, ancestors, record);
}

// RFC 3339 with a fraction of nine digits, as we write it: texts in the order
// of time.
bool created_between(const ContainerRecord& record,
                     const std::optional<std::string>& since,
                     const std::optional<std::string>& before) {
    return (!since || record.created > *since) &&
           (!before || record.created < *before);
}

}  // namespace slipway
