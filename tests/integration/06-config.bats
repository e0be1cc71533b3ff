#!/usr/bin/env bats
# What the fields of config.json do, seen from inside and outside: OCI runtime
# specification, config.md and config-linux.md.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # scripts for the shell inside; runtime.bash assigns

load helpers
load runtime

setup_file() { setup_runtime_file; }
teardown_file() { teardown_runtime_file; }
setup() { setup_bundle; }
teardown() {
    [ ! -e /sys/block/loop97 ] || loop_disk REMOVE
    teardown_bundle
}

# --- process ----------------------------------------------------------------------

@test "process.user: ids, groups, umask" {
    config '.process.user = {uid: 1000, gid: 100, additionalGids: [5, 6], umask: 23}'
    inside 0 'id -u; id -g; id -G; umask; show-process | grep id'
    says $'1000\n100\n100 5 6\n0027'
    says "uid 1000 1000 1000"
    says "gid 100 100 100"
}

@test "process.env, args, cwd: as they are; a cwd that is missing is made" {
    own_root
    config '.process.env = ["PATH=/bin", "A=b c", "EMPTY="] | .process.cwd = "/deep/er"'
    command_is show-process 'x y' '' '*'
    runs 0 oci run --bundle "$bundle" "$id"
    says $'arg x y\narg \narg *\n'
    says "env A=b c"
    says "env EMPTY="
    says "cwd /deep/er"
    says "env HOME=/root"
}

@test "process.capabilities: the five sets" {
    config '.process.capabilities = {
        bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_NET_RAW", "CAP_NO_SUCH"],
        permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"],
        effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}
        | .process.user = {uid: 1000, gid: 1000}'
    ours || config '.process.capabilities.bounding -= ["CAP_NO_SUCH"]'
    command_is grep Cap /proc/self/status
    runs 0 oci --log "$BATS_TEST_TMPDIR/oci.log" run --bundle "$bundle" "$id"
    # After execve of someone who is not root only the ambient ones are left.
    equals "$(awk '{print $2}' <<< "$output" | sed 's/^0*//' | xargs)" "20 20 20 20a1 20"
    ! ours || grep -q 'CAP_NO_SUCH.* is no capability here' "$BATS_TEST_TMPDIR/oci.log"
    config '.process.capabilities = {bounding: [], permitted: [], effective: []} | .process.user = {uid: 0, gid: 0}'
    runs 0 oci run --bundle "$bundle" "$id"
    equals "$(awk '{print $2}' <<< "$output" | sort -u)" 0000000000000000
}

@test "process.rlimits: soft and hard; what we may not give is said" {
    config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 50, hard: 60},
        {type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_FSIZE", soft: 8192, hard: 16384}]'
    inside 0 'grep -E "open files|core|file size" /proc/self/limits'
    [[ $output =~ "Max open files"\ +50\ +60 ]]
    [[ $output =~ "Max core file size"\ +0\ +0 ]]
    [[ $output =~ "Max file size"\ +8192\ +16384 ]]
    only_ours "they fail"
    config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 900000000, hard: 999999999}]'
    command_is true
    oci --log "$BATS_TEST_TMPDIR/oci.log" run --bundle "$bundle" "$id" || {
        cat "$BATS_TEST_TMPDIR/oci.log"
        return 1
    }
    grep -q 'level=warning.*RLIMIT_NOFILE is' "$BATS_TEST_TMPDIR/oci.log"
}

@test "process.rlimits: small ones are the program's, not the runtime's" {
    local limit
    for limit in NOFILE:4 FSIZE:0 NPROC:1 DATA:4096 SIGPENDING:0 MEMLOCK:0 AS:16777216 STACK:65536; do
        config '.process.rlimits = [{type: ("RLIMIT_" + $type), soft: $n, hard: $n}]' --arg type "${limit%:*}" --argjson n "${limit#*:}"
        command_is true
        run oci run --bundle "$bundle" "$id"
        [ "$status" -eq 0 ] || { echo "$limit: $output"; ! ours; }
    done
}

@test "process.noNewPrivileges, oomScoreAdj" {
    config '.process.oomScoreAdj = 123 | .process.noNewPrivileges = false'
    inside 0 'cat /proc/self/oom_score_adj; grep NoNew /proc/self/status'
    equals "$(xargs <<< "$output")" "123 NoNewPrivs: 0"
    config '.process.noNewPrivileges = true'
    inside 0 'grep NoNew /proc/self/status'
    equals "$(xargs <<< "$output")" "NoNewPrivs: 1"
}

@test "process.scheduler, ioPriority" {
    only_ours "newer than theirs"
    config '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}
        | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
    inside 0 'cut -d" " -f19,41 /proc/self/stat; ionice -p $$'
    equals "$(xargs <<< "$output")" "5 3 best-effort: prio 6"
    config '.process.scheduler = {policy: "SCHED_IDLE"} | .process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
    inside 0 'cut -d" " -f41 /proc/self/stat; ionice -p $$'
    says $'5\nidle'
}

# --- root, mounts -----------------------------------------------------------------

@test "root.readonly" {
    config '.root.readonly = true'
    inside 1 'touch /file'
    says "Read-only file system"
    inside 0 'touch /dev/shm/file'
    own_root
    config '.root.readonly = false'
    inside 0 'touch /file'
    [ -e "$root/file" ]
}

# with_mount EDIT: one mount more, on /m, from $from.
with_mount() {
    from=$BATS_TEST_TMPDIR/from
    mkdir -p "$from/below"
    [ -e "$root" ] || own_root
    config '.mounts += [{destination: "/m", source: $from, type: "bind"} * $more]' --arg from "$from" --argjson more "$1"
}

