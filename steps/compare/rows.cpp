#include "compare/rows.hpp"

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway::compare {
namespace {

constexpr std::string_view files = "files", processes = "processes",
                           names = "names and IPC", network = "network",
                           users = "users and rights", devices = "devices",
                           kernel = "kernel", resources = "resources",
                           neighbours = "other containers",
                           builds = "images and builds";

std::vector<Row> file_and_process_rows() {
    return {
        {"F1", files, "open a host file by its path",
         "Every file of the machine, from /etc/shadow on.", "a root of its own",
         "chroot(2), pivot_root(2)", "01", 3, true},
        {"F2", files, "open it through another process's root",
         "/proc/PID/root leads past one's own root.", "pid namespace",
         "proc(5), pid_namespaces(7)", "02", 3, true},
        {"F3", files, "walk out with a second chroot",
         "A root is no wall for who may move it.",
         "pivot_root, and no old root left; or no CAP_SYS_CHROOT",
         "chroot(2), pivot_root(2)", "02", 3, true},
        {"F4", files, "use a folder that the starter left open",
         "One forgotten descriptor is a door to the host.", "close_range",
         "close_range(2), openat(2)", "06", 3, true},
        {"F6", files, "open a file by its handle",
         "A handle is an inode's number: no path, no root asked.",
         "no CAP_DAC_READ_SEARCH; or no file of that disk inside",
         "open_by_handle_at(2)", "06", 3, true},
        {"F7", files, "see the host's mounts",
         "What is mounted where tells what there is to attack.",
         "mount namespace", "mount_namespaces(7)", "02", 1},
        {"F8", files, "make a mount that appears outside",
         "Whoever mounts over /etc owns the host.",
         "mount namespace, private propagation", "mount_namespaces(7)", "02", 3,
         false, true},
        {"F10", files, "write into the image",
         "The next container starts from what this one left behind.",
         "overlay: a layer of its own on top", "overlayfs", "04", 2, false,
         true},
        {"P1", processes, "share the host's process numbers",
         "Numbers are the names by which all else is done to processes.",
         "pid namespace", "pid_namespaces(7)", "02", 1},
        {"P2", processes, "see the host's processes",
         "Command lines tell much, now and then a password.", "pid namespace",
         "proc(5)", "02", 1},
        {"P3", processes, "send a signal to one of them",
         "To end what protects the machine.", "pid namespace", "kill(2)", "02",
         3, false, true},
        {"P4", processes, "trace one of them",
         "A tracer does what it likes with what it traces.", "pid namespace",
         "ptrace(2)", "02", 3},
        {"P5", processes, "read its memory", "Keys and passwords in the clear.",
         "pid namespace", "process_vm_readv(2)", "02", 3, true},
        {"P6", processes, "read its environment",
         "Where services are handed their secrets.", "pid namespace", "proc(5)",
         "02", 2, true},
        {"P7", processes, "be deaf to SIGTERM",
         "To stop it takes ten seconds and a kill: nothing is put in order.",
         "an init in front of it", "kill(2), pid_namespaces(7)", "06", 1, false,
         false, false, true},
    };
}

std::vector<Row> name_and_network_rows() {
    return {
        {"U1", names, "see the host's name", "Which machine this is.",
         "uts namespace, and a name of its own", "uts_namespaces(7)", "02", 1},
        {"U2", names, "change the host's name",
         "Logs, mails and certificates go by it.", "uts namespace",
         "sethostname(2)", "02", 2, false, true},
        {"I1", names, "attach the host's System V memory",
         "Databases keep their pages there.", "ipc namespace",
         "ipc_namespaces(7), shmat(2)", "02", 3, true},
        {"I2", names, "send into the host's message queues",
         "Orders to whoever listens.", "ipc namespace", "mq_overview(7)", "02",
         2, false, true},
        {"I3", names, "connect to an abstract socket",
         "It has no path: no root and no mount hides it.", "network namespace",
         "unix(7)", "02", 3, true, true},
        {"I4", names, "open a file in the host's /dev/shm",
         "POSIX shared memory is files.", "a /dev of its own",
         "shm_overview(7)", "02", 2, true},
        {"I5", names, "read a key of the starter's session",
         "Kerberos tickets and disk passwords are kept there.",
         "a session keyring of its own; or seccomp", "keyrings(7), keyctl(2)",
         "06", 3, true},
        {"N1", network, "use the host's network link",
         "Listen to and speak for the machine.", "network namespace",
         "network_namespaces(7)", "02", 2},
        {"N2", network, "reach a service on the host's 127.0.0.1",
         "Databases without passwords listen there, for it is safe.",
         "network namespace", "network_namespaces(7)", "02", 3, true, true},
        {"N3", network, "take a port of the host",
         "Answer in the place of the host's service.", "network namespace",
         "bind(2)", "02", 2},
        {"N4", network, "open a raw socket",
         "Forge and read packets of the network that it is in.",
         "no CAP_NET_RAW", "raw(7), capabilities(7)", "06", 1},
        {"N5", network, "reach the host's own address",
         "What listens on all addresses is met this way.",
         "no network but its own loopback; else a firewall",
         "network_namespaces(7)", "06", 1, true, true},
        {"N6", network, "open a socket to the hypervisor",
         "AF_VSOCK has no namespaces.", "seccomp", "vsock(7)", "06", 2},
    };
}

std::vector<Row> user_and_device_rows() {
    return {
        {"R1", users, "be the same root as outside",
         "Whatever else is got wrong, it is root who got it.", "user namespace",
         "user_namespaces(7)", "02", 2},
        {"R2", users, "have all capabilities",
         "Root's power, in some forty parts.", "capabilities dropped",
         "capabilities(7)", "06", 3},
        {"R3", users, "become root by a set-uid program",
         "A service that was taken over takes over the container.",
         "no_new_privs", "prctl(2), execve(2)", "06", 2},
        {"R4", users, "make a user namespace, and be root there",
         "Opens the parts of the kernel that only root may reach.", "seccomp",
         "user_namespaces(7)", "06", 2},
        {"R5", users, "mount file systems",
         "Undo what mounts hide, and reach parsers in the kernel.",
         "no CAP_SYS_ADMIN; seccomp", "mount(2)", "06", 3},
        {"R6", users, "make a mount namespace",
         "The first move of most break-outs.", "no CAP_SYS_ADMIN; seccomp",
         "unshare(2)", "06", 1},
        {"R7", users, "give files to other users",
         "Needed by package managers: kept on purpose.", "no CAP_CHOWN",
         "chown(2)", "06", 1},
        {"D1", devices, "read a disk of the host",
         "Below the file system there are no permissions.",
         "device rules; no CAP_MKNOD", "mknod(2), cgroups(7)", "03", 3},
        {"D2", devices, "read physical memory", "Everything, at once.",
         "device rules; no CAP_MKNOD", "mem(4)", "03", 3},
        {"D3", devices, "open the kernel's log by a node",
         "Addresses, and what others do.", "device rules; no CAP_MKNOD", "kmsg",
         "03", 1},
        {"D4", devices, "make loop devices",
         "A disk of one's own, with a file system that one has forged.",
         "device rules; no CAP_MKNOD", "loop(4)", "03", 2},
        {"D5", devices, "open /dev/fuse by a node",
         "File systems that answer as they please.",
         "device rules; no CAP_MKNOD", "fuse(4)", "03", 1},
        {"D6", devices, "open /dev/net/tun by a node",
         "Network links of one's own.", "device rules; no CAP_MKNOD", "tun",
         "03", 1},
        {"D7", devices, "open the console by a node",
         "Read what is typed at the machine.", "device rules; no CAP_MKNOD",
         "console_codes(4)", "03", 2},
    };
}

std::vector<Row> kernel_rows() {
    return {
        {"K1", kernel, "read the kernel's log",
         "Addresses that exploits need, and other tenants' business.",
         "no CAP_SYSLOG; seccomp", "syslog(2)", "06", 1},
        {"K2", kernel, "read the kernel's messages in /dev",
         "The same by a path, if /dev is the host's.", "a /dev of its own",
         "kmsg", "02", 1},
        {"K3", kernel, "reboot the machine", "All others go with it.",
         "pid namespace; no CAP_SYS_BOOT", "reboot(2)", "02", 3},
        {"K4", kernel, "set the clock", "Certificates live and die by it.",
         "no CAP_SYS_TIME; seccomp", "settimeofday(2)", "06", 2},
        {"K5", kernel, "load a module", "Code in the kernel.",
         "no CAP_SYS_MODULE; seccomp", "init_module(2)", "06", 3},
        {"K6", kernel, "load another kernel", "The machine, next time.",
         "no CAP_SYS_BOOT; seccomp", "kexec_load(2)", "06", 3},
        {"K7", kernel, "add swap", "Everybody's memory on a disk of mine.",
         "no CAP_SYS_ADMIN; seccomp", "swapon(2)", "06", 2},
        {"K8", kernel, "set the core pattern",
         "A program that the kernel starts on the host, as root.",
         "read-only /proc/sys", "core(5)", "06", 3},
        {"K9", kernel, "press the magic key",
         "Reboot, kill, sync: no questions.", "read-only /proc/sysrq-trigger",
         "proc(5)", "06", 3},
        {"K10", kernel, "read the kernel's memory", "Everything, at once.",
         "masked /proc/kcore", "proc(5)", "06", 3},
        {"K11", kernel, "type into the starter's terminal",
         "What root's shell reads next is a command of mine.",
         "a session of its own, no CAP_SYS_ADMIN", "TIOCSTI(2const), setsid(2)",
         "06", 3, false, true},
        {"K12", kernel, "see how long the machine has run",
         "How long it has not been patched.",
         "never by default: time namespace, with an offset",
         "time_namespaces(7)", "02", 1},
        {"K13", kernel, "see the same kernel",
         "One kernel for all: one bug in it is everybody's.",
         "never: that is what a container is; a virtual machine", "uname(2)",
         "07", 1},
        {"K14", kernel, "set the uevent helper",
         "Another program that the kernel starts as root.", "read-only /sys",
         "sysfs(5)", "06", 3},
        {"K15", kernel, "change settings of the machine's memory",
         "For all, not only for oneself.", "read-only /proc/sys", "proc(5)",
         "06", 2},
        {"K16", kernel, "put the machine to sleep", "All others sleep, too.",
         "read-only /sys", "sysfs(5)", "06", 2},
        {"K17", kernel, "load BPF", "Programs in the kernel.",
         "no CAP_BPF; seccomp", "bpf(2)", "06", 3},
        {"K18", kernel, "watch all processes with perf",
         "Timing tells secrets.", "no CAP_PERFMON; seccomp",
         "perf_event_open(2)", "06", 2},
        {"K19", kernel, "handle page faults oneself",
         "Stops the kernel at a moment of one's choice.", "seccomp",
         "userfaultfd(2)", "06", 1},
        {"K20", kernel, "use io_uring", "Many holes in few years.", "seccomp",
         "io_uring_setup(2)", "06", 1},
        {"K21", kernel, "watch whole file systems",
         "Who opens what, on the whole disk.", "no CAP_SYS_ADMIN; seccomp",
         "fanotify_init(2)", "06", 2},
        {"K22", kernel, "switch on accounting",
         "A file of mine is written by the kernel.",
         "no CAP_SYS_PACCT; seccomp", "acct(2)", "06", 1},
        {"K23", kernel, "keep keys in the kernel",
         "Keyrings are shared by uid, not by container.", "seccomp",
         "add_key(2)", "06", 1},
        {"K24", kernel, "speak to hardware ports", "Around the kernel.",
         "no CAP_SYS_RAWIO; seccomp", "ioperm(2)", "06", 3},
        {"K25", kernel, "see the starter's keys", "Names, owners, sizes.",
         "masked /proc/keys; a keyring of its own", "keyrings(7)", "06", 1},
    };
}

std::vector<Row> resource_rows() {
    return {
        {"C1", resources, "use up memory",
         "The kernel then kills somebody, and it may be somebody else.",
         "cgroup: memory", "cgroups(7)", "03", 2, false, false, true},
        {"C2", resources, "use up swap",
         "A machine that only swaps does nothing else.", "cgroup: memory",
         "cgroups(7), madvise(2)", "03", 2, false, false, true},
        {"C3", resources, "use up processes", "Nobody can start one any more.",
         "cgroup: pids", "cgroups(7)", "03", 2, false, false, true},
        {"C4", resources, "use up processors", "Everybody waits.",
         "cgroup: cpu", "cgroups(7)", "03", 1, false, false, true},
        {"C6", resources, "fill the disk", "Nobody can write any more.",
         "a read-only root; quotas, or never", "statfs(2)", "07", 2},
        {"C7", resources, "use up what the kernel has for a user",
         "Here inotify's instances; the next program of this user has none.",
         "user namespace: other users", "inotify(7), user_namespaces(7)", "02",
         1},
        {"C8", resources, "see the machine's memory",
         "Programs size themselves by it, and are killed.",
         "never by the kernel: lxcfs, or a virtual machine", "proc(5)", "03",
         1},
        {"C9", resources, "raise its own limits",
         "A limit that one sets oneself.",
         "read-only cgroup files, no CAP_SYS_ADMIN", "cgroups(7)", "06", 2},
        {"C10", resources, "run before all others",
         "A real-time process can starve the machine.", "no CAP_SYS_NICE",
         "sched(7)", "06", 2},
        {"C11", resources, "be spared when memory runs out",
         "Then others are killed in its place.", "no CAP_SYS_RESOURCE",
         "proc(5)", "06", 1},
        {"C12", resources, "raise its own open file limit",
         "The kernel has room for so many.", "no CAP_SYS_RESOURCE",
         "setrlimit(2)", "06", 1},
    };
}

std::vector<Row> neighbour_rows() {
    return {
        {"X1", neighbours, "read what another container writes",
         "Two tenants on one root share all their files.",
         "overlay: a layer of its own on top", "overlayfs", "04", 3, true},
        {"X2", neighbours, "see another container's processes",
         "What the neighbour runs, with which words.", "pid namespace",
         "proc(5), pid_namespaces(7)", "02", 2},
        {"X3", neighbours, "signal another container's process",
         "To end the neighbour's service.", "pid namespace", "kill(2)", "02",
         3},
        {"X4", neighbours, "reach another container's 127.0.0.1",
         "Services that are for oneself only.", "network namespace",
         "network_namespaces(7)", "02", 3, true},
        {"X5", neighbours, "connect to another's abstract socket",
         "It has no path: no root and no mount hides it.", "network namespace",
         "unix(7)", "02", 2, true},
        {"X6", neighbours, "attach another's System V memory",
         "Databases keep their pages there.", "ipc namespace",
         "ipc_namespaces(7), shmat(2)", "02", 3, true},
    };
}

std::vector<Row> build_rows() {
    return {
        {"B1", builds, "find a secret that a later layer deletes",
         "Whoever has the image has it.",
         "never by layers: RUN --mount=type=secret", "overlayfs", "04", 2},
        {"B2", builds, "unpack a file outside, by ../ in its name",
         "An archive from anywhere writes to the builder's host.",
         "names that are looked at; openat2", "openat2(2)", "04", 3},
        {"B3", builds, "unpack a file outside, through a link",
         "The archive brings the way out along.", "openat2", "openat2(2)", "04",
         3},
        {"B4", builds, "COPY a file that is not in the context",
         "A repository's Dockerfile takes the builder's keys along.",
         "openat2: beneath the context", "openat2(2)", "05", 3},
        {"B5", builds, "hide a change from the cache",
         "What is tested is not what was written.",
         "keys of content, not times", "inode(7)", "05", 2},
        {"B6", builds, "reach the host from a RUN",
         "Everybody's Dockerfile is a program, and runs as root.",
         "the namespaces of step 2", "namespaces(7)", "05", 3},
    };
}

}  // namespace

const std::vector<Row>& all_rows() {
    static const std::vector<Row> rows = [] {
        std::vector<Row> all;
        for (auto part : {file_and_process_rows, name_and_network_rows,
                          user_and_device_rows, kernel_rows, resource_rows,
                          neighbour_rows, build_rows})
            for (const Row& row : part()) all.push_back(row);
        return all;
    }();
    return rows;
}

const Row* find_row(std::string_view id) {
    for (const Row& row : all_rows())
        if (row.id == id) return &row;
    return nullptr;
}

const Row& row_named(std::string_view id) {
    if (const Row* row = find_row(id)) return *row;
    std::vector<std::string> ids;
    for (const Row& row : all_rows()) ids.emplace_back(row.id);
    std::string meant = nearest(id, ids);
    throw Error(ErrorKind::NotFound, cat("no row ", quote(id)))
        .advise(meant.empty() ? "compare shows all rows"
                              : cat("did you mean ", meant, "?"));
}

}  // namespace slipway::compare
