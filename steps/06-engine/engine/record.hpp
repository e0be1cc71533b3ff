// What was asked for when a container was created: everything but what it is
// doing now.
//
//     ROOT/engine/containers/ID/container.json
//
// Written in the form of Docker's inspect (Docker Engine API, ContainerInspect:
// Config and HostConfig), which `slipway inspect` completes with the state. It
// is not a second config.json: that is made from this at each start, because
// limits, networks and the image's users may have changed in between.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "04-images/image_config.hpp"

namespace slipway {

/// A published port. `host_port` 0: any that is free. With `host_port_last`:
/// one that is free from `host_port` to this one.
struct PortBinding {
    std::uint16_t container_port = 0;
    std::string protocol = "tcp";  ///< "tcp", "udp"
    std::string host_ip = {};      ///< empty: all addresses
    std::uint16_t host_port = 0;
    std::uint16_t host_port_last = 0;
    bool operator==(const PortBinding&) const = default;
};

/// A network that the container is on, with what was asked for there.
struct NetworkRequest {
    std::string network;  ///< name or id, as typed
    std::vector<std::string> aliases = {};
    std::string ip = {}, ip6 = {}, mac = {};
    std::map<std::string, std::string> driver_options = {};
    bool operator==(const NetworkRequest&) const = default;
};

/// Something of outside the image that is seen inside it.
struct MountRequest {
    std::string type = "volume";  ///< "bind", "volume", "tmpfs", "image"
    /// A folder of the host, a volume's name, an image; as typed, that of an
    /// anonymous volume is empty, and a tmpfs has none.
    std::string source = {};
    /// A volume that was given no name: it got one, and it goes with the
    /// container. Not set in records that know no difference: then it stays,
    /// for `volume prune`.
    bool anonymous = false;
    std::string target;  ///< absolute
    bool read_only = false;
    std::string propagation = {};  ///< "rprivate", "rslave", … of a bind
    /// Of a bind: "enabled" (the default), "disabled", "writable", "readonly".
    std::string recursive = {};
    bool no_copy = false;        ///< a new volume is not filled from the image
    bool create_source = false;  ///< -v makes a folder that is missing
    bool match_user = false;     ///< files appear as the container's user's
    std::string subpath = {};    ///< of a volume or an image
    std::map<std::string, std::string> labels = {};  ///< of a new volume
    std::string driver = {};
    std::map<std::string, std::string> driver_options = {};
    std::uint64_t tmpfs_size = 0;                  ///< bytes; 0: no limit
    std::optional<std::uint32_t> tmpfs_mode = {};  ///< 01777 if not given
    std::vector<std::string> tmpfs_options = {};   ///< as mount(8) has them
    bool operator==(const MountRequest&) const = default;
};

struct DeviceRequest {
    std::string host, container, permissions = "rwm";
    bool operator==(const DeviceRequest&) const = default;
};

struct UlimitRequest {
    std::string name;  ///< "nofile"
    std::int64_t soft, hard;
    bool operator==(const UlimitRequest&) const = default;
};

/// A rate or a weight of a disk: "/dev/sda:1mb".
struct DeviceRate {
    std::string path;
    std::uint64_t rate;
    bool operator==(const DeviceRate&) const = default;
};

struct RestartPolicy {
    std::string name =
        "no";  ///< "no", "on-failure", "always", "unless-stopped"
    unsigned most_retries = 0;  ///< of on-failure; 0: no limit
    bool operator==(const RestartPolicy&) const = default;
};

/// What the kernel counts and limits. Values that nobody asked for are empty.
struct ResourceRequest {
    std::optional<std::int64_t> memory, memory_swap, memory_reservation;
    std::optional<std::int64_t> memory_swappiness;
    std::optional<std::int64_t> nano_cpus, cpu_shares, cpu_period, cpu_quota;
    std::optional<std::int64_t> cpu_rt_period, cpu_rt_runtime;
    std::string cpuset_cpus, cpuset_mems;
    std::optional<std::int64_t> pids_limit;
    std::optional<std::uint16_t> blkio_weight;
    std::vector<DeviceRate> blkio_weight_device, read_bps, write_bps, read_iops,
        write_iops;
    bool oom_kill_disable = false;
    bool operator==(const ResourceRequest&) const = default;
};

/// Docker's HostConfig: what the host gives.
struct HostConfig {
    std::string network_mode = "bridge";  ///< "none", "host", "container:ID", …
    std::vector<NetworkRequest> networks = {};  ///< the first is network_mode's
    std::vector<PortBinding> ports = {};
    bool publish_all = false;
    std::vector<std::string> dns = {}, dns_search = {}, dns_options = {};
    std::vector<std::string> extra_hosts = {};  ///< "name:ip"
    std::vector<std::string> links = {};        ///< "container:alias"

    std::vector<MountRequest> mounts = {};
    std::vector<std::string> volumes_from = {};  ///< "name[:ro]"
    bool read_only_root = false;
    std::uint64_t shm_size = 64 << 20;

    ResourceRequest resources = {};
    std::vector<UlimitRequest> ulimits = {};
    std::optional<int> oom_score_adj = {};
    std::string cgroup_parent = {};
    std::vector<DeviceRequest> devices = {};
    std::vector<std::string> device_cgroup_rules = {};  ///< "c 1:3 rwm"

    /// "" is the default of each: private, but the user namespace.
    std::string pid_mode = {}, ipc_mode = {}, uts_mode = {}, userns_mode = {},
                cgroupns_mode = {};
    std::vector<std::string> cap_add = {}, cap_drop = {};  ///< "CAP_…", "ALL"
    bool privileged = false;
    std::vector<std::string> security_options = {};
    /// The text of --security-opt seccomp=FILE; "unconfined" for none.
    std::string seccomp_profile = {};
    std::map<std::string, std::string> sysctls = {};
    std::vector<std::string> group_add = {};

    RestartPolicy restart = {};
    bool auto_remove = false;
    bool init = false;
    std::string log_driver = "json-file";
    std::map<std::string, std::string> log_options = {};
    std::string runtime = {};    ///< another OCI runtime; empty: our own
    std::string isolation = {};  ///< "": all of it
    std::map<std::string, std::string> annotations = {};
    bool operator==(const HostConfig&) const = default;
};

struct ContainerRecord {
    std::string id;    ///< 64 hexadecimal digits
    std::string name;  ///< without Docker's leading slash
    std::string created;
    std::string image;           ///< as it was typed
    std::string image_id;        ///< digest of the image's config
    std::string image_manifest;  ///< the digest by which it is found again
    std::vector<Digest> layers;  ///< DiffIDs, the first layer first

    /// The image's config and what was typed, joined.
    RunConfig config;
    std::string hostname, domainname;
    bool tty = false, open_stdin = false, stdin_once = false;
    bool attach_stdin = false, attach_stdout = true, attach_stderr = true;
    std::optional<int> stop_timeout = {};  ///< seconds; Docker's default is 10

    HostConfig host;
};

/// The document, and back. parse_record() throws DataLoss: we wrote it.
nlohmann::ordered_json record_json(const ContainerRecord& record);
ContainerRecord parse_record(std::string_view text);

}  // namespace slipway