@test "mounts: bind and rbind; ro is for the one, rro for all below" {
    with_mount '{"options": ["rbind", "ro"]}'
    mount -t tmpfs -o size=64k below "$from/below"
    inside 0 'touch /m/a 2>&1; touch /m/below/b && echo wrote'
    says "/m/a: Read-only file system"
    says wrote
    [ -e "$from/below/b" ]
    config '.mounts[-1].options = ["bind"]'
    inside 0 'ls /m/below; touch /m/a'
    equals "$output" ""
    config '.mounts[-1].options = ["rbind", "rro"]'
    run oci run --bundle "$bundle" "$id"
    if ours; then
        inside 1 'ls /m/below; touch /m/below/c'
        says "Read-only"
        says b
    fi
    umount "$from/below"
}

@test "mounts: nosuid, nodev, noexec, relatime and their opposites; a single file" {
    with_mount '{"options": ["bind", "nosuid", "nodev", "noexec", "noatime"]}'
    inside 0 'grep " /m " /proc/self/mountinfo'
    [[ $output == *" rw,nosuid,nodev,noexec,noatime "* ]]
    cp "$ROOT/bin/show-process" "$from/program"
    inside 126 '/m/program'
    config '.mounts[-1].options = ["bind", "ro", "suid", "dev", "exec", "relatime"]'
    inside 0 'grep " /m " /proc/self/mountinfo; /m/program | head -1'
    [[ $output == *" ro,relatime "* ]]
    config '.mounts[-1] += {destination: "/new/file", source: "/etc/hostname", options: ["bind"]}'
    inside 0 'cat /new/file'
    equals "$output" "$(cat /etc/hostname)"
}

@test "mounts: propagation words" {
    with_mount '{"options": ["rbind", "rshared"]}'
    local word
    for word in rprivate:- rslave:master rshared:shared runbindable:unbindable; do
        config '.mounts[-1].options = ["rbind", $word]' --arg word "${word%:*}"
        inside 0 'grep " /m " /proc/self/mountinfo | sed "s/.* rw,[^ ]* \(.*\)- .*/-\1/"'
        [[ $output == *"${word#*:}"* ]] || ! ours || [ "$word" = rslave:master ] || { echo "$word: $output"; return 1; }
    done
}

@test "mounts: tmpfs with size, mode, ownership; tmpcopyup" {
    own_root
    mkdir "$root/filled"
    echo old > "$root/filled/file"
    ln -s file "$root/filled/link"
    chown 7:8 "$root/filled/file"
    chmod 666 "$root/filled/file"
    config '.mounts += [{destination: "/t", type: "tmpfs", source: "tmpfs", options: ["size=64k", "mode=1703", "uid=3", "gid=4", "nosuid"]},
        {destination: "/filled", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup", "size=64k"]}]'
    inside 0 'stat -c "%a %u %g" /t; df -k /t | tail -1 | awk "{print \$2}"; dd if=/dev/zero of=/t/big bs=1k count=100 2>&1; cat /filled/file; readlink /filled/link; stat -c "%u:%g" /filled/file; echo new > /filled/file'
    says "1703 3 4"
    says $'\n64\n'
    says "No space left"
    says $'old\nfile\n7:8'
    equals "$(cat "$root/filled/file")" old
}

@test "mounts: in order; over one another; destinations are made; links stay inside" {
    with_mount '{"options": ["bind"]}'
    echo below > "$from/file"
    ln -s /tmp "$root/link"
    config '.mounts += [{destination: "/m", type: "tmpfs", source: "tmpfs"},
        {destination: "/m/in/side", type: "bind", source: $from, options: ["bind", "ro"]},
        {destination: "/link/inner", type: "bind", source: $from, options: ["bind"]},
        {destination: "/../../dots", type: "bind", source: $from, options: ["bind"]}]' --arg from "$from"
    inside 0 'ls /m; cat /m/in/side/file /tmp/inner/file /dots/file'
    equals "$output" $'in\nbelow\nbelow\nbelow'
    [ ! -e /tmp/inner ]
    [ ! -e /dots ]
}

@test "mounts: idmap, with mappings of its own" {
    only_ours "newer than theirs"
    mkdir "$BATS_TEST_TMPDIR/disk"
    mount -t tmpfs disk "$BATS_TEST_TMPDIR/disk"
    own_root
    touch "$BATS_TEST_TMPDIR/disk/file"
    chown 1000:1001 "$BATS_TEST_TMPDIR/disk/file"
    config '.mounts += [{destination: "/m", type: "bind", source: $from, options: ["bind", "idmap"],
        uidMappings: [{containerID: 1000, hostID: 5000, size: 1}],
        gidMappings: [{containerID: 1001, hostID: 6001, size: 1}]}]' --arg from "$BATS_TEST_TMPDIR/disk"
    inside 0 'stat -c "%u %g" /m/file'
    umount "$BATS_TEST_TMPDIR/disk"
    equals "$output" "5000 6001"
}

@test "mounts: proc, sysfs, mqueue, devpts, cgroup are this container's" {
    inside 0 'ls /proc | grep -c "^[0-9]"; ls /dev/pts; ls /sys/class/net; cat /sys/fs/cgroup/memory/cgroup.procs /sys/fs/cgroup/cgroup.procs 2> /dev/null | head -1; touch /sys/fs/cgroup/memory/x /sys/fs/cgroup/x 2>&1; true'
    says $'ptmx\nlo\n1'
    says "Read-only"
    config '.linux.namespaces |= map(select(.type != "cgroup"))'
    # Without a namespace: its own group all the same, and nothing above it.
    inside 0 'cat /sys/fs/cgroup/pids/cgroup.procs 2> /dev/null || cat /sys/fs/cgroup/cgroup.procs'
    [ "$(wc -l <<< "$output")" -le 2 ] || ! ours
}

