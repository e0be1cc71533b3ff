#!/usr/bin/env bats
# SIGKILL at any moment, to the command, the monitor or the container: the next
# command tells the truth, and prune leaves nothing. FAULTS: how often each.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats.bash and images.bash assign

load helpers
load runtime
load images
load engine

: "${FAULTS:=25}"

setup_file() {
    setup_engine_file
    empty_groups > "$BATS_FILE_TMPDIR/groups"
    slipway volume create kept > /dev/null
    slipway run --rm -v kept:/v busybox sh -c 'echo kept > /v/file'
}
teardown_file() { teardown_engine_file; }
teardown() { remove_containers; }

# Groups of containers without a process in them.
empty_groups() {
    local group
    for group in $(find /sys/fs/cgroup -maxdepth 2 -name 'slipway-*' | sort); do
        [ -n "$(cat "$group/cgroup.procs" 2>/dev/null)" ] || echo "$group"
    done
}

# What has been killed is cleaned up, and nobody else's is touched.
nothing_is_left() {
    slipway ps -aq > "$BATS_TEST_TMPDIR/ids"
    while read -r id; do slipway rm -f "$id" > /dev/null; done < "$BATS_TEST_TMPDIR/ids"
    slipway system prune -f > /dev/null
    equals "$(find "$SLIPWAY_ROOT/engine/containers" "$SLIPWAY_ROOT/engine/names" \
        "$SLIPWAY_ROOT/engine/trash" "$SLIPWAY_STATE/containers" "$SLIPWAY_STATE/oci" \
        -mindepth 1 -maxdepth 1 -not -name '.*')" ""
    equals "$(empty_groups)" "$(cat "$BATS_FILE_TMPDIR/groups")"
    equals "$(slipway run --rm -v kept:/v busybox cat /v/file)" kept
    slipway image inspect busybox > /dev/null
    step4-images --root "$SLIPWAY_ROOT" fsck > /dev/null
}
many() {
    local i
    for ((i = 0; i < FAULTS; ++i)); do kill_sometime "$@"; done
}

@test "a power cut: layers that did not reach the disk are unpacked again" {
    slipway run --name cut busybox sh -c 'echo new > /file'
    power_cut "$SLIPWAY_ROOT/snapshots"
    equals "$(slipway run --rm busybox sh -c 'echo here')" here
    power_cut "$SLIPWAY_ROOT/snapshots"
    slipway start cut
    equals "$(slipway wait cut)" 0
    power_cut "$SLIPWAY_ROOT/snapshots"
    equals "$(slipway diff cut)" "A /file"
    power_cut "$SLIPWAY_ROOT/snapshots"
    slipway commit cut saved > /dev/null
    equals "$(slipway run --rm saved sh -c 'cat /file')" new
    power_cut "$SLIPWAY_ROOT/snapshots"
    printf 'FROM saved\nRUN sh -c "echo built > /built"\n' | slipway build -q -t built - > /dev/null
    slipway cp cut:/bin/sh "$BATS_TEST_TMPDIR/sh"
    slipway rm cut > /dev/null
    slipway rmi saved built > /dev/null
}

@test "killed: run in the foreground" {
    many 60000 on_machine slipway run --rm -v kept:/v busybox sh -c 'sleep 0.02'
    nothing_is_left
}

@test "killed: run -d, then rm -f" {
    many 60000 on_machine slipway run -d --network none busybox sleep 99
    for id in $(slipway ps -aq); do kill_sometime 40000 on_machine slipway rm -f "$id"; done
    nothing_is_left
}

@test "killed: create, commit, cp, rename, network connect" {
    slipway run -d --name busy busybox sleep 999
    slipway network create side > /dev/null
    many 30000 on_machine slipway create busybox true
    many 40000 on_machine slipway commit busy
    many 20000 on_machine slipway cp "$BATS_TEST_FILENAME" busy:/tmp/
    for ((i = 0; i < FAULTS; ++i)); do
        kill_sometime 20000 on_machine slipway network connect side busy
        kill_sometime 20000 on_machine slipway network disconnect -f side busy
        slipway network disconnect -f side busy
    done
    slipway exec busy true
    slipway rm -f busy
    slipway network rm side
    nothing_is_left
}

