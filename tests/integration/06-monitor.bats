#!/usr/bin/env bats
# What stays with a container: its log, who is attached, its end, and what is
# left when somebody is killed.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # scripts for the shell inside; bats.bash assigns

load helpers
load runtime
load images
load engine

setup_file() { setup_engine_file; }
teardown_file() { teardown_engine_file; }
teardown() { remove_containers; }

# start SCRIPT [OPTION...]: in the background, its id in $box.
start() {
    local script=$1
    shift
    box=$(slipway run -d --network none "$@" busybox sh -c "$script")
}
log_file() { echo "$SLIPWAY_ROOT/engine/containers/$box/$box-json.log$1"; }
# pid_of monitor|init
pid_of() { jq ".$1.pid" "$SLIPWAY_STATE/containers/$box/run.json"; }
state_is() { [ "$(slipway inspect -f '{{.State.Status}}' "$box")" = "$1" ]; }
logs_say() { slipway logs "$box" 2>&1 | grep -q "$1"; }
# type_into CONTAINER: attached in the background; what is written to descriptor
# 7 is its input. Its process is $typist.
type_into() {
    mkfifo "$BATS_TEST_TMPDIR/typed"
    nsenter -t "$machine" -n slipway attach "$1" < "$BATS_TEST_TMPDIR/typed" 3>&- &
    typist=$!
    exec 7> "$BATS_TEST_TMPDIR/typed"
}
stop_typing() {
    exec 7>&-
    kill "$typist"
}
# In the background; not the function slipway: its process is to be killed.
beside() { nsenter -t "$machine" -n slipway "$@" 3>&- & }

@test "logs: both streams, the last lines, times, details" {
    start 'for i in 1 2 3; do echo line $i; done; echo oh >&2' \
        --label app=web --log-opt labels=app
    slipway wait "$box"
    run --separate-stderr slipway logs "$box"
    equals "$output" $'line 1\nline 2\nline 3'
    equals "$stderr" oh
    runs 0 slipway logs -n 2 "$box"
    [ "$(wc -l <<< "$output")" = 2 ]
    runs 0 slipway logs --tail 0 "$box"
    equals "$output" ""
    runs 0 slipway logs -t --details "$box"
    [[ ${lines[0]} =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{9}Z\ app=web\ line\ 1$ ]]
    runs 0 slipway logs --since 1h "$box"
    says "line 1"
    runs 0 slipway logs --until 1h "$box"
    equals "$output" ""
    runs 125 slipway logs --since yesterday "$box"
    says "neither a time nor so long ago"
}

@test "logs: Docker's json-file form" {
    start 'printf "a \"<b>\"\tc\nno end"'
    slipway wait "$box"
    equals "$(jq -c '[.log, .stream]' "$(log_file)")" \
        $'["a \\"<b>\\"\\tc\\n","stdout"]\n["no end","stdout"]'
    grep -qE '^\{"log":"a \\"\\u003cb\\u003e\\"\\u0009c\\n","stream":"stdout","time":"[^"]+Z"\}$' "$(log_file)"
}

@test "logs -f: goes on over rotations, and ends with the container" {
    start 'i=0; while [ $i -lt 400 ]; do echo $i; i=$((i + 1)); done' \
        --log-opt max-size=4k --log-opt max-file=50
    runs 0 slipway logs -f "$box"
    equals "$output" "$(seq 0 399)"
    runs 0 slipway logs --tail 100 "$box"
    equals "$output" "$(seq 300 399)"
    # Of one that does not run there is nothing to wait for.
    runs 0 slipway logs -f -n 1 "$box"
    equals "$output" 399
}

@test "logs: they do not fill the disk" {
    start 'head -c 3000000 /dev/zero | tr "\0" "\n"' --log-opt max-size=100k --log-opt max-file=2
    slipway wait "$box"
    [ -e "$(log_file .1)" ]
    [ ! -e "$(log_file .2)" ]
    # A line behind the limit is the most.
    [ "$(cat "$(log_file)" "$(log_file .1)" | wc -c)" -lt 210000 ]
}

@test "logs: on a full disk the container goes on, and the loss is said" {
    start 'while read word; do echo $word; done' -i
    type_into "$box" > "$BATS_TEST_TMPDIR/out"
    echo first >&7
    until_true logs_say first
    used=$(df --output=used "$memory" | tail -1)
    mount -o "remount,size=$((used + 100))k" "$memory"
    yes lost | head -n 5000 >&7
    echo all-said >&7
    until_true grep -q all-said "$BATS_TEST_TMPDIR/out"
    mount -o remount,size=50% "$memory"
    echo room >&7
    until_true logs_say room
    logs_say "slipway: the log could not take [0-9]* lines: No space left on device"
    stop_typing
    state_is running
}

@test "attach: several at once, input from one of them" {
    start 'while read word; do echo got $word; done; exit 5' -i
    beside attach "$box" < /dev/null > "$BATS_TEST_TMPDIR/one" 2>&1
    one=$!
    type_into "$box" > "$BATS_TEST_TMPDIR/two" 2>&1
    # Both are attached when they get this.
    both_got() { grep -q "$1" "$BATS_TEST_TMPDIR/one" && grep -q "$1" "$BATS_TEST_TMPDIR/two"; }
    say_again() { echo a >&7; both_got "got a"; }
    until_true say_again
    echo last >&7
    until_true both_got "got last"
    # Killed, one that is attached leaves the other and the container alone.
    kill -9 "$one"
    echo more >&7
    until_true grep -q "got more" "$BATS_TEST_TMPDIR/two"
    state_is running
    slipway kill "$box" > /dev/null
    code=0
    wait "$typist" || code=$?
    exec 7>&-
    equals "$code" 137
}