@test "/dev: nodes and links; a FIFO and a device of the config's" {
    config '.linux.devices = [{type: "c", path: "/dev/fuse", major: 10, minor: 229, fileMode: 438, uid: 3, gid: 4},
        {type: "p", path: "/dev/deep/pipe", fileMode: 384}]'
    inside 0 'for n in null zero full random urandom tty; do stat -c "%n %F %t:%T %a" /dev/$n; done
        for n in fd stdin stdout stderr ptmx; do readlink /dev/$n; done; stat -c "%n %t:%T %a %u %g" /dev/fuse; stat -c "%n %F %a" /dev/deep/pipe; umask; echo x > /dev/null; echo > /dev/full; true'
    local line
    for line in "null character special file 1:3 666" "zero character special file 1:5 666" \
        "full character special file 1:7 666" "random character special file 1:8 666" \
        "urandom character special file 1:9 666" "tty character special file 5:0 666"; do
        says "/dev/$line"
    done
    says $'/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx'
    says "/dev/fuse a:e5 666 3 4"
    says "/dev/deep/pipe fifo 600"
    says "No space left on device"
}

# --- linux: namespaces --------------------------------------------------------------

@test "hostname, domainname: its own, not the host's" {
    config '.hostname = "inside-name" | .domainname = "inside.domain"'
    ours || config 'del(.domainname)'
    local before
    before=$(hostname)
    inside 0 'hostname; cat /proc/sys/kernel/domainname'
    says inside-name
    ! ours || says inside.domain
    equals "$(hostname)" "$before"
    config '.linux.namespaces |= map(select(.type != "uts"))'
    refuses ""
}

@test "namespaces: new ones of each kind" {
    ! ours || config '.linux.namespaces += [{type: "time"}]'
    start
    local kind pid
    pid=$(init_pid)
    for kind in pid net ipc uts mnt cgroup; do
        [ "$(readlink "/proc/$pid/ns/$kind")" != "$(readlink "/proc/self/ns/$kind")" ]
    done
    ! ours || [ "$(readlink "/proc/$pid/ns/time")" != "$(readlink /proc/self/ns/time)" ]
    equals "$(readlink "/proc/$pid/ns/user")" "$(readlink /proc/self/ns/user)"
    oci exec "$id" ip link show lo | grep -q LOOPBACK,UP
}

@test "namespaces: those of another container, joined by path" {
    start
    local pid first=$id
    pid=$(init_pid)
    config '.linux.namespaces |= map(if .type == "network" then .path = "/proc/\($pid)/ns/net"
        elif .type == "ipc" or .type == "uts" or .type == "pid" then .path = "/proc/\($pid)/ns/\(.type)" else . end)
        | del(.hostname)' --arg pid "$pid"
    id=$id-second
    command_is sh -c 'for n in net ipc uts pid; do readlink /proc/self/ns/$n; done; ps | grep -c "sleep 99"; hostname'
    runs 0 oci run --bundle "$bundle" "$id"
    equals "$(head -4 <<< "$output")" "$(readlink "/proc/$pid/ns/net" "/proc/$pid/ns/ipc" "/proc/$pid/ns/uts" "/proc/$pid/ns/pid")"
    id=$first
    [ "$(sed -n 5p <<< "$output")" -ge 1 ]
    config '.linux.namespaces[0].path = "/nosuchnamespace"'
    oci delete --force "$id"
    refuses nosuchnamespace
}

@test "namespaces: another container's mounts, and a group of its own" {
    only_ours "they look for a root of their own in the joined namespace"
    start
    local pid
    pid=$(init_pid)
    config '.linux.namespaces |= map(if .type == "mount" then .path = "/proc/\($pid)/ns/mnt" else . end)
        | .mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths)
        | .linux.resources.pids.limit = 33' --argjson pid "$pid"
    id=$id-two start
    pid=$(id=$id-two init_pid)
    equals "$(readlink "/proc/$pid/ns/mnt")" "$(readlink "/proc/$(init_pid)/ns/mnt")"
    equals "$(id=$id-two limit pids.max pids.max)" 33
    grep -q -- "$id-two" "/proc/$pid/cgroup"
    oci delete --force "$id-two"
}

@test "namespaces: a path of another kind, twice the same, unknown ones" {
    config '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/uts" else . end)'
    refuses ""
    only_ours "their messages differ"
    config '.linux.namespaces += [{type: "pid"}]'
    refuses "linux.namespaces[6].type" "is there twice"
    config '.linux.namespaces = [{type: "moon"}]'
    refuses "linux.namespaces[0].type" moon
}

@test "user namespace: mappings, and root's rights end at its border" {
    own_root
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
    chown -R 100000:100000 "$root"
    config '.linux.namespaces += [{type: "user"}]
        | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]
        | .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 2000}]'
    command_is sh -c 'cat /proc/self/uid_map /proc/self/gid_map; id -u; stat -c "%u %F" /bin/busybox /dev/null; touch /file; echo x > /dev/null && echo ok'
    runs 0 oci run --bundle "$bundle" "$id"
    equals "$(head -2 <<< "$output" | xargs)" "0 100000 1000 0 100000 2000"
    says "ok"
    equals "$(stat -c %u "$root/file")" 100000
    command_is sleep 99
    start
    equals "$(awk '/^Uid/ {print $2}' "/proc/$(init_pid)/status")" 100000
    equals "$(oci exec "$id" id -u)" 0
    oci delete --force "$id"
    not_crun "it starts without mappings"
    config 'del(.linux.uidMappings)'
    refuses ""
}

