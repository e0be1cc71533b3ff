#!/usr/bin/env bats
# step3-cgroups on whatever this machine has: v1, v2, or both. The same file is
# run in a guest with v2 alone (tests/vm).
# shellcheck disable=SC2016 # scripts for the shell inside are in single quotes

load helpers

setup_file() {
    make_shared_root
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" ${TMPDIR:+"$TMPDIR"}
    cp "$SLIPWAY_BIN/step3-cgroups" "$BATS_FILE_TMPDIR/step3"
    export V1=
    ! grep -q ' - cgroup cgroup .*memory' /proc/self/mountinfo || export V1=yes
}
setup() { requires_root; remember_host; }
teardown() { compare_host; }

# The folder of process $1 in the tree of controller $2.
group_of() {
    local path
    path=$(sed -n "s/^[0-9]*:$2://p" "/proc/$1/cgroup")
    if [ -n "$path" ]; then
        echo "/sys/fs/cgroup/$2$path"
    else
        echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
    fi
}

# Starts step 3 with a command that waits; sets step and child.
start_sleeper() {
    step3-cgroups "$@" "$ROOT" sh -c 'echo >/tmp/up; exec sleep 99' & step=$!
    until [ -e "$ROOT/tmp/up" ]; do :; done
    rm "$ROOT/tmp/up"
    child=$(pgrep -P "$step")
}
stop_sleeper() {
    kill -KILL "$child"
    local ended=0
    wait "$step" || ended=$?
    [ "$ended" -eq 137 ]
}

# Some block device, as PATH and as MAJOR:MINOR.
find_disk() {
    disk=$(awk 'NR > 2 && $4 !~ /[0-9]$/ {print $4; exit}' /proc/partitions)
    [ -n "$disk" ] || skip "this machine has no disk"
    numbers=$(cat "/sys/block/$disk/dev")
}

@test "memory bomb: killed, 137, and the reason" {
    runs 137 step3-cgroups --memory 20m "$ROOT" sh -c 'x=a; while :; do x=$x$x; done'
    says "the kernel killed the command for memory: --memory 20 MiB was not enough"
}

@test "memory bomb in a child: the command lives, the reason is said" {
    runs 3 step3-cgroups --memory 20m --init "$ROOT" sh -c 'sh -c "x=a; while :; do x=\$x\$x; done"; exit 3'
    says "the kernel killed 1 process of the command for memory"
}

@test "a limit too small to begin with says so" {
    runs 137 step3-cgroups --memory 4k "$ROOT" true
    says "--memory 4 KiB was not enough"
}

@test "fork bomb: contained, and the reason" {
    run step3-cgroups --pids-limit 30 --stats "$ROOT" sh -c 'bomb() { bomb & bomb & wait; }; bomb'
    says "--pids-limit 30 was reached"
    says "forks refused"
}

