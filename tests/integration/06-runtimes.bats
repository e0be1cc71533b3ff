#!/usr/bin/env bats
# --runtime: the engine's containers, made by another OCI runtime.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2317 # scripts for the shell inside; bats.bash assigns

load helpers
load runtime
load images
load engine

setup_file() {
    setup_engine_file
    # crun refuses a machine with controllers in v1 and v2: shown one without v2.
    cat > "$memory/crun" << 'END'
#!/bin/sh
[ -d /sys/fs/cgroup/unified ] || exec /usr/bin/crun "$@"
exec unshare -m sh -c 'umount -l /sys/fs/cgroup/unified; exec /usr/bin/crun "$@"' crun "$@"
END
    chmod +x "$memory/crun"
    export CRUN=$memory/crun
}
teardown_file() { teardown_engine_file; }
setup() { remember_host; }
teardown() {
    remove_containers
    [ -z "$(ls "$SLIPWAY_STATE/containers" "$SLIPWAY_STATE/oci")" ]
    compare_host
}

# with RUNTIME CODE [OPTION...] busybox COMMAND...
with() {
    local runtime=$1 code=$2
    shift 2
    runs "$code" slipway run --rm --network none --runtime "$runtime" "$@"
}
both() {
    local runtime
    for runtime in runc "$CRUN"; do "$1" "$runtime"; done
}
# A runtime that does SCRIPT when it is asked to do VERB; $runc is the real one.
bad_runtime() {
    bad=$BATS_TEST_TMPDIR/bad
    printf '#!/bin/sh\ncase " $* " in *" %s "*) %s ;; *) exec runc "$@" ;; esac\n' \
        "$1" "$2" > "$bad"
    chmod +x "$bad"
}

@test "run: output, input, exit codes, the log" {
    check() {
        with "$1" 0 busybox echo hello
        equals "$output" hello
        with "$1" 7 busybox sh -c 'echo e >&2; exit 7'
        with "$1" 127 busybox nosuch
        says nosuch
        equals "$(echo typed | slipway run --rm -i --network none --runtime "$1" busybox cat)" typed
        # It is the runtime's work, and what the engine asks for holds there, too.
        with "$1" 0 -m 32m --cap-drop all --read-only --tmpfs /t -v "$BATS_TEST_TMPDIR:/b:ro" busybox \
            sh -c 'grep CapEff /proc/self/status; ! touch /x && touch /t/x && ! touch /b/x'
        says 0000000000000000
    }
    both check
}

@test "run -d, exec, pause, stats, logs, stop, start, rm" {
    check() {
        start_box --runtime "$1" --name other
        equals "$(slipway inspect -f '{{.HostConfig.Runtime}} {{.State.Status}}' other)" "$1 running"
        runs 3 inside sh -c 'echo inside; exit 3'
        says inside
        runs 127 inside nosuch
        equals "$(inside id -u)" 0
        slipway pause other
        equals "$(slipway inspect -f '{{.State.Status}}' other)" paused
        slipway unpause other
        [ "$(slipway stats --no-stream --format '{{.PIDs}}' other)" -ge 1 ]
        slipway top other | grep -q 'sleep 99'
        slipway stop -t 0 other
        equals "$(slipway inspect -f '{{.State.ExitCode}}' other)" 137
        slipway start other
        slipway restart -t 0 other
        slipway rm -f other
    }
    both check
}

@test "a terminal, in run and in exec" {
    check() {
        script -qec "nsenter -t $machine -n slipway run --rm -t --network none --runtime $1 busybox tty" \
            /dev/null < /dev/null | grep -q /dev/pts/0
        start_box --runtime "$1"
        script -qec "nsenter -t $machine -n slipway exec -t $box tty" /dev/null < /dev/null | grep -q /dev/pts
    }
    both check
}

@test "a network, restarts, health checks" {
    runs 0 slipway run --rm --runtime runc busybox ip addr show eth0
    says 'inet 172.'
    start_box --runtime runc --restart on-failure:1 --health-cmd 'echo well' --health-interval 100ms
    healthy() { [ "$(slipway inspect -f '{{.State.Health.Status}}' "$box")" = healthy ]; }
    until_true healthy
    kill -9 "$(slipway inspect -f '{{.State.Pid}}' "$box")"
    restarted() { [ "$(slipway inspect -f '{{.RestartCount}} {{.State.Status}}' "$box")" = '1 running' ]; }
    until_true restarted
}

@test "a path is kept; one that is not there, or that is no runtime, is refused" {
    refuses 'runtime "nosuch"' --network none --runtime nosuch busybox
    (cd "$memory" && nsenter -t "$machine" -n slipway create --network none --runtime ./crun --name path busybox)
    equals "$(slipway inspect -f '{{.HostConfig.Runtime}}' path)" "$CRUN"
    with /bin/false 125 busybox true
    says 'false create: exit status 1'
    with slipway-oci 0 busybox true
    refuses 'appear as the user' --network none --runtime runc -v "$BATS_TEST_TMPDIR:/b:U" busybox
}

@test "a runtime that fails midway leaves nothing" {
    bad_runtime create 'runc "$@" && exit 1'
    with "$bad" 125 busybox sleep 99
    bad_runtime start 'exit 1'
    with "$bad" 125 busybox sleep 99
    runs 125 slipway run -d --network none --runtime "$bad" busybox sleep 99
}

@test "kill -9 of the engine before, in and after create: the next command cleans up" {
    for script in 'kill -9 $PPID' 'runc "$@"; kill -9 $PPID'; do
        bad_runtime create "$script"
        runs 137 slipway run --network none --runtime "$bad" busybox sleep 99
        slipway ps -a
        remove_containers
    done
    start_box --runtime runc
    kill -9 "$(jq .monitor.pid "$SLIPWAY_STATE/containers/$box/run.json")"
    slipway ps > /dev/null
    runs 0 slipway ps -a
    says Exited
}