@test "user namespace: that of another container, by path" {
    not_runc "it wants mappings, too"
    own_root
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
    chown -R 100000:100000 "$root"
    config '.linux.namespaces += [{type: "user"}]
        | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]
        | .linux.gidMappings = .linux.uidMappings'
    start
    local first=$id pid users
    pid=$(init_pid)
    users=$(readlink "/proc/$pid/ns/user")
    id=$id-two
    config '(.linux.namespaces[] | select(.type == "user")).path = $p
        | del(.linux.uidMappings, .linux.gidMappings) | .hostname = "two"' --arg p "/proc/$pid/ns/user"
    start
    pid=$(init_pid)
    equals "$(readlink "/proc/$pid/ns/user")" "$users"
    equals "$(awk '/^Uid/ {print $2}' "/proc/$pid/status")" 100000
    # Its other namespaces belong to that one: root in it may change them.
    equals "$(oci exec "$id" hostname)" two
    equals "$(oci exec "$id" sh -c 'id -u; echo x > /dev/null && echo ok' | xargs)" "0 ok"
    equals "$(oci exec "$id" sh -c 'cat /proc/1/comm; ls /proc | grep -c "^[0-9]"' | xargs)" "sleep 4"
    oci delete --force "$id"
    id=$first
}

@test "timeOffsets" {
    only_ours "newer than theirs"
    config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 1000000}, monotonic: {secs: 5, nanosecs: 7}}'
    inside 0 'cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime'
    [ "$(tail -1 <<< "$output")" -gt 1000000 ]
    [[ $(xargs <<< "$output") == "monotonic 5 7 boottime 1000000 0 "* ]]
    config '.linux.namespaces |= map(select(.type != "time"))'
    refuses linux.timeOffsets
}

# --- linux: groups ------------------------------------------------------------------

@test "cgroupsPath: absolute, relative, shared is refused, leading out is refused" {
    only_ours "they share, and leave the folder above"
    config '.linux.cgroupsPath = "/bats-above-" + $id + "/inner"' --arg id "$id"
    start
    [[ $(group_of_container pids) == */bats-above-$id/inner ]]
    tries create --bundle "$bundle" "$id-two"
    [ "$status" -ne 0 ]
    says "has processes already"
    is_now running  # who was there first is not touched
    # Nor by one that would be above it: its end would be the other's, too.
    config '.linux.cgroupsPath = "/bats-above-" + $id' --arg id "$id"
    tries create --bundle "$bundle" "$id-two"
    [ "$status" -ne 0 ]
    says "has processes already"
    is_now running
    oci delete --force "$id"
    leaves_nothing
    config '.linux.cgroupsPath = "relative-" + $id' --arg id "$id"
    start
    [[ $(group_of_container pids) == */relative-$id ]]
    oci delete --force "$id"
    config '.linux.cgroupsPath = "/../../out"'
    refuses linux.cgroupsPath
}

@test "cgroupsPath: many below one folder, which comes and goes" {
    only_ours "they leave the folder above"
    local worker workers=()
    config '.linux = {namespaces: [{type: "mount"}, {type: "pid"}]} | del(.hostname)
        | .mounts |= map(select(.destination == "/dev"))'
    command_is true
    for worker in 1 2 3 4; do
        mkdir "$bundle-$worker"
        jq --arg path "/bats-above-$id/$worker" '.linux.cgroupsPath = $path' "$bundle/config.json" > "$bundle-$worker/config.json"
        (for _ in {1..25}; do
            "$RUNTIME" --root "$states" run --bundle "$bundle-$worker" "$id-$worker" < /dev/null 3>&-
        done) > "$BATS_TEST_TMPDIR/said-$worker" 2>&1 3>&- & workers+=($!)
    done
    for worker in "${workers[@]}"; do wait "$worker" || cat "$BATS_TEST_TMPDIR"/said-*; done
    equals "$(cat "$BATS_TEST_TMPDIR"/said-*)" ""
    leaves_nothing
}

@test "cgroupsPath: below a cpuset that somebody has left empty" {
    only_ours "they leave the folders above in the other trees"
    has_v1 cpuset || skip "in v2 an empty cpuset is that of the group above"
    local above=/sys/fs/cgroup/cpuset/bats-empty-$id
    mkdir "$above"
    config '.linux.cgroupsPath = "/bats-empty-" + $id + "/inner"' --arg id "$id"
    inside 0 'echo runs'
    says runs
    equals "$(cat "$above/cpuset.cpus")" "$(cat /sys/fs/cgroup/cpuset/cpuset.cpus)"
    rmdir "$above"
}

@test "resources: memory, cpu, pids, cpuset are in the files" {
    config '.linux.resources += {
        memory: {limit: 67108864, reservation: 33554432, swap: 134217728, swappiness: 10},
        cpu: {shares: 512, quota: 20000, period: 50000, cpus: "0", mems: "0"},
        pids: {limit: 77}}'
    has_v1 memory || config 'del(.linux.resources.memory.swappiness)'
    start
    equals "$(limit memory.limit_in_bytes memory.max)" $((64 << 20))
    equals "$(limit memory.soft_limit_in_bytes memory.low)" $((32 << 20))
    equals "$(limit memory.memsw.limit_in_bytes memory.swap.max)" "$(has_v1 memory && echo $((128 << 20)) || echo $((64 << 20)))"
    ! has_v1 memory || equals "$(limit memory.swappiness -)" 10
    if has_v1 cpu; then
        equals "$(limit cpu.shares -)" 512
        equals "$(limit cpu.cfs_quota_us -)" 20000
        equals "$(limit cpu.cfs_period_us -)" 50000
    else
        equals "$(limit - cpu.max)" "20000 50000"
    fi
    equals "$(limit cpuset.cpus cpuset.cpus)" 0
    equals "$(limit cpuset.mems cpuset.mems)" 0
    equals "$(limit pids.max pids.max)" 77
}

