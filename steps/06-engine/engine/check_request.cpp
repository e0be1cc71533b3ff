#include "06-engine/engine/check_request.hpp"

#include <unistd.h>

#include "02-namespaces/sysctl.hpp"
#include "06-engine/engine/other_runtime.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void refuse(const std::string& message, std::string advice = {}) {
    Error error(ErrorKind::InvalidArgument, message);
    if (!advice.empty()) error.set_advice(std::move(advice));
    throw error;
}

constexpr std::int64_t least_memory = 6 << 20;  // as Docker

void check_memory(const ResourceRequest& limits) {
    if (limits.memory && *limits.memory < least_memory)
        refuse("the memory limit is below 6 MiB, the least",
               "a container does not start with less: -m 6m");
    if (limits.memory_reservation && *limits.memory_reservation < least_memory)
        refuse("the memory reservation is below 6 MiB, the least");
    if (limits.memory && limits.memory_reservation &&
        *limits.memory < *limits.memory_reservation)
        refuse("the memory limit is below the memory reservation");
    if (!limits.memory_swap || *limits.memory_swap < 0) return;
    if (!limits.memory)
        refuse("a limit on swap needs a limit on memory",
               "--memory-swap is both together: give -m, too");
    if (*limits.memory_swap < *limits.memory)
        refuse("the limit on memory and swap is below the one on memory",
               "--memory-swap is both together; -1 means no limit on swap");
}

void check_cpu(const ResourceRequest& limits) {
    constexpr std::int64_t billion = 1'000'000'000, least = billion / 100;
    constexpr std::int64_t shortest = 1000, longest = 1'000'000;
    if (limits.nano_cpus && (limits.cpu_period || limits.cpu_quota))
        refuse("--cpus and --cpu-period or --cpu-quota contradict each other",
               "--cpus 1.5 is a quota of 150000 in a period of 100000");
    auto available = ::sysconf(_SC_NPROCESSORS_ONLN);
    if (limits.nano_cpus &&
        (*limits.nano_cpus < least || *limits.nano_cpus > available * billion))
        refuse(cat("the number of processors is not from 0.01 to ", available),
               cat("this machine has ", available));
    if (limits.cpu_period &&
        (*limits.cpu_period < shortest || *limits.cpu_period > longest))
        refuse("the CPU period is not from 1000 to 1000000 microseconds");
    if (limits.cpu_quota && *limits.cpu_quota > 0 &&
        *limits.cpu_quota < shortest)
        refuse("the CPU quota is below 1000 microseconds");
    if (limits.cpu_rt_runtime && limits.cpu_rt_period &&
        *limits.cpu_rt_runtime > *limits.cpu_rt_period)
        refuse("the real-time runtime is longer than its period");
}

void check_disk(const ResourceRequest& limits) {
    constexpr std::uint16_t least = 10, most = 1000;
    if (limits.blkio_weight &&
        (*limits.blkio_weight < least || *limits.blkio_weight > most))
        refuse("the block I/O weight is not from 10 to 1000");
}

void check_joined_network(const CreateRequest& request) {
    const HostConfig& host = request.host;
    if (!host.network_mode.starts_with("container:")) return;
    auto conflict = [](bool given, const char* what) {
        if (given)
            refuse(cat("--network container: and ", what,
                       " contradict each other"),
                   "they are the other container's: set them there");
    };
    conflict(!request.hostname.empty(), "--hostname");
    conflict(!host.links.empty(), "--link");
    conflict(!host.dns.empty() || !host.dns_search.empty() ||
                 !host.dns_options.empty(),
             "--dns");
    conflict(!host.extra_hosts.empty(), "--add-host");
    conflict(!host.ports.empty() || host.publish_all, "-p");
    conflict(!request.expose.empty(), "--expose");
}