@test "killed: a commit that has paused its container, which the next command lets go on" {
    slipway run -d --name frozen busybox sh -c 'head -c 60000000 /dev/urandom > /file; sleep 999'
    written() { [ "$(slipway exec frozen stat -c %s /file)" = 60000000 ]; }
    until_true written
    status_is() { [ "$(slipway inspect -f '{{.State.Status}}' frozen)" = "$1" ]; }
    for next in exec ps; do
        nsenter -t "$machine" -n slipway commit frozen > /dev/null 3>&- &
        local reader=$!
        until_true status_is paused  # who looks does not end it
        kill -9 "$reader"
        wait "$reader" || true
        if [ "$next" = exec ]; then
            runs 0 slipway exec frozen true
        else
            runs 0 slipway ps
            says_not Paused
        fi
        status_is running
    done
    # A second reader, which waits for the first, ends the pause that is left.
    nsenter -t "$machine" -n slipway commit frozen > /dev/null 3>&- &
    reader=$!
    until_true status_is paused
    kill -STOP "$reader"
    nsenter -t "$machine" -n slipway commit frozen > /dev/null 3>&- &
    local second=$!
    until_true grep -q -- "-> FLOCK .* $second " /proc/locks
    kill -9 "$reader"
    wait "$reader" || true
    wait "$second"
    status_is running
    slipway pause frozen  # what somebody wants stays
    slipway ps | grep -q Paused
    slipway rm -f frozen
    nothing_is_left
}

@test "killed: the monitor, so its container ends, and it is said why" {
    local id pid
    id=$(slipway run -d --name watched busybox sleep 999)
    pid=$(jq .monitor.pid "$SLIPWAY_STATE/containers/$id/run.json")
    kill -9 "$pid"
    ended() { [ "$(slipway ps -q --filter name=watched)" = "" ]; }
    until_true ended
    runs 0 slipway inspect -f '{{.State.ExitCode}} {{.Slipway.Reason}}' watched
    says 137
    runs 0 slipway start watched
    runs 0 slipway exec watched true
    runs 0 slipway rm -f watched
    nothing_is_left
}

@test "killed: a network's name server and a container's proxy, which who looks next starts again" {
    slipway network create side > /dev/null
    slipway run -d --name served --network side -p 127.0.0.1:8099:80 busybox sleep 999
    helpers() { pgrep -f "^slipway-(dns|proxy) .*$SLIPWAY_STATE" | wc -l; }
    for look in "ps" "inspect served" "port served"; do
        [ "$(helpers)" = 2 ]
        pkill -9 -f "^slipway-(dns|proxy) .*$SLIPWAY_STATE"
        none() { [ "$(helpers)" = 0 ]; }
        until_true none
        # Its sockets go a moment after it: then another look does it.
        # shellcheck disable=SC2086 # words
        repaired() { slipway $look > /dev/null && [ "$(helpers)" = 2 ]; }
        until_true repaired
    done
    runs 0 slipway exec served nslookup served
    slipway rm -f served
    slipway network rm side
    nothing_is_left
}

@test "killed: the container's first process, from the host" {
    id=$(slipway run -d --name gone busybox sleep 999)
    kill -9 "$(jq .init.pid "$SLIPWAY_STATE/containers/$id/run.json")"
    runs 0 slipway wait gone
    equals "$output" 137
    runs 0 slipway inspect -f '{{json .}}' gone
    says "not from slipway"
    slipway rm gone
    nothing_is_left
}

@test "a hundred commands at once" {
    seq 100 | nsenter -t "$machine" -n xargs -P 16 -I{} \
        sh -c 'test "$(slipway run --rm busybox echo {})" = {} || exit 255'
    nothing_is_left
}