@test "resources: blockIO throttles, hugepageLimits, unified" {
    local disk numbers
    disk=$(awk 'NR > 2 && $4 !~ /[0-9]$/ {print $4; exit}' /proc/partitions)
    [ -n "$disk" ] || skip "this machine has no disk"
    numbers=$(cat "/sys/block/$disk/dev")
    config '.linux.resources.blockIO = {
        throttleReadBpsDevice: [{major: $a, minor: $b, rate: 1048576}],
        throttleWriteIOPSDevice: [{major: $a, minor: $b, rate: 100}]}' --argjson a "${numbers%:*}" --argjson b "${numbers#*:}"
    start
    if has_v1 blkio; then
        equals "$(limit blkio.throttle.read_bps_device -)" "$numbers 1048576"
        equals "$(limit blkio.throttle.write_iops_device -)" "$numbers 100"
    else
        limit - io.max | grep -q "$numbers rbps=1048576 wbps=max riops=max wiops=100"
    fi
    oci delete --force "$id"
    only_ours "not with v1 beside v2"
    local unified=/sys/fs/cgroup/unified
    [ -d "$unified" ] || unified=/sys/fs/cgroup
    config 'del(.linux.resources.blockIO) | .linux.resources.unified = {"cgroup.max.depth": "7"}'
    start
    equals "$(cat "$(group_of_container none)/cgroup.max.depth")" 7
    oci delete --force "$id"
    config '.linux.resources.unified = {"../cgroup.max.depth": "7"}'
    refuses linux.resources.unified
    config '.linux.resources.unified = {"no.such.file": "7"}'
    refuses no.such.file
    grep -qw hugetlb "$unified/cgroup.controllers" || skip "no hugetlb here"
    config 'del(.linux.resources.unified) | .linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
    command_is sleep 99
    create || skip "hugetlb is not given to groups here"
    local file
    file=$(group_of_container hugetlb)/hugetlb.2MB.rsvd.max
    equals "$(cat "$file" 2> /dev/null || cat "${file/rsvd./}")" 4194304
}

@test "resources: what is seldom asked for" {
    has_v1 cpu && has_v1 memory && has_v1 blkio || skip "the files of v1 are read here"
    config '.linux.resources += {
        cpu: {quota: 20000, period: 50000, burst: 10000, realtimeRuntime: 1000, realtimePeriod: 500000},
        memory: {limit: 67108864, kernelTCP: 1048576, disableOOMKiller: true}}'
    start
    ! ours || equals "$(limit cpu.cfs_burst_us -)" 10000  # newer than theirs
    equals "$(limit cpu.rt_runtime_us -) $(limit cpu.rt_period_us -)" "1000 500000"
    [ "${RUNTIME##*/}" = runc ] ||  # which passes it over
        equals "$(limit memory.kmem.tcp.limit_in_bytes -)" 1048576
    limit memory.oom_control - | grep -qx "oom_kill_disable 1"
    oci delete --force "$id"
    config '.linux.resources |= (del(.memory) | .cpu = {idle: 1})'
    only_ours "newer than theirs"
    start
    equals "$(limit cpu.idle -)" 1
}

@test "resources: blockIO's weights and the other throttles" {
    has_v1 blkio || skip "the files of v1 are read here"
    local disk numbers
    disk=$(awk 'NR > 2 && $4 !~ /[0-9]$/ {print $4; exit}' /proc/partitions)
    [ -n "$disk" ] || skip "this machine has no disk"
    numbers=$(cat "/sys/block/$disk/dev")
    config '.linux.resources.blockIO = {
        throttleWriteBpsDevice: [{major: $a, minor: $b, rate: 2097152}],
        throttleReadIOPSDevice: [{major: $a, minor: $b, rate: 200}]}' --argjson a "${numbers%:*}" --argjson b "${numbers#*:}"
    start
    equals "$(limit blkio.throttle.write_bps_device -)" "$numbers 2097152"
    equals "$(limit blkio.throttle.read_iops_device -)" "$numbers 200"
    oci delete --force "$id"
    only_ours "the words and the refusals are ours"
    # The file is there only where a disk's scheduler is BFQ.
    config '.linux.resources.blockIO = {weight: 300, leafWeight: 200}'
    tries create --bundle "$bundle" "$id"
    if [ "$status" -eq 0 ]; then
        [[ $(limit blkio.bfq.weight blkio.weight) == *300 ]]
    else
        says "blockIO.weight"
    fi
}

# loop_disk ADD|REMOVE: a disk of our own, /dev/loop97, without a file behind.
loop_disk() {
    python3 - "$1" <<'END'
import fcntl, os, sys
request = {"ADD": 0x4C80, "REMOVE": 0x4C81}[sys.argv[1]]
fcntl.ioctl(os.open("/dev/loop-control", os.O_RDWR), request, 97)
END
}

@test "resources: blockIO's weightDevice, with the disk scheduler that knows it, and with another" {
    has_v1 blkio || skip "the files of v1 are read here"
    only_ours "the words are ours, and theirs are of the CFQ scheduler"
    loop_disk ADD 2> /dev/null || skip "no loop devices here"
    local scheduler=/sys/block/loop97/queue/scheduler numbers
    numbers=$(cat /sys/block/loop97/dev)
    config '.linux.resources.blockIO = {weightDevice: [{major: $a, minor: $b, weight: 300, leafWeight: 10}]}' \
        --argjson a "${numbers%:*}" --argjson b "${numbers#*:}"
    tries create --bundle "$bundle" "$id"
    [ "$status" -ne 0 ]
    says "blockIO.weightDevice"
    if grep -q bfq "$scheduler"; then
        says "the disk's scheduler"
        echo bfq > "$scheduler"
        create
        [[ $(limit blkio.bfq.weight_device blkio.weight_device) == *"$numbers 300"* ]]
        oci delete --force "$id"
    fi
    loop_disk REMOVE
}

@test "resources: network classes and rdma, without their controllers, are refused" {
    only_ours "the words and the refusals are ours"
    if ! grep -q "cgroup cgroup .*net_cls" /proc/self/mountinfo; then
        config '.linux.resources.network = {classID: 1048577}'
        refuses "linux.resources.network.classID: it needs the net_cls controller"
        config '.linux.resources.network = {priorities: [{name: "lo", priority: 5}]}'
        refuses "linux.resources.network.priorities: it needs the net_prio controller"
        config 'del(.linux.resources.network)'
    fi
    if ! grep -q rdma /proc/cgroups; then
        config '.linux.resources.rdma = {mlx5_1: {hcaHandles: 3}}'
        refuses "linux.resources.rdma: it needs the rdma controller"
    fi
}