@test "CPU hog: has its share and no more" {
    local begun=${EPOCHREALTIME/./}
    runs 137 step3-cgroups --cpus 0.2 --stats --init "$ROOT" timeout -s KILL 2 sh -c 'while :; do :; done'
    local took=$((${EPOCHREALTIME/./} - begun)) used
    [[ $output =~ cpu\ time\ +([0-9]+)\.([0-9]{3}) ]]
    used=$((10#${BASH_REMATCH[1]}${BASH_REMATCH[2]} * 1000))
    [ "$used" -lt $((took / 2)) ]
    [[ $output =~ throttled\ .*\ in\ ([0-9]+)\ of ]]
    [ "${BASH_REMATCH[1]}" -gt 3 ]
}

@test "the limits stand in the files, seen from outside" {
    start_sleeper --memory 64m --memory-swap 80m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 --pids-limit 20
    local memory cpu
    memory=$(group_of "$child" memory)
    cpu=$(group_of "$child" cpu)
    if [ -n "$V1" ]; then
        [ "$(cat "$memory/memory.limit_in_bytes")" -eq $((64 << 20)) ]
        [ "$(cat "$memory/memory.memsw.limit_in_bytes")" -eq $((80 << 20)) ]
        [ "$(cat "$memory/memory.soft_limit_in_bytes")" -eq $((32 << 20)) ]
        [ "$(cat "$cpu/cpu.cfs_quota_us")" -eq 50000 ]
        [ "$(cat "$cpu/cpu.shares")" -eq 512 ]
    else
        [ "$(cat "$memory/memory.max")" -eq $((64 << 20)) ]
        [ "$(cat "$memory/memory.swap.max")" -eq $((16 << 20)) ]
        [ "$(cat "$memory/memory.low")" -eq $((32 << 20)) ]
        [ "$(cat "$cpu/cpu.max")" = "50000 100000" ]
        [ "$(cat "$cpu/cpu.weight")" -eq 20 ]
    fi
    [ "$(cat "$(group_of "$child" cpuset)/cpuset.cpus")" = 0 ]
    [ "$(cat "$(group_of "$child" pids)/pids.max")" -eq 20 ]
    grep -q '^Cpus_allowed_list:[[:space:]]*0$' "/proc/$child/status"
    grep -qx "$child" "$memory/cgroup.procs"
    stop_sleeper
}

@test "disk rates and weights" {
    find_disk
    local options=(--device-read-bps "/dev/$disk:1mb" --device-write-iops "/dev/$disk:100")
    start_sleeper "${options[@]}"
    local io
    if [ -n "$V1" ]; then
        io=$(group_of "$child" blkio)
        [ "$(cat "$io/blkio.throttle.read_bps_device")" = "$numbers 1048576" ]
        [ "$(cat "$io/blkio.throttle.write_iops_device")" = "$numbers 100" ]
    else
        io=$(group_of "$child" io)
        [ "$(cat "$io/io.max")" = "$numbers rbps=1048576 wbps=max riops=max wiops=100" ]
    fi
    stop_sleeper
    # Which of the weight files there is depends on the kernel.
    run step3-cgroups --blkio-weight 100 "$ROOT" true
    [ "$status" -eq 0 ] || says "--blkio-weight: this kernel has no"
}

@test "inside: the group is the top, and cannot be written" {
    runs 0 step3-cgroups --memory 64m "$ROOT" cut -d: -f3 /proc/self/cgroup
    [ -z "$(tr -d '/\n' <<< "$output")" ]
    local file=memory.max
    [ -z "$V1" ] || file=memory/memory.limit_in_bytes
    runs 0 step3-cgroups --memory 64m "$ROOT" cat "/sys/fs/cgroup/$file"
    says 67108864
    runs 1 step3-cgroups --memory 64m "$ROOT" sh -c "echo 1g > /sys/fs/cgroup/$file"
    says "Read-only file system"
}

@test "devices: the harmless ones open, a disk does not, unless it may" {
    local make='mknod /tmp/disk b 7 0; head -c 1 /tmp/disk; code=$?; rm /tmp/disk; exit $code'
    [ -e /sys/block/loop0 ] || { find_disk; make=${make/7 0/${numbers/:/ }}; }
    runs 0 step2-namespaces "$ROOT" sh -c "$make"
    runs 1 step3-cgroups "$ROOT" sh -c "$make"
    says "Operation not permitted"
    runs 0 step3-cgroups --device-rule 'b *:* r' "$ROOT" sh -c "$make"
    runs 0 step3-cgroups --device-rule a "$ROOT" sh -c "$make"
    # Numbers count with "a", too: this is no disk's.
    runs 1 step3-cgroups --device-rule 'a 1:3 rw' "$ROOT" sh -c "$make"
    runs 0 step3-cgroups "$ROOT" sh -c 'echo x > /dev/null; head -c 1 /dev/zero | wc -c'
}

@test "--stats: what was used" {
    runs 0 step3-cgroups --memory 64m --stats "$ROOT" true
    [[ $output =~ memory\ peak\ +[0-9.]+\ [KM]iB\ of\ 64\ MiB ]]
    [[ $output =~ cpu\ time\ +[0-9.]+\ s\ \(user\ [0-9.]+\ s,\ system ]]
    says "oom kills     0"
    # Nobody reads it: the group goes all the same.
    step3-cgroups --stats "$ROOT" sleep 0.1 2>&1 | true
}

@test "options that make no sense" {
    local reason
    while IFS='|' read -r options reason; do
        # shellcheck disable=SC2086 # options are words
        runs 125 step3-cgroups $options "$ROOT" true
        says "$reason"
    done <<'TABLE'
--memory x|size "x"
--memory-swap 10m|--memory-swap without --memory
--memory 20m --memory-swap 10m|--memory-swap is smaller
--memory 20m --memory-reservation 30m|--memory-reservation is larger
--cpus 0|is no number from 0.01
--cpus 4096|is no number from 0.01
--cpu-shares 1|is no number from 2
--cpuset-cpus 3-1|list of processors "3-1"
--cpuset-cpus 4095|--cpuset-cpus: write(
--cpuset-mems 63|--cpuset-mems: write(
--pids-limit -2|is no number from 1
--blkio-weight 9|is no number from 10
--device-read-bps /dev/null:1m|is no block device
--device-read-bps /no/such:1m|No such file
--device-rule x|device rule "x"
--memroy 20m|did you mean --memory
TABLE
}

@test "more than the allowed processes, from the first on" {
    runs 125 step3-cgroups --pids-limit 1 --init "$ROOT" true
    says "fork: Resource temporarily unavailable"
}

@test "an ordinary user: no limits, no group; limits, a clear no" {
    local user=(setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_FILE_TMPDIR/step3")
    runs 0 "${user[@]}" "$ROOT" id -u
    [ "$output" = 0 ]
    runs 125 "${user[@]}" --memory 64m "$ROOT" true
    says "--memory needs a group below"
    says "systemd-run --user --scope -p Delegate=yes"
}

@test "an ordinary user with a part of the tree: limits hold" {
    local trees=() tree
    if [ -n "$V1" ]; then
        trees=(/sys/fs/cgroup/memory /sys/fs/cgroup/pids)
    else
        echo "+memory +pids" > /sys/fs/cgroup/cgroup.subtree_control
        trees=(/sys/fs/cgroup)
    fi
    for tree in "${trees[@]}"; do
        mkdir -p "$tree/test-delegated/session"
        chown -R 65534 "$tree/test-delegated"
    done
    run env TREES="${trees[*]}" STEP3="$BATS_FILE_TMPDIR/step3" ROOT="$ROOT" bash -c '
        for tree in $TREES; do echo $$ > $tree/test-delegated/session/cgroup.procs; done
        exec setpriv --reuid 65534 --regid 65534 --clear-groups "$STEP3" \
            --memory 20m --pids-limit 20 "$ROOT" sh -c "x=a; while :; do x=\$x\$x; done"'
    for tree in "${trees[@]}"; do
        rmdir "$tree/test-delegated/session" "$tree/test-delegated"
    done
    [ "$status" -eq 137 ]
    says "--memory 20 MiB was not enough"
}

@test "--map-root: limits hold in a user namespace too" {
    runs 137 step3-cgroups --map-root --memory 20m "$ROOT" sh -c 'x=a; while :; do x=$x$x; done'
    says "for memory"
}

@test "without a pid namespace, the group still ends with the command" {
    runs 3 step3-cgroups --without=pid "$ROOT" sh -c 'sleep 97 > /dev/null 2>&1 & exit 3'
    run ! pgrep -f "^sleep 97"
}

@test "left by SIGKILL, cleaned by the next start" {
    start_sleeper --memory 64m --cpus 1
    local group
    group=$(group_of "$child" memory)
    kill -KILL "$step"
    wait "$step" || true
    [ -d "$group" ]
    runs 0 step3-cgroups "$ROOT" true
    [ ! -d "$group" ]
    # One that lives is left alone.
    start_sleeper --memory 64m
    group=$(group_of "$child" memory)
    runs 0 step3-cgroups "$ROOT" true
    [ -d "$group" ]
    stop_sleeper
}

@test "nested: step 3 inside step 3" {
    cp "$SLIPWAY_BIN/step3-cgroups" "$ROOT/bin/step3"
    mkdir "$ROOT/inner"
    cp -a "$ROOT/bin" "$ROOT/inner/"
    runs 0 step3-cgroups --memory 64m "$ROOT" step3 /inner echo deep
    says deep
    runs 125 step3-cgroups "$ROOT" step3 --memory 10m /inner true
    says "in a container the tree is read-only"
    rm -rf "${ROOT:?}/inner" "$ROOT/bin/step3"
}

@test "a system without the controller, and without control groups" {
    runs 125 unshare -m --propagation private sh -c "
        grep -q unified /proc/self/mountinfo || umount /sys/fs/cgroup
        [ -z '$V1' ] || umount /sys/fs/cgroup/memory
        exec step3-cgroups --memory 20m '$ROOT' true"
    says "--memory needs the memory controller, which this system does not have"
    runs 0 unshare -m --propagation private sh -c "
        umount -R /sys/fs/cgroup
        exec setpriv --reuid 65534 --regid 65534 --clear-groups '$BATS_FILE_TMPDIR/step3' '$ROOT' true"
}
