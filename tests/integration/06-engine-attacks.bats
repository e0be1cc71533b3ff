#!/usr/bin/env bats
# Attacks on the engine, through its command line. The numbers are those of the
# list of security cases.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # scripts for the shell inside; bats.bash assigns

load helpers
load runtime
load images
load engine

setup_file() {
    setup_engine_file
    echo "secret of the host" > "$BATS_FILE_TMPDIR/victim"
}
teardown_file() { teardown_engine_file; }
teardown() {
    remove_containers
    equals "$(cat "$BATS_FILE_TMPDIR/victim")" "secret of the host"
}

@test "22: the shipped filter refuses what a container has no business with" {
    calls() { slipway run --rm --network none -v "$SLIPWAY_BIN/attack:/attack:ro" "$@" busybox /attack calls; }
    runs 0 calls
    # ptrace is allowed, of its own processes; its parent is none of them.
    equals "$(grep -v EPERM <<< "$output")" $'ptrace ESRCH\nclone3 ENOSYS'
    # Without the filter some of them work: the test sees a difference.
    runs 0 calls --security-opt seccomp=unconfined
    says "add_key done"
    says "unshare-user done"
}

@test "24: a fork bomb stays in its container" {
    run slipway run --rm --network none --pids-limit 64 busybox timeout 3 sh -c 'b() { b | b & }; b; sleep 1'
    says "fork"
    runs 0 true
}

@test "25: who takes all memory is killed inside, and it is said" {
    runs 137 slipway run --name hog --network none -m 32m busybox sh -c 'x=a; while :; do x=$x$x; done'
    says "killed for memory: --memory 32 MiB was not enough"
    runs 0 slipway inspect -f '{{.State.OOMKilled}}' hog
    equals "$output" true
}

@test "26: kill -1 inside reaches nobody outside" {
    start_box
    slipway run --rm --network none busybox sh -c 'sleep 99 & kill -9 -1; true'
    runs 0 inside true
}

@test "27: the monitor cannot be reached from inside, also with the host's network" {
    start_box
    runs 0 slipway run --rm --network host busybox sh -c 'grep -c slipway /proc/net/unix || true'
    equals "$output" 0
    on_machine grep -q /attach /proc/net/unix  # a file's name, not an abstract one
    run on_machine grep '@.*attach' /proc/net/unix
    equals "$output" ""
}

@test "28: names and ids that are none" {
    for name in .. ../x a/b "" -x "$(printf 'a%.0s' {1..300})" $'a\nb'; do
        run slipway run --name "$name" --network none --rm busybox true
        [ "$status" -ne 0 ] || [ -z "$name" ]
        run slipway rm "$name"
        [ "$status" -ne 0 ]
        run slipway volume rm -- "$name"
        [ "$status" -ne 0 ]
    done
    [ -f "$BATS_FILE_TMPDIR/victim" ]
    equals "$(container_ids)" ""
}

@test "29: a --cidfile that somebody has made a link is not followed" {
    ln -s "$BATS_FILE_TMPDIR/victim" "$BATS_TEST_TMPDIR/link"
    refuses "there already" --network none --cidfile "$BATS_TEST_TMPDIR/link" busybox true
}

# swap PATH: a container whose processes make PATH a folder, then a link to the
# host's, again and again.
swapper() {
    box=$(slipway run -d --network none busybox sh -c '
        mkdir -p /real /swap; echo inside > /real/victim
        while :; do
            rm -rf /swap; ln -s '"$1"' /swap; rm -f /swap; cp -r /real /swap
        done')
}

@test "46: cp while a folder becomes a link to the host's: CVE-2018-15664" {
    local target=$BATS_FILE_TMPDIR i
    swapper "$target"
    echo "from outside" > "$BATS_TEST_TMPDIR/new"
    for ((i = 0; i < ${ROUNDS:-60}; ++i)); do
        rm -rf "$BATS_TEST_TMPDIR/out"
        slipway cp "$box:/swap/victim" "$BATS_TEST_TMPDIR/out" 2> /dev/null || true
        [ ! -e "$BATS_TEST_TMPDIR/out" ] || ! grep host "$BATS_TEST_TMPDIR/out"
        slipway cp "$BATS_TEST_TMPDIR/new" "$box:/swap/victim" 2> /dev/null || true
    done
}

@test "47: a hostile libnss in the container is not loaded: CVE-2019-14271" {
    start_box
    inside sh -c 'mkdir -p /lib /etc; echo broken > /lib/libnss_files.so.2; echo "passwd: files evil" > /etc/nsswitch.conf'
    echo text > "$BATS_TEST_TMPDIR/file"
    runs 0 slipway cp "$BATS_TEST_TMPDIR/file" "$box:/tmp/"
    runs 0 slipway cp "$box:/etc/passwd" "$BATS_TEST_TMPDIR/"
    runs 0 inside cat /tmp/file
}

@test "48: /proc/self/root and links are the container's" {
    start_box
    inside ln -s "$BATS_FILE_TMPDIR" /leak
    inside ln -s / /root/up
    for path in "/proc/1/root$BATS_FILE_TMPDIR/victim" "/proc/self/root$BATS_FILE_TMPDIR/victim" \
        "/leak/victim" "/root/up/../..$BATS_FILE_TMPDIR/victim"; do
        run slipway cp "$box:$path" "$BATS_TEST_TMPDIR/stolen"
        [ "$status" -ne 0 ]
        [ ! -e "$BATS_TEST_TMPDIR/stolen" ]
    done
    # A link is copied as what it is, and not what it leads to here.
    runs 0 slipway cp "$box:/leak" "$BATS_TEST_TMPDIR/"
    [ -L "$BATS_TEST_TMPDIR/leak" ]
    slipway stop -t 0 "$box"
    run slipway cp "$box:/leak/victim" "$BATS_TEST_TMPDIR/stolen"
    [ "$status" -ne 0 ]
}

@test "what an image calls its command does not move the reader's cursor" {
    local evil=$'\e]0;title\a\e[2J'
    printf 'FROM busybox\nENTRYPOINT ["%s"]\n' '\u001b]0;title\u0007\u001b[2J' |
        slipway build -q -t evil - > /dev/null
    runs 127 slipway run --rm --network none evil
    says '\x1b]0;title\x07'
    says_not $'\e'
    runs 127 slipway --explain run --rm --network none --entrypoint "$evil" busybox
    says '\x1b]0;title\x07'
    says_not $'\e'
    slipway rmi evil > /dev/null
}

@test "a start that waits: the number of the container whose network it joins is another process's" {
    cat > "$BATS_TEST_TMPDIR/script" <<'END'
set -e
slipway run -d --name first --network none busybox sleep 99
pid=$(slipway inspect -f '{{.State.Pid}}' first)
slipway create --name second --network container:first -v waits:/etc busybox ls /sys/class/net
exec 9<> "$SLIPWAY_ROOT/engine/volumes/waits/.fill"
flock 9
slipway start -a second 9>&- &
start=$!
until grep -q -e '-> FLOCK' /proc/locks; do :; done
slipway rm -f first
echo $((pid - 1)) > /proc/sys/kernel/ns_last_pid
sleep 99 9>&- &
[ $! = "$pid" ]
flock -u 9
wait "$start"
END
    # In a pid namespace of its own, where nobody else takes numbers.
    runs 125 on_machine unshare --pid --fork --mount-proc --kill-child bash "$BATS_TEST_TMPDIR/script"
    says "is not running"
}