@test "attach: its socket is a file that only the owner enters" {
    start_box
    socket=$SLIPWAY_STATE/containers/$box/attach
    equals "$(stat -c '%A %u' "$socket")" "srw------- 0"
    equals "$(stat -c %a "$SLIPWAY_STATE/containers/$box")" 700
    # No abstract name, which a container with the host's network could reach.
    run ! on_machine grep -q "@.*$box" /proc/net/unix
}

@test "attach -t: a screen, keys that leave it, and again" {
    runs 0 python3 - <<'PYTHON'
import fcntl, os, pty, signal, struct, termios
signal.alarm(60)

class Client:
    def __init__(self, *words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # Before it starts: it tells the size then.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
            os.execvp("slipway", ["slipway", *words])
        self.unread = b""

    def until(self, text):
        while text not in self.unread:
            self.unread += os.read(self.fd, 1000)
        self.unread = self.unread.partition(text)[2]

    def types(self, text):
        os.write(self.fd, text)

    def end(self):
        try:
            while os.read(self.fd, 1000):
                pass
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

run = Client("run", "-it", "--network", "none", "--name", "screen", "busybox", "sh")
run.until(b"#")
run.types(b"stty size\n")
run.until(b"33 77")
run.types(b"\x10\x11")
assert run.end() == 0
one = Client("attach", "screen")
# What it types is shown to it: it is attached.
one.types(b"echo on''e\n")
one.until(b"one")
two = Client("attach", "--detach-keys", "x,y", "screen")
two.types(b"echo tw''o\n")
two.until(b"two")
one.until(b"two")
two.types(b"xy")
assert two.end() == 0
one.types(b"exit 6\n")
assert one.end() == 6
PYTHON
}

@test "wait: the exit codes, in order, of those that run and have run" {
    start 'exit 3'
    one=$box
    start 'read x; exit 4' -i
    two=$box
    slipway wait "$one" > /dev/null
    beside wait "$one" "$two" > "$BATS_TEST_TMPDIR/codes"
    waits=$!
    echo | slipway attach "$two" > /dev/null || true
    wait "$waits"
    equals "$(< "$BATS_TEST_TMPDIR/codes")" $'3\n4'
}

@test "kill -9 of the monitor: the container ends, and the next command says so" {
    start 'echo before; sleep 99'
    until_true logs_say before
    init=$(pid_of init)
    kill -9 "$(pid_of monitor)"
    gone() { [ ! -e "/proc/$init" ]; }
    until_true gone
    runs 0 slipway ps -a --no-trunc --format '{{.ID}} {{.Status}}'
    says "$box Exited (137)"
    runs 0 slipway inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' "$box"
    says "exited 137"
    runs 0 slipway wait "$box"
    equals "$output" 137
    # It keeps what it has written, and starts again.
    slipway start "$box"
    says_twice() { [ "$(slipway logs "$box" | grep -c before)" = 2 ]; }
    until_true says_twice
}

@test "kill -9 of who is attached, and of the first process" {
    beside run --network none --name monitor-cli -i busybox sleep 99 < /dev/zero > /dev/null 2>&1
    client=$!
    runs_now() { slipway exec monitor-cli true 2> /dev/null; }
    until_true runs_now
    box=$(slipway ps -q --no-trunc -f name=monitor-cli)
    kill -9 "$(pid_of init)"
    code=0
    wait "$client" || code=$?
    equals "$code" 137
    runs 0 slipway ps -a -f name=monitor-cli
    says "Exited (137)"

    start 'cat' -i
    type_into "$box" > "$BATS_TEST_TMPDIR/out"
    echo hello >&7
    until_true grep -q hello "$BATS_TEST_TMPDIR/out"
    kill -9 "$typist"
    exec 7>&-
    state_is running
}

@test "restart: waits longer each time, is stopped while it waits" {
    start 'echo again; exit 1' --restart always
    three() { [ "$(slipway logs "$box" | wc -l)" -ge 3 ]; }
    until_true three
    waits() { state_is restarting; }
    until_true waits
    slipway stop "$box" > /dev/null
    state_is exited
    before=$(slipway logs "$box" | wc -l)
    # Killed while it waits, it is not started again either.
    slipway start "$box"
    until_true waits
    kill -9 "$(pid_of monitor)"
    runs 0 slipway ps -a --no-trunc --format '{{.ID}} {{.Status}}'
    says "$box Exited"
    [ "$(slipway logs "$box" | wc -l)" -gt "$before" ]
}

@test "memory: a monitor that waits is small" {
    start_box
    monitor=$(pid_of monitor)
    equals "$(< "/proc/$monitor/comm")" slipway-monitor
    # It gives back what its start needed after a second; 350 KiB in a release.
    is_small() { [ "$(awk '$1 == "Pss:" { print $2 }' "/proc/$monitor/smaps_rollup")" -le 450 ]; }
    until_true is_small
    equals "$(find "/proc/$monitor/fd" -lname '*lock*' | wc -l)" 0
}
