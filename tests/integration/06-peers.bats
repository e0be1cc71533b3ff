#!/usr/bin/env bats
# podman, Docker and containerd, where they are installed, run their containers with
# slipway-oci: what they print is what they print with their own runtime.
# shellcheck disable=SC2030,SC2031,SC2154,SC2016 # images.bash assigns it; scripts for the shell inside

load helpers
load images

setup_file() {
    requires_root
    use_memory
    make_busybox_tar
    find /sys/fs/cgroup -type d \( -path '*/docker*' -o -path '*/libpod_parent*' -o -path '*/default*' \) |
        sort > "$BATS_FILE_TMPDIR/cgroups"
    export OCI=$SLIPWAY_BIN/slipway-oci
    if command -v dockerd >/dev/null; then
        local words
        words=$("$helpers/dockerd" start "$BATS_FILE_TMPDIR/docker" slipway="$OCI")
        eval "export ${words//$'\n'/ }"
        docker import "$BUSYBOX" bb >/dev/null
    fi
}
teardown_file() {
    [ -z "${docker_pid-}" ] || "$helpers/dockerd" stop "$docker_pid"
    # What the engines leave of their groups.
    find /sys/fs/cgroup -type d \( -path '*/docker*' -o -path '*/libpod_parent*' -o -path '*/default*' \) |
        sort | comm -23 - "$BATS_FILE_TMPDIR/cgroups" | sort -r | xargs -r rmdir
    release_memory
}

with_docker() { [ -n "${docker_pid-}" ] || skip "not installed: dockerd (docker.io)"; }
# With --no-stream the client waits for two seconds, and shows zeros then: an
# engine that is busy, or was asked a moment ago, needs more.
until_limit_is() { timeout 60 docker stats --format '{{.MemUsage}}' one | grep -m1 -q -- "$1"; }
in_docker() { docker run --rm --runtime slipway --network none "$@"; }

# One process that is podman's whole life: its mounts and state end with it.
in_podman() {
    command -v podman >/dev/null || skip "not installed: podman"
    env -u DOCKER_CONFIG HOME="$BATS_FILE_TMPDIR" OCI="$OCI" TAR="$BUSYBOX" "$helpers/beside" bash -euc '
        podman() {
            command podman --root /run/pod --runroot /run/podrun --storage-driver overlay \
                --cgroup-manager cgroupfs --events-backend none --runtime "$OCI" "$@"
        }
        run() { podman run --rm --network none "$@"; }
        mount -t tmpfs -o mode=755 tmpfs /run
        podman import -q "$TAR" bb >/dev/null
        '"$1"
}

@test "podman run: output, exit status, user, limits, volumes" {
    run -0 in_podman '
        run bb echo hello
        run bb sh -c "exit 7" || echo "status $?"
        run -u 1000:1001 -w /tmp bb sh -c "id -u; id -g; pwd"
        run -m 32m --pids-limit 20 bb cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true
        mkdir /run/volume; echo inside > /run/volume/file
        run -v /run/volume:/mnt:ro bb sh -c "cat /mnt/file; touch /mnt/x" 2>&1 || true
        run --tmpfs /scratch:size=1m bb sh -c "grep -o size=1024k /proc/mounts"
        run bb nosuch 2>/dev/null || echo "missing $?"'
    [ "${lines[0]}" = hello ]
    [ "${lines[1]}" = "status 7" ]
    [ "${lines[2]} ${lines[3]} ${lines[4]}" = "1000 1001 /tmp" ]
    [[ $output == *33554432* ]]
    [[ $output == *inside*"Read-only file system"* ]]
    [[ $output == *size=1024k* ]]
    [[ $output == *"missing 127" ]]
}

