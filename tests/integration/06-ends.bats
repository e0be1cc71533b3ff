#!/usr/bin/env bats
# Ends of containers by odd ways, and what happens beside them: signals that
# arrive, exit codes that are known, nothing that waits for ever.
# shellcheck disable=SC2010,SC2016,SC2030,SC2031,SC2154 # scripts for the shell inside; bats.bash assigns

load helpers
load runtime
load images
load engine

setup_file() { setup_engine_file; }
teardown_file() { teardown_engine_file; }
teardown() { remove_containers; }

# at_terminal COMMAND: the line, typed at a terminal of its own.
at_terminal() { script -qec "nsenter -t $machine -n $1" /dev/null < /dev/null 3>&- | tr -d '\r'; }
state_is() { [ "$(slipway inspect -f '{{.State.Status}}' "$1")" = "$2" ]; }
monitor_of() { jq .monitor.pid "$SLIPWAY_STATE/containers/$1/run.json"; }

@test "no signal is held back in the program, however it was started" {
    local none="SigBlk: 0000000000000000" blocked=(busybox grep SigBlk /proc/self/status)
    equals "$(at_terminal "slipway run --rm -t --network none ${blocked[*]}" | xargs)" "$none"
    equals "$(slipway run --rm --network none --sig-proxy=false "${blocked[@]}" | xargs)" "$none"
    equals "$(slipway run --rm --network none "${blocked[@]}" | xargs)" "$none"
    equals "$(slipway run --network none --restart on-failure:1 --name again "${blocked[@]}" | xargs)" "$none"
    equals "$(slipway start -a again | xargs)" "$none"
    # Nor when its policy starts it again.
    slipway run -d --network none --restart on-failure:1 --name twice busybox sh -c 'grep SigBlk /proc/self/status; exit 1'
    until_true state_is twice exited
    equals "$(slipway logs twice | sort -u | xargs)" "$none"
}

@test "a terminal's program hears stop" {
    local runner
    at_terminal "slipway run -t --network none --name polite busybox sh -c 'trap \"exit 5\" TERM; while :; do sleep 0.1; done'" & runner=$!
    until_true catches polite 15 2> /dev/null
    slipway stop -t 20 polite
    equals "$(slipway inspect -f '{{.State.ExitCode}}' polite)" 5
    wait "$runner" || true
}

@test "restart of a container with --rm keeps it, and its files; its end does not" {
    start_box --rm --name kept
    slipway exec kept touch /mine
    slipway restart -t 0 kept
    slipway exec kept ls /mine
    slipway stop -t 0 kept
    gone() { ! slipway inspect kept > /dev/null 2>&1; }
    until_true gone
}

@test "exec: a terminal of ours does not go in" {
    start_box
    equals "$(at_terminal "slipway exec $box sh -c 'readlink /proc/self/fd/1 | cut -c1-5; readlink /proc/self/fd/0'" | xargs)" "pipe: /dev/null"
    run at_terminal "slipway exec $box sh -c 'echo out; echo err >&2; exit 7'; echo code \$?"
    says out
    says err
    says "code 7"
    # What is ours and no terminal, goes in as it is.
    slipway exec "$box" readlink /proc/self/fd/1 > "$BATS_TEST_TMPDIR/out"
    equals "$(cat "$BATS_TEST_TMPDIR/out")" "$BATS_TEST_TMPDIR/out"
    equals "$(echo typed | slipway exec -i "$box" cat)" typed
}

@test "exec -d: nothing of ours goes in, and nobody waits for it" {
    start_box
    equals "$(timeout 20 "$BASH" -c 'x=$(nsenter -t '"$machine"' -n slipway exec -d '"$box"' sleep 98); echo "$x|"')" "|"
    slipway exec -d "$box" sh -c 'echo $(for fd in 0 1 2; do readlink /proc/$$/fd/$fd; done) > /seen.new; mv /seen.new /seen'
    until_true slipway exec "$box" test -e /seen
    equals "$(slipway exec "$box" cat /seen | xargs)" "/dev/null /dev/null /dev/null"
}

@test "wait: the exit code of one with --rm, whose monitor is killed" {
    local waiter
    start_box --rm
    nsenter -t "$machine" -n slipway wait "$box" > "$BATS_TEST_TMPDIR/code" 3>&- & waiter=$!
    waits() { ls -l "/proc/$waiter/fd" 2> /dev/null | grep -q pidfd; }
    until_true waits
    kill -KILL "$(monitor_of "$box")"
    wait "$waiter"
    equals "$(cat "$BATS_TEST_TMPDIR/code")" 137
    equals "$(ls "$SLIPWAY_ROOT/engine/trash")" ""
}

@test "stop: a run in the foreground that was stopped with Ctrl-Z does not hold it up" {
    local runner
    slipway run --network none --name front busybox sleep 99 & runner=$!
    until_true slipway top front > /dev/null 2>&1
    local id
    id=$(slipway inspect -f '{{.Id}}' front)
    kill -STOP "$(monitor_of "$id")"
    timeout 9 nsenter -t "$machine" -n slipway stop -t 0 front
    equals "$(slipway inspect -f '{{.State.ExitCode}}' front)" 137
    run wait "$runner"
}

@test "kill waits for the end that it makes" {
    start_box --name victim
    slipway kill victim
    slipway start victim
    state_is victim running
    slipway kill victim
    slipway rm victim
    # Of a paused one, too; and another signal lets it go on, to be heard.
    start_box --name frozen
    slipway pause frozen
    slipway kill frozen
    state_is frozen exited
    slipway run -d --network none --name heard busybox sh -c 'trap "exit 4" USR1; while :; do sleep 0.1; done'
    until_true catches heard 10
    slipway pause heard
    slipway kill -s USR1 heard
    equals "$(slipway wait heard)" 4
}