@test "resources: network classes, where somebody has mounted them" {
    only_ours "only ours looks for it"
    grep -q "^net_cls[[:space:]]0[[:space:]]" /proc/cgroups || skip "net_cls is not built, or in use"
    config '.linux.resources.network = {classID: 1048577, priorities: [{name: "lo", priority: 5}]}'
    export -f oci
    # In a mount namespace that takes the tree along when it ends.
    RUNTIME=$RUNTIME states=$states runs 0 unshare -m --propagation private bash -euc '
        mkdir "$1/tree"
        mount -t cgroup -o net_cls,net_prio none "$1/tree"
        oci create --bundle "$2" "$3" < /dev/null > /dev/null 2>&1
        cat "$1/tree/"*"$3"*/net_cls.classid
        grep "^lo " "$1/tree/"*"$3"*/net_prio.ifpriomap
        oci delete --force "$3"' inner "$BATS_TEST_TMPDIR" "$bundle" "$id"
    equals "$output" $'1048577\nlo 5'
}

@test "security labels, which this kernel has not, are refused" {
    [[ $(cat /sys/kernel/security/lsm 2> /dev/null || true) != *apparmor* ]] || skip "this kernel has AppArmor"
    only_ours "the words are ours"
    local field
    for field in process.apparmorProfile process.selinuxLabel linux.mountLabel; do
        cp "$BATS_FILE_TMPDIR/base.json" "$bundle/config.json"
        config ".$field = \"label_t\""
        refuses "the security label \"label_t\""
    done
}

@test "resources.devices: the rules" {
    local make='mknod /dev/shm/disk b 7 0; head -c 0 /dev/shm/disk'
    config '.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .mounts |= map(if .destination == "/dev/shm" then .options -= ["nodev"] else . end)'
    inside 1 "$make"
    says "Operation not permitted"
    config '.linux.resources.devices += [{allow: true, type: "b", major: 7, access: "rwm"}]'
    run oci run --bundle "$bundle" "$id"
    says_not "not permitted"
    inside 0 'echo x > /dev/null; head -c 1 /dev/zero | wc -c'
}

# --- linux: what is hidden, and what is refused ------------------------------------------

@test "sysctl: of its own namespaces only" {
    config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "9999"}'
    inside 0 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax'
    equals "$output" $'1\n9999'
    [ "$(cat /proc/sys/kernel/msgmax)" != 9999 ]
    local name
    for name in vm.swappiness kernel.sysrq net/../vm/swappiness ../x; do
        config '.linux.sysctl = {($name): "60"}' --arg name "$name"
        refuses ""
    done
    config '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.namespaces |= map(select(.type != "network"))'
    refuses ip_forward
}

@test "sysctl: of a link that a hook has brought, as dockerd's does" {
    not_crun "it writes them first"
    config '.linux.sysctl = {"net.ipv4.conf.eth9.forwarding": "1"}
        | .hooks.prestart = [{path: "/bin/sh", env: ["PATH=\($ENV.PATH)"],
            args: ["sh", "-c", "nsenter -t $(jq .pid) -n ip link add eth9 type veth peer name eth8"]}]'
    inside 0 'cat /proc/sys/net/ipv4/conf/eth9/forwarding'
    says 1
}

@test "sysctl: not in the host's namespace, joined by its path" {
    not_crun "it lets it"
    local value
    value=$(cat /proc/sys/net/ipv4/ip_default_ttl)  # so that nothing changes
    config '.linux.sysctl = {"net.ipv4.ip_default_ttl": $value}
        | .linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)' --arg value "$value"
    refuses ip_default_ttl
    config 'del(.linux.sysctl) | .linux.namespaces |= map(if .type == "uts" then .path = "/proc/self/ns/uts" else . end)
        | .hostname = $name' --arg name "$(hostname)"
    only_ours "runc lets it"
    refuses hostname
}

@test "maskedPaths, readonlyPaths: also of the config's choice; missing ones are passed over" {
    own_root
    mkdir "$root/secrets"
    echo secret | tee "$root/secrets/one" > "$root/two"
    ! ours || config '.linux.maskedPaths += ["/two/below"]'  # they fail
    config '.linux.maskedPaths += ["/secrets", "/two", "/nosuchpath"] | .linux.readonlyPaths += ["/var", "/nosuchpath"]'
    inside 0 'ls -A /secrets; cat /two; touch /var/file 2>&1; touch /secrets/new 2>&1; echo x > /two; cat /two; cat /proc/timer_list | wc -c; echo 1 2>&1 > /proc/sys/kernel/sem || true'
    says_not secret$'\n'
    says "/var/file: Read-only file system"
    says "/secrets/new: Read-only file system"
    equals "$(cat "$root/two")" secret
}

@test "rootfsPropagation" {
    local word
    for word in private slave shared; do
        config '.linux.rootfsPropagation = $word' --arg word "$word"
        inside 0 'grep -E "^[0-9]+ [0-9]+ [0-9:]+ [^ ]+ / " /proc/self/mountinfo'
        [ "$word" != private ] || says_not master
    done
    config '.linux.rootfsPropagation = "sideways"'
    only_ours "taken as it comes"
    refuses linux.rootfsPropagation
}

@test "personality" {
    config '.linux.personality = {domain: "LINUX32"}'
    inside 0 'uname -m; cat /proc/self/personality'
    ours || skip "newer than some"
    says 0008
    [[ ${lines[0]} != x86_64 ]] || ! uname -m | grep -q x86_64
}