@test "podman run -t, exec, pause, stop, rm" {
    run -0 in_podman '
        run -t bb tty
        podman run -d --name one --network none bb sleep 1000 >/dev/null
        podman exec one cat /proc/1/comm
        podman exec -t one tty
        podman pause one >/dev/null
        podman inspect -f "{{.State.Status}}" one
        podman unpause one >/dev/null
        podman stop -t 0 one >/dev/null
        podman inspect -f "{{.State.Status}} {{.State.ExitCode}}" one
        podman rm one >/dev/null'
    [[ ${lines[0]} == /dev/pts/0* ]]
    [ "${lines[1]}" = sleep ]
    [[ ${lines[2]} == /dev/pts/* ]]
    [ "${lines[3]}" = paused ]
    [ "${lines[4]}" = "exited 137" ]
}

@test "podman run with a user namespace" {
    run -0 in_podman 'run --uidmap 0:100000:65536 bb sh -c "id -u; cat /proc/self/uid_map; stat -c %u /bin"'
    [ "${lines[0]}" = 0 ]
    [[ ${lines[1]} == *0*100000*65536 ]]
    [ "${lines[2]}" = 0 ]
}

@test "podman: containers that share namespaces" {
    run -0 in_podman '
        podman run -d --name one --network none --ipc shareable bb sleep 1000 >/dev/null
        for kind in net ipc; do
            [ "$(podman exec one readlink /proc/self/ns/$kind)" = \
              "$(podman run --rm --network container:one --ipc container:one bb readlink /proc/self/ns/$kind)" ]
        done
        podman rm -f -t 0 one >/dev/null'
}

@test "docker run: output, exit status, user, read-only root, init" {
    with_docker
    [ "$(in_docker bb echo hello)" = hello ]
    run -7 in_docker bb sh -c 'exit 7'
    # One stream: Docker does not keep the order of two.
    run -0 in_docker -u 1000 -w /x --read-only --tmpfs /tmp --init bb sh -c \
        'exec 2>&1; id -u; pwd; touch /a; touch /tmp/a && echo written; echo x > /dev/stdout; cat /proc/1/comm'
    [ "${lines[0]} ${lines[1]}" = "1000 /x" ]
    [[ $output == *"Read-only file system"* ]]
    [[ $output == *written*x*init ]]
}

@test "docker run: a command that is missing, or cannot be run, has Docker's exit status" {
    with_docker
    run -127 in_docker bb nosuch
    [[ $output == *'command not found: "nosuch"'* ]]
    run -126 in_docker bb /etc/passwd
    [[ $output == *"/etc/passwd"* ]]
}

@test "docker run has Docker's capabilities and a seccomp filter" {
    with_docker
    run -0 in_docker bb grep -E '^(CapEff|CapBnd|Seccomp):' /proc/self/status
    [[ $output == *CapEff*00000000a80425fb* ]]
    [[ $output == *CapBnd*00000000a80425fb* ]]
    [[ $output == *Seccomp:*2* ]]
    run -0 in_docker --privileged bb grep CapEff /proc/self/status
    [[ $output != *a80425fb* ]]
}

@test "docker run -m: killed for memory" {
    with_docker
    run -137 in_docker -m 16m bb dd if=/dev/zero of=/dev/null bs=64M count=1
}

@test "docker exec, pause, top, stats, update, stop" {
    with_docker
    docker run -d --name one --runtime slipway --network none -m 32m bb sleep 1000 >/dev/null
    [ "$(docker exec one cat /proc/1/comm)" = sleep ]
    [[ $(docker exec -t one tty) == /dev/pts/* ]]
    run docker exec one nosuch  # Docker 20 says 126, newer ones 127
    [[ $status == 12[67] ]]
    [[ $output == *"command not found"* ]]
    docker pause one >/dev/null
    [[ $(docker ps --format '{{.Status}}') == *Paused* ]]
    docker unpause one >/dev/null
    [[ $(docker top one) == *"sleep 1000"* ]]
    until_limit_is 32MiB
    docker update -m 64m --memory-swap 64m one >/dev/null
    until_limit_is 64MiB
    docker stop -t 0 one >/dev/null
    [ "$(docker inspect -f '{{.State.ExitCode}}' one)" = 137 ]
    docker rm one >/dev/null
}

@test "containerd runs, execs, pauses and kills with it" {
    command -v containerd >/dev/null && command -v ctr >/dev/null || skip "not installed: containerd"
    command -v podman >/dev/null || skip "not installed: podman, which makes the archive"
    OCI=$OCI TAR=$BUSYBOX run -0 "$helpers/beside" bash -euc '
        mkdir /run/cd
        cat > /run/cd/config.toml <<END
version = 2
root = "/run/cd/root"
state = "/run/cd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "/run/cd/socket"
END
        podman --root /run/pod --runroot /run/podrun --storage-driver vfs import -q "$TAR" bb >/dev/null
        podman --root /run/pod --runroot /run/podrun --storage-driver vfs save -q bb -o /run/bb.tar
        containerd -c /run/cd/config.toml > /run/cd/log 2>&1 &
        trap "kill $!; wait $! || true" EXIT
        ctr() { command ctr -a /run/cd/socket "$@"; }
        until ctr version >/dev/null 2>&1; do read -rt 0.1 <> <(:) || true; done
        ctr images import /run/bb.tar >/dev/null
        image=$(ctr images ls -q)
        ctr run --rm --runc-binary "$OCI" "$image" one echo hello
        ctr run -d --runc-binary "$OCI" "$image" two sleep 1000
        ctr task exec --exec-id e two cat /proc/1/comm
        ctr task pause two; ctr task ls; ctr task resume two
        ctr task kill -s KILL two
        until ctr task ls | grep -q STOPPED; do read -rt 0.1 <> <(:) || true; done
        ctr task rm two || true
        ctr container rm two'
    [ "${lines[0]}" = hello ]
    [ "${lines[1]}" = sleep ]
    [[ $output == *PAUSED* ]]
}
