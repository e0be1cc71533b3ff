// /etc/hosts, /etc/hostname and /etc/resolv.conf of a container, as texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "06-engine/network/endpoint.hpp"
#include "06-engine/network/resolver_config.hpp"

namespace slipway {

/// localhost, the container's own addresses under its hostname, then
/// `extra_hosts`, "name:ip" (or "name=ip") as --add-host takes them; the
/// address "host-gateway" means the host: the gateway of the first endpoint.
/// Throws InvalidArgument for what is neither.
std::string hosts_file(const std::vector<Endpoint>& endpoints,
                       const std::string& hostname,
                       const std::string& domainname,
                       const std::vector<std::string>& extra_hosts);

std::string hostname_file(const std::string& hostname);

/// What /etc/resolv.conf becomes for a container on these networks:
/// - one of them has names: the forwarder of the first such, which asks
///   others (--dns servers go to attach(), and not in here);
/// - the host's namespace: the host's file as it is;
/// - otherwise: the host's, without servers on loopback, which are another's
///   inside; if none is left, Docker's 8.8.8.8 and 8.8.4.4.
/// `typed` (--dns, --dns-search, --dns-option) replaces each list for itself;
/// --dns-search . is no search list. `host_file`: host_resolv_conf().
std::string resolv_conf(const std::vector<Network>& networks,
                        std::string_view host_file,
                        const ResolverConfig& typed);

}  // namespace slipway
