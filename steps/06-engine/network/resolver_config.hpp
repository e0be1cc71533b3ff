// /etc/resolv.conf: resolv.conf(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct ResolverConfig {
    std::vector<std::string> servers = {}, search = {}, options = {};
    bool operator==(const ResolverConfig&) const = default;
};

/// Lines that are none of `nameserver`, `search`, `domain` and `options` are
/// passed over; so are servers that are no address, and IPv6 ones with a zone.
ResolverConfig parse_resolver_config(std::string_view text);
std::string resolver_config_text(const ResolverConfig& config);

/// /etc/resolv.conf of the host; of systemd-resolved the file with the real
/// servers (/run/systemd/resolve/resolv.conf) when the first has only its stub.
/// Empty when there is none.
std::string host_resolv_conf();

}  // namespace slipway