@test "seccomp: errno, with arguments; kill; allow-list; what is unknown" {
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"], syscalls: [
        {names: ["mkdir", "mkdirat", "nosuchcall"], action: "SCMP_ACT_ERRNO", errnoRet: 123},
        {names: ["personality"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 8, op: "SCMP_CMP_EQ"}]}]}'
    inside 1 'mkdir /tmp/x'
    says "No medium found"
    inside 0 'grep Seccomp: /proc/self/status'
    equals "$(xargs <<< "$output")" "Seccomp: 2"
    config '.linux.seccomp.syscalls[0].action = "SCMP_ACT_KILL_PROCESS" | del(.linux.seccomp.syscalls[0].errnoRet)'
    inside 159 'mkdir /tmp/x; exit $?'
    config '.linux.seccomp.syscalls[0].action = "SCMP_ACT_SING"'
    refuses SCMP_ACT_SING
    only_ours "they say less"
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO", args: [{index: 6, value: 8, op: "SCMP_CMP_EQ"}]}]}'
    refuses "linux.seccomp.syscalls[0].args[0].index"
}

@test "seccomp: both with and without no-new-privileges, in exec, too" {
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 123}]}'
    local flag
    for flag in true false; do
        config ".process.noNewPrivileges = $flag"
        command_is sleep 99
        start
        runs 1 oci exec "$id" mkdir /tmp/x
        says "No medium found"
        oci delete --force "$id"
    done
}

@test "seccomp: a filter that refuses the start itself" {
    only_ours "they say that all is well, and it dies"
    config '.process.noNewPrivileges = true | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{names: ["execve", "execveat"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}'
    refuses "execve"
    ! ours || says "must allow that one call"
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO"}'
    refuses ""
    # All that a static program needs to begin, and no clone: exec enters, too.
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{names: ["clone", "clone3", "fork", "vfork"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}'
    start
    runs 0 oci exec "$id" grep Seccomp: /proc/self/status
    says 2
    oci delete --force "$id"
    # Not where somebody could trace it before the filter is there.
    only_ours "their newcomers can be traced"
    config '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
    start
    run oci exec "$id" true
    [ "$status" -eq 1 ]
    says "allow clone"
}

# only_mkdir ACTION [MORE]: a filter that does it to mkdir(2).
only_mkdir() {
    config '.linux.seccomp = ({defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{names: ["mkdir"], action: $action} + ($more.rule // {})]} + ($more.profile // {}))' \
        --arg action "$1" --argjson more "${2-{\}}"
}

told() { dmesg | grep -c 'audit: type=1326 .*comm="attack" .*sig=0 ' || true; }

@test "seccomp: trap, trace, log" {
    only_mkdir SCMP_ACT_TRAP
    # A signal that can be handled, which the kill of a process is not.
    command_is attack trapped
    runs 0 oci run --bundle "$bundle" "$id"
    says "trapped mkdir"
    only_mkdir SCMP_ACT_KILL_PROCESS
    runs 159 oci run --bundle "$bundle" "$id"
    # Who traces is told, with the number; without anybody it fails.
    only_mkdir SCMP_ACT_TRACE '{"rule": {"errnoRet": 77}}'
    command_is attack traced
    runs 0 oci run --bundle "$bundle" "$id"
    equals "$output" $'tracer hears 77\nmkdir EFAULT'
    command_is attack trapped
    runs 0 oci run --bundle "$bundle" "$id"
    equals "$output" "mkdir ENOSYS"
    # Allowed, and told to the kernel's log.
    local before
    before=$(told)
    only_mkdir SCMP_ACT_LOG
    runs 0 oci run --bundle "$bundle" "$id"
    equals "$output" "mkdir EFAULT"
    [ -e /proc/self/loginuid ] && dmesg > /dev/null 2>&1 && ! pgrep -x auditd > /dev/null || return 0
    [ "$(told)" -gt "$before" ]
}

@test "seccomp: architectures" {
    command_is attack foreign
    inside 0 'attack foreign'
    [ "$output" = "mkdir EFAULT" ] || skip "no older architecture here: $output"
    # Not listed: whatever its calls are, it is killed.
    only_mkdir SCMP_ACT_ERRNO '{"profile": {"architectures": ["SCMP_ARCH_X86_64"]}, "rule": {"errnoRet": 123}}'
    inside 159 'attack foreign; exit $?'
    inside 0 'attack trapped'
    equals "$output" "mkdir ENOMEDIUM"
    # Listed: the same rules are for it.
    only_mkdir SCMP_ACT_ERRNO '{"profile": {"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]}, "rule": {"errnoRet": 123}}'
    inside 0 'attack foreign'
    equals "$output" "mkdir ENOMEDIUM"
}

@test "seccomp: notify, at listenerPath" {
    local socket=$BATS_TEST_TMPDIR/socket receiver
    python3 "$SLIPWAY_SOURCE/tests/helpers/receive_fd.py" notify "$socket" > "$BATS_TEST_TMPDIR/received" 2>&1 3>&- & receiver=$!
    until_true test -S "$socket"
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $socket, listenerMetadata: "meta",
        syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY"}]}' --arg socket "$socket"
    inside 1 'mkdir /tmp/x'
    says "No medium found"
    wait "$receiver"
    run cat "$BATS_TEST_TMPDIR/received"
    equals "$(jq -r '.metadata, .fds[0], .state.id' <<< "$output" | xargs)" "meta seccompFd $id"
    ! ours || jq -e '.pid == .state.pid and .ociVersion != null' <<< "$output"
}

@test "seccomp: notify, for what the runtime itself calls on the way in" {
    only_ours "theirs hang"
    local socket=$BATS_TEST_TMPDIR/socket receiver flag
    python3 "$SLIPWAY_SOURCE/tests/helpers/receive_fd.py" allow "$socket" > "$BATS_TEST_TMPDIR/received" 2>&1 3>&- & receiver=$!
    until_true test -S "$socket"
    for flag in true false; do
        config '.process.noNewPrivileges = $flag | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $socket,
            syscalls: [{names: ["close_range", "clone", "setgroups"], action: "SCMP_ACT_NOTIFY"}]}' \
            --arg socket "$socket" --argjson flag "$flag"
        command_is sleep 99
        start
        runs 0 timeout 20 "$RUNTIME" --root "$states" exec "$id" echo entered
        says entered
        oci delete --force "$id"
    done
    grep -q '^436$' "$BATS_TEST_TMPDIR/received"  # close_range, on every machine
    kill "$receiver"
    wait "$receiver" || true
}

