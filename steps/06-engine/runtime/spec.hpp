// Spec: what a bundle's config.json says, read and checked.
//
// Names and meanings are those of the OCI runtime specification 1.2, config.md
// and config-linux.md; nothing else describes a container here. A field that
// is not given has the value the specification names, or an empty optional.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "01-chroot/user.hpp"
#include "02-namespaces/id_map.hpp"
#include "02-namespaces/sysctl.hpp"
#include "06-engine/runtime/mount_options.hpp"
#include "06-engine/runtime/resources.hpp"
#include "06-engine/security/capabilities.hpp"
#include "common/document.hpp"

namespace slipway {

struct Rlimit {
    std::string type;  ///< "RLIMIT_NOFILE"
    int resource;      ///< the same for setrlimit(2)
    std::uint64_t soft, hard;
};

/// Of sched_setattr(2).
struct SchedulerSpec {
    std::uint32_t policy = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t flags = 0;
    std::uint64_t runtime_ns = 0, deadline_ns = 0, period_ns = 0;
};

/// For a process that joins a container: where it may run before it is in the
/// container's control group, and after. Numbers of processors, in order.
struct CpuAffinity {
    std::vector<unsigned> initial_cpus, final_cpus;  ///< empty: as it is
};

struct ProcessSpec {
    bool terminal = false;
    struct ConsoleSize {
        unsigned short height, width;
    };
    std::optional<ConsoleSize> console_size = {};  ///< of a terminal only
    User user = {};
    std::optional<mode_t> umask = {};
    std::vector<std::string> args = {};  ///< at least one, in create
    std::vector<std::string> env = {};
    std::string cwd = {};  ///< absolute
    std::optional<CapabilitySets> capabilities = {};
    std::vector<Rlimit> rlimits = {};
    bool no_new_privileges = false;
    std::optional<int> oom_score_adj = {};
    std::string apparmor_profile = {}, selinux_label = {};
    std::optional<SchedulerSpec> scheduler = {};
    std::optional<int> io_priority = {};  ///< as ioprio_set(2) takes it
    std::optional<CpuAffinity> exec_cpu_affinity = {};
    /// What was passed over: capabilities that nobody knows. parse_spec() has
    /// moved them to the Spec's.
    std::vector<std::string> warnings = {};
};

struct MountSpec {
    std::string destination;  ///< absolute
    /// The source of a bind mount may be relative to the bundle. The type is
    /// empty for a bind mount only, and there it says nothing.
    std::string source, type;
    MountOptions options;
    /// Of an id-mapped mount: on the left what the files have, on the right
    /// what is seen.
    /// Both empty, and an "idmap" in the options: as the container's users.
    std::vector<IdRange> uid_mappings, gid_mappings;
};

struct Hook {
    std::string path;               ///< absolute
    std::vector<std::string> args;  ///< args[0] included; empty: the path
    std::vector<std::string> env;
    std::optional<unsigned> timeout_s;
};
struct Hooks {
    std::vector<Hook> prestart, create_runtime, create_container,
        start_container, poststart, poststop;
};

struct NamespaceSpec {
    int flag;          ///< CLONE_NEW…
    std::string path;  ///< to join; empty: a new one
};

struct DeviceSpec {
    char type;         ///< 'c' (also for "u"), 'b', 'p'
    std::string path;  ///< absolute
    std::uint32_t major = 0, minor = 0;
    mode_t mode = 0666;
    uid_t uid = 0;
    gid_t gid = 0;
};

struct TimeOffset {
    std::string clock;  ///< "monotonic", "boottime"
    std::int64_t seconds;
    std::uint32_t nanoseconds;
};

struct Spec {
    std::string oci_version;
    std::string root_path = {};  ///< as written: may be relative to the bundle
    bool root_read_only = false;
    std::optional<ProcessSpec> process = {};  ///< start needs it, create not
    std::string hostname = {}, domainname = {};
    std::vector<MountSpec> mounts = {};
    Hooks hooks = {};
    std::map<std::string, std::string> annotations = {};

    // linux
    std::vector<NamespaceSpec> namespaces = {};
    std::vector<IdRange> uid_mappings = {}, gid_mappings = {};
    std::vector<TimeOffset> time_offsets = {};
    std::vector<DeviceSpec> devices = {};
    std::string cgroups_path = {};
    Resources resources = {};
    /// Only those of a namespace that the container does not share with us,
    /// ready for set_sysctls().
    std::vector<Sysctl> sysctl = {};
    /// linux.seccomp as it stands there, for cached_seccomp(), which checks it:
    /// a profile has hundreds of names, and is nearly always a known one.
    std::optional<DocumentField> seccomp = {};
    /// MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE, with MS_REC for the r
    /// forms; 0: as the runtime likes.
    unsigned long rootfs_propagation = 0;
    std::vector<std::string> masked_paths = {}, readonly_paths = {};
    std::string mount_label = {};
    std::optional<unsigned long> personality = {};  ///< PER_…

    /// What is not as it should be, but can be borne with; for the log.
    std::vector<std::string> warnings = {};

    const NamespaceSpec* find_namespace(int flag) const;
    /// There is one of this kind, and it is new.
    bool is_new(int flag) const;
};

constexpr std::size_t largest_spec = 8 << 20;

/// Reads and checks it whole. Unknown fields are passed over, as the
/// specification says; a known one with a wrong value is refused with its
/// place: "config.json: process.rlimits[0].type: …", as InvalidArgument. What
/// is not built here (linux.intelRdt, netDevices, memoryPolicy) is Unsupported.
/// What this machine cannot do, only the kernel knows: that is said at create.
Spec parse_spec(std::string_view config_json);
/// A process alone, as `exec --process FILE` gets it. Its fields are named from
/// there on: "process: cwd: …".
ProcessSpec parse_process(std::string_view json);

}  // namespace slipway
