// Configs as other programs write them.
#pragma once

namespace slipway {

/// As `runc spec` writes it, shortened where it repeats itself.
constexpr char runc_config[] = R"({
  "ociVersion": "1.0.2-dev",
  "process": {
    "terminal": true,
    "consoleSize": {"height": 24, "width": 80},
    "user": {"uid": 0, "gid": 0},
    "args": ["sh"],
    "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
    "cwd": "/",
    "capabilities": {
      "bounding": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "effective": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "permitted": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "ambient": ["CAP_KILL"]
    },
    "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 512}],
    "noNewPrivileges": true
  },
  "root": {"path": "rootfs", "readonly": true},
  "hostname": "runc",
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
     "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs",
     "options": ["nosuid", "noexec", "nodev", "ro"]}
  ],
  "linux": {
    "resources": {"devices": [{"allow": false, "access": "rwm"}]},
    "namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"},
                   {"type": "uts"}, {"type": "mount"}],
    "maskedPaths": ["/proc/acpi", "/proc/kcore"],
    "readonlyPaths": ["/proc/bus", "/proc/sys"]
  }
})";

/// As podman 4 and Docker 28 fill one: joined namespaces, users, hooks,
/// a seccomp profile, zeros and nulls for what nobody asked for.
constexpr char podman_config[] = R"({
  "ociVersion": "1.2.0",
  "process": {
    "user": {"uid": 33, "gid": 33, "umask": 18, "additionalGids": [33, 4]},
    "args": ["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"],
    "env": ["PATH=/usr/bin:/bin", "container=podman", "EMPTY="],
    "cwd": "/srv",
    "capabilities": {"bounding": ["CAP_CHOWN", "CAP_FROM_2040"],
                     "inheritable": null},
    "rlimits": [
      {"type": "RLIMIT_NOFILE", "hard": 1048576, "soft": 1048576},
      {"type": "RLIMIT_NPROC", "hard": 18446744073709551615,
       "soft": 18446744073709551615}],
    "oomScoreAdj": -500,
    "apparmorProfile": "containers-default",
    "selinuxLabel": "system_u:system_r:container_t:s0:c1,c2",
    "scheduler": {"policy": "SCHED_BATCH", "nice": 5,
                  "flags": ["SCHED_FLAG_RESET_ON_FORK"]},
    "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 6},
    "execCPUAffinity": {"initial": "0-1", "final": "3,0-1"}
  },
  "root": {"path": "/var/lib/containers/storage/overlay/77/merged"},
  "hostname": "c1ad5e2f0b77",
  "domainname": "example.org",
  "mounts": [
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
     "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666",
                 "mode=0620", "gid=5"]},
    {"destination": "/etc/hosts", "type": "bind", "source": "/run/c/hosts",
     "options": ["bind", "rprivate", "nosuid", "rro"]},
    {"destination": "/data", "type": "none", "source": "data",
     "options": ["rbind", "idmap"],
     "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 1000}],
     "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 1000}]}
  ],
  "hooks": {
    "createRuntime": [{"path": "/usr/bin/hook", "args": ["hook", "-v"],
                       "env": ["A=b"], "timeout": 30}],
    "poststop": [{"path": "/usr/bin/podman"}]
  },
  "annotations": {"io.container.manager": "libpod", "empty": ""},
  "linux": {
    "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
    "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
    "timeOffsets": {"boottime": {"secs": 86400, "nanosecs": 5},
                    "monotonic": {"secs": -3}},
    "sysctl": {"net.ipv4.ping_group_range": "0 0", "kernel.msgmax": "8192",
               "net/ipv4/ip_forward": "1", "kernel.domainname": "example.org"},
    "resources": {
      "devices": [{"allow": false, "access": "rwm"},
                  {"allow": true, "type": "c", "major": 10, "minor": -1,
                   "access": "rw"}],
      "memory": {"limit": 67108864, "swap": 134217728, "reservation": 0,
                 "disableOOMKiller": false},
      "cpu": {"shares": 0, "quota": 50000, "period": 100000},
      "pids": {"limit": 2048},
      "blockIO": {"weight": 0}
    },
    "cgroupsPath": "machine.slice:libpod:77",
    "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "user"},
                   {"type": "network", "path": "/run/netns/netns-1"},
                   {"type": "ipc", "path": ""}, {"type": "uts"},
                   {"type": "cgroup"}, {"type": "time"}],
    "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229,
                 "fileMode": 8630, "uid": 0, "gid": 5},
                {"path": "/run/pipe", "type": "p"}],
    "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": null},
    "rootfsPropagation": "rslave",
    "maskedPaths": null,
    "mountLabel": "system_u:object_r:container_file_t:s0:c1,c2",
    "personality": {"domain": "LINUX32"},
    "intelRdt": {},
    "futureThing": [1, 2, 3]
  },
  "windows": {"layerFolders": 7}
})";

}  // namespace slipway