void check_networks(const HostConfig& host) {
    const std::string& mode = host.network_mode;
    if (mode == "host" && !host.links.empty())
        refuse("--network host and --link contradict each other");
    bool user_defined = mode != "bridge" && mode != "none" && mode != "host" &&
                        !mode.starts_with("container:");
    if (host.networks.size() > 1 && !user_defined)
        refuse(cat("several networks, one of which is ", mode),
               "only networks that people made can be combined");
    if (host.networks.empty() || user_defined) return;
    const NetworkRequest& only = host.networks[0];
    if (!only.aliases.empty())
        refuse(cat("a network alias on ", mode),
               "names are resolved on networks that people made: slipway "
               "network create NAME");
    if (!only.ip.empty() || !only.ip6.empty())
        refuse(cat("an address of one's own on ", mode),
               "it needs a network that people made: slipway network create "
               "--subnet 10.9.0.0/24 NAME");
}

void check_namespaces(const CreateRequest& request) {
    const HostConfig& host = request.host;
    if (host.uts_mode == "host" &&
        (!request.hostname.empty() || !request.domainname.empty()))
        refuse("--uts host and --hostname contradict each other",
               "it would rename the host");
    for (const auto& [name, value] : host.sysctls) {
        bool of_network = name.starts_with("net.");
        parse_sysctl(cat(name, "=", value));
        if (of_network ? host.network_mode == "host" : host.ipc_mode == "host")
            refuse(cat("--sysctl ", name, " needs a namespace of its own"),
                   "it would change the host");
    }
}

void check_life(const HostConfig& host) {
    const RestartPolicy& restart = host.restart;
    if (host.auto_remove && restart.name != "no" && !restart.name.empty())
        refuse("--rm and --restart contradict each other",
               "a container that is removed cannot be started again");
    if (restart.most_retries != 0 && restart.name != "on-failure")
        refuse("a number of retries is for --restart on-failure only");
    constexpr int most_adjustment = 1000;
    if (host.oom_score_adj && (*host.oom_score_adj > most_adjustment ||
                               *host.oom_score_adj < -most_adjustment))
        refuse("the OOM score adjustment is not from -1000 to 1000");
}

void check_mounts(const HostConfig& host) {
    for (const MountRequest& mount : host.mounts)
        if (mount.type == "image")
            throw Error(
                ErrorKind::Unsupported,
                cat("mount on ", mount.target, ": images cannot be mounted"))
                .advise(cat("build an image with COPY --from=", mount.source,
                            ", or fill a volume from it"));
}

void check_runtime(const HostConfig& host) {
    if (host.runtime.empty()) return;
    find_runtime(host.runtime);
    for (const MountRequest& mount : host.mounts)
        if (mount.match_user)  // many would pass it over and say nothing
            refuse(cat("files that appear as the user's (", mount.target,
                       ") with --runtime ", host.runtime),
                   "only slipway-oci is known to do that");
}

}  // namespace

std::vector<std::string> check_resources(const ResourceRequest& resources) {
    check_memory(resources);
    check_cpu(resources);
    check_disk(resources);
    std::vector<std::string> warnings;
    if (resources.oom_kill_disable && !resources.memory)
        warnings.emplace_back(
            "--oom-kill-disable without a memory limit: the whole machine may "
            "run out of memory");
    return warnings;
}

std::vector<std::string> check_request(const CreateRequest& request) {
    const HostConfig& host = request.host;
    std::vector<std::string> warnings = check_resources(host.resources);
    check_joined_network(request);
    check_networks(host);
    check_namespaces(request);
    check_life(host);
    check_mounts(host);
    check_runtime(host);
    if (host.network_mode == "host" &&
        (!host.ports.empty() || host.publish_all))
        warnings.emplace_back(
            "published ports do nothing with --network host: the container "
            "uses the host's ports itself");
    if (host.network_mode == "none" &&
        (!host.ports.empty() || host.publish_all))
        warnings.emplace_back("published ports do nothing with --network none");
    if (host.privileged && !host.seccomp_profile.empty() &&
        host.seccomp_profile != "unconfined")
        warnings.emplace_back(
            "the seccomp profile holds for a privileged container, too");
    return warnings;
}

}  // namespace slipway
