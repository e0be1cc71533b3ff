// /etc/hosts, /etc/hostname and /etc/resolv.conf of a container, as texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "06-engine/network/endpoint.hpp"

namespace slipway {

/// localhost, the container's own addresses under `hostname` (and its first
/// part, if it has several), then `extra_hosts`, "name:ip" (or "name=ip") as
/// --add-host takes them; the address "host-gateway" means the host: the
/// gateway of the first network. Throws InvalidArgument for what is neither.
std::string hosts_file(const std::vector<Endpoint>& endpoints,
                       const std::string& hostname,
                       const std::string& domainname,
                       const std::vector<std::string>& extra_hosts);

std::string hostname_file(const std::string& hostname);

struct ResolverOptions {
    std::vector<std::string> servers, search, options;  ///< --dns …
};

/// What /etc/resolv.conf becomes:
/// - with one of `networks` that has names: its forwarder, which asks the
///   others (`typed` servers are handed to it: forwarder_servers());
/// - host's namespace: the host's file as it is;
/// - otherwise: the host's, without servers on loopback, which the container
///   cannot reach; if none is left, Docker's 8.8.8.8 and 8.8.4.4.
/// `typed` replaces servers, search list and options each for itself.
/// `host_file`: what host_resolv_conf() read.
enum class ResolverPlace { Host, DefaultBridge, Forwarder, Nowhere };
std::string resolv_conf(ResolverPlace place,
                        const std::vector<Network>& networks,
                        std::string_view host_file,
                        const ResolverOptions& typed);

/// /etc/resolv.conf of the host; of systemd-resolved the file with the real
/// servers (/run/systemd/resolve/resolv.conf) when the first has only its stub.
/// Empty when there is none.
std::string host_resolv_conf();

}  // namespace slipway