@test "seccomp: a filter that is older than close_range" {
    local flag
    for flag in true false; do
        config '.process.noNewPrivileges = $flag | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
            syscalls: [{names: ["close_range"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}' --argjson flag "$flag"
        command_is sh -c 'ls /proc/self/fd | wc -l; sleep 99'
        start
        until_says 4  # and ls has the folder open
        ! ours || equals "$(oci exec "$id" sh -c 'ls /proc/self/fd | wc -l')" 4
        oci delete --force "$id"
    done
    # As it waits for start, too.
    only_ours "they hold more"
    create
    local open=("/proc/$(init_pid)/fd/"*)
    equals ${#open[@]} 5  # stdio, two fifos
}

@test "seccomp: a filter that kills the first process before it is ready" {
    only_ours "they need other calls"
    local flag
    for flag in true false; do
        config '.process.noNewPrivileges = $flag | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
            syscalls: [{names: ["close_range"], action: "SCMP_ACT_KILL_PROCESS"}]}' --argjson flag "$flag"
        refuses "ended before it was ready" SIGSYS
    done
}

# --- Refused, and passed over ---------------------------------------------------------

@test "wrong values are refused, and the message names the place" {
    only_ours "their messages differ"
    local edit place
    while IFS='|' read -r place edit; do
        cp "$BATS_FILE_TMPDIR/base.json" "$bundle/config.json"
        config "$edit"
        tries create --bundle "$bundle" "$id"
        [ "$status" -eq 1 ] || { echo "takes: $edit"; return 1; }
        says "config.json: $place"
    done <<'END'
ociVersion|del(.ociVersion)
ociVersion|.ociVersion = "2.0.0"
root|del(.root)
root.path|.root.path = ""
process.args|.process.args = []
process.args|.process.args = "sh"
process.args[0]|.process.args = [1]
process.cwd|.process.cwd = "relative"
process.env[0]|.process.env = ["novalue"]
process.user.uid|.process.user.uid = -1
process.user.uid|.process.user.uid = 4294967296
process.user.uid|.process.user.uid = 1.5
process.user.gid|.process.user.gid = "root"
process.user.umask|.process.user.umask = 4096
process.user.additionalGids[1]|.process.user.additionalGids = [1, -1]
process.rlimits[0].type|.process.rlimits = [{type: "RLIMIT_LUCK", soft: 1, hard: 1}]
process.rlimits[0]|.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 2, hard: 1}]
process.rlimits[1].type|.process.rlimits = [{type: "RLIMIT_CPU", soft: 1, hard: 1}, {type: "RLIMIT_CPU", soft: 1, hard: 1}]
process.oomScoreAdj|.process.oomScoreAdj = 1001
process.scheduler.policy|.process.scheduler = {policy: "SCHED_SOON"}
process.ioPriority.priority|.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}
process.terminal|.process.terminal = "yes"
mounts[7]|.mounts += [{destination: "/x", type: "bind", options: ["bind"]}]
mounts[7].destination|.mounts += [{destination: "", type: "tmpfs"}]
mounts[7].options|.mounts += [{destination: "/x", type: "tmpfs", options: ["remount"]}]
hooks.prestart[0].path|.hooks = {prestart: [{path: "true"}]}
hooks.poststop[0].timeout|.hooks = {poststop: [{path: "/bin/true", timeout: 0}]}
hostname|.hostname = ("x" * 65)
linux.uidMappings|.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}]
linux.devices[0].type|.linux.devices = [{type: "x", path: "/dev/x"}]
linux.devices[0].path|.linux.devices = [{type: "p", path: "dev/x"}]
linux.resources.pids.limit|.linux.resources.pids = {limit: "many"}
linux.resources.cpu.idle|.linux.resources.cpu = {idle: 2}
linux.resources.devices[1].access|.linux.resources.devices += [{allow: true, access: "x"}]
linux.resources.blockIO.weight|.linux.resources.blockIO = {weight: 5}
linux.resources.hugepageLimits[0].pageSize|.linux.resources.hugepageLimits = [{pageSize: "2 MB", limit: 1}]
linux.maskedPaths[0]|.linux.maskedPaths = ["proc"]
linux.personality.domain|.linux.personality = {domain: "BSD"}
linux.intelRdt|.linux.intelRdt = {closID: "x"}
END
    leaves_nothing
}

@test "what is unknown is passed over" {
    not_crun "it refuses some"
    config '.unknown = {"a": [1]} | .process.unknown = 1 | .linux.unknown = null | .linux.resources.unknown = {} | .mounts[0].unknown = "x" | .process.user.username = "x" | .solaris = {} | .windows = {} | .vm = {}'
    inside 0 'echo fine'
    equals "$output" fine
}

@test "the smallest config that the specification allows" {
    only_ours "they ask for more"
    jq -n --arg root "$ROOT" '{ociVersion: "1.2.1", root: {path: $root}, process: {cwd: "/", args: ["/bin/echo", "hello"]}, linux: {namespaces: [{type: "mount"}]}}' > "$bundle/config.json"
    runs 0 oci run --bundle "$bundle" "$id"
    equals "$output" hello
}
