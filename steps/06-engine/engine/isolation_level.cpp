#include "06-engine/engine/isolation_level.hpp"

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void contradict(const HostConfig& host, const std::string& option,
                             const char* level) {
    throw Error(ErrorKind::InvalidArgument,
                cat("--isolation ", host.isolation, " and ", option,
                    " contradict each other"))
        .advise(cat("it comes with the level ", level));
}

void only_hosts(const HostConfig& host, std::string& mode, const char* option) {
    if (!mode.empty() && mode != "host") contradict(host, option, "namespaces");
    mode = "host";
}

void share_namespaces(HostConfig& host) {
    only_hosts(host, host.pid_mode, "--pid");
    only_hosts(host, host.ipc_mode, "--ipc");
    only_hosts(host, host.uts_mode, "--uts");
    only_hosts(host, host.cgroupns_mode, "--cgroupns");
    if (host.networks.empty()) host.networks = {{.network = "host"}};
    for (const NetworkRequest& each : host.networks)
        if (each.network != "host") contradict(host, "--network", "namespaces");
    host.network_mode = "host";
}

void lift_limits(HostConfig& host) {
    if (host.resources != ResourceRequest{})
        contradict(host, "a limit", "cgroups");
    if (!host.device_cgroup_rules.empty())
        contradict(host, "--device-cgroup-rule", "cgroups");
    host.device_cgroup_rules = {"a *:* rwm"};
}

void lift_rights(HostConfig& host) {
    if (!host.cap_drop.empty()) contradict(host, "--cap-drop", "full");
    if (!host.security_options.empty() ||
        (!host.seccomp_profile.empty() && host.seccomp_profile != "unconfined"))
        contradict(host, "--security-opt", "full");
    host.cap_add = {"ALL"};
    host.seccomp_profile = "unconfined";
    host.security_options = {"systempaths=unconfined"};
}

}  // namespace

void apply_isolation(CreateRequest& request) {
    HostConfig& host = request.host;
    const std::string& level = host.isolation;
    if (level.empty()) return;
    bool chroot = level == "chroot", namespaces = level == "namespaces";
    if (!chroot && !namespaces && level != "cgroups")
        throw Error(
            ErrorKind::InvalidArgument,
            cat("--isolation ", quote(level), ": there is no such level"))
            .advise("levels are chroot, namespaces, cgroups and full");
    if (chroot) share_namespaces(host);
    if (chroot || namespaces) lift_limits(host);
    lift_rights(host);
}

}  // namespace slipway
