#!/usr/bin/env bats
# exec and terminals of an OCI runtime.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # scripts for the shell inside; runtime.bash assigns

load helpers
load runtime

setup_file() { setup_runtime_file; }
teardown_file() { teardown_runtime_file; }
setup() { setup_bundle; }
teardown() { teardown_bundle; }

# in_it CODE [OPTION...] -- COMMAND...
in_it() {
    local code=$1 options=()
    shift
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    runs "$code" oci exec ${options[@]+"${options[@]}"} "$id" "$@"
}
# What receive_fd.py does with what comes at $socket: in $received.
receive() {
    socket=$BATS_TEST_TMPDIR/socket
    received=$BATS_TEST_TMPDIR/received
    python3 "$SLIPWAY_SOURCE/tests/helpers/receive_fd.py" "$1" "$socket" "${@:2}" > "$received" 2>&1 3>&- &
    receiver=$!
    until_true test -S "$socket"
}

@test "exec: namespaces, root, group are the container's" {
    start
    local kind pid
    pid=$(init_pid)
    for kind in pid net ipc uts mnt cgroup; do
        in_it 0 -- readlink "/proc/self/ns/$kind"
        equals "$output" "$(readlink "/proc/$pid/ns/$kind")"
    done
    in_it 0 -- cat /proc/self/cgroup
    equals "$output" "$(oci exec "$id" cat /proc/1/cgroup)"
    in_it 0 -- ps -o pid,args
    says "sleep 99"
    in_it 0 -- sh -c 'echo $PPID'
    equals "$output" 0
}

@test "exec: exit codes" {
    not_crun "it has other words for an id that is unknown"
    start
    in_it 7 -- sh -c 'exit 7'
    in_it 137 -- sh -c 'kill -KILL $$'
    in_it 143 -- sh -c 'kill -TERM $$'
    run oci exec "$id" nosuchprogram
    [ "$status" -ne 0 ]
    says nosuchprogram
    run oci exec "$id"
    [ "$status" -ne 0 ]
    run oci exec "$id-other" true
    [ "$status" -ne 0 ]
    says "does not exist"
}

@test "exec: into a created container, not into a stopped one" {
    create
    in_it 0 -- echo hello
    equals "$output" hello
    is_now created
    oci start "$id"
    oci kill "$id" KILL
    until_true is_now stopped
    run oci exec "$id" true
    [ "$status" -ne 0 ]
}

@test "exec: stdin, stdout, stderr; no descriptor more" {
    start
    local code=0
    echo input | oci exec "$id" sh -c 'cat; echo error >&2; exit 4' > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" || code=$?
    equals "$code" 4
    equals "$(cat "$BATS_TEST_TMPDIR/out")" input
    equals "$(cat "$BATS_TEST_TMPDIR/err")" error
    runs 0 "$RUNTIME" --root "$states" exec "$id" show-process 3>&- 5< / 9< /etc
    equals "$(grep '^fd' <<< "$output" | xargs)" "fd 0 fd 1 fd 2"
    runs 0 "$RUNTIME" --root "$states" exec --preserve-fds 2 "$id" show-process 3< /dev/null 4< /dev/null 5< /
    equals "$(grep '^fd' <<< "$output" | xargs)" "fd 0 fd 1 fd 2 fd 3 fd 4"
    only_ours "runc exits otherwise, crun takes it"
    runs 125 "$RUNTIME" --root "$states" exec --preserve-fds 4294967294 "$id" show-process
    says '--preserve-fds "4294967294"'
}

@test "exec --user: numbers in each form, and nothing becomes a silent 0" {
    not_crun "without --user it is root, whatever the config says"
    config '.process.user = {uid: 5, gid: 6, additionalGids: [7]}'
    start
    in_it 0 -- show-process
    says "uid 5 5 5"
    says "gid 6 6 6"
    in_it 0 --user 1000 -- show-process
    says "uid 1000 1000 1000"
    in_it 0 --user 1000:100 -- show-process
    says "uid 1000 1000 1000"
    says "gid 100 100 100"
    in_it 0 --user 0 -- show-process
    says "uid 0 0 0"
    only_ours "they take some of the rest"
    local form
    for form in 1000: :5 user user:1000 1000:group +5 -1 4294967295 4294967296 18446744073709551616 1e3 0x10 ' 1' 1.5 1:2:3; do
        run oci exec "--user=$form" "$id" id
        [ "$status" -ne 0 ] || { echo "takes $form: $output"; return 1; }
    done
}

@test "exec --cwd, --env, --additional-gids" {
    not_crun "with --env the variables of the config are gone, PATH, too"
    own_root
    config '.process.env += ["A=1"] | .process.cwd = "/tmp"'
    start
    in_it 0 --env B=2 --env A=3 -- sh -c 'echo $A $B; pwd'
    equals "$output" $'3 2\n/tmp'
    in_it 0 --cwd /var -- pwd
    equals "$output" /var
    only_ours "it is made, or so numbered, in other ways"
    in_it 0 --cwd /new/folder -- pwd
    equals "$output" /new/folder
    run oci exec --cwd relative "$id" pwd
    [ "$status" -ne 0 ]
    in_it 0 --additional-gids 7 --additional-gids 8 -- id -G
    equals "$output" "0 7 8"
}

@test "exec --cap, --no-new-privs" {
    only_ours "runc takes any name, crun lets noNewPrivileges go"
    start
    in_it 0 -- grep -E 'Cap|NoNew' /proc/self/status
    local before=$output
    equals "$before" "$(oci exec "$id" grep -E 'Cap|NoNew' /proc/1/status)"
    in_it 0 --cap CAP_SYS_PTRACE -- grep Cap /proc/self/status
    [[ $output =~ CapEff:[[:space:]]+([0-9a-f]+) ]]
    [ $((0x${BASH_REMATCH[1]} >> 19 & 1)) -eq 1 ]
    run oci exec --cap CAP_NO_SUCH "$id" true
    [ "$status" -ne 0 ]
    oci delete --force "$id"
    config '.process.noNewPrivileges = false'
    start
    in_it 0 -- grep NoNewPrivs /proc/self/status
    [[ $output == *0 ]]
    in_it 0 --no-new-privs -- grep NoNewPrivs /proc/self/status
    [[ $output == *1 ]] || ! ours
}

@test "exec --process: all of it from a file" {
    not_runc "it passes over umask"
    start
    jq -n '{args: ["sh", "-c", "id -u; id -g; pwd; echo $X; ulimit -n; umask; grep CapEff /proc/self/status"],
        cwd: "/tmp", env: ["X=y", "PATH=/bin"], user: {uid: 12, gid: 13, umask: 63},
        rlimits: [{type: "RLIMIT_NOFILE", soft: 77, hard: 78}],
        capabilities: {bounding: [], effective: [], permitted: []}}' > "$BATS_TEST_TMPDIR/process.json"
    runs 0 oci exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    equals "$(xargs <<< "$output")" "12 13 /tmp y 77 0077 CapEff: 0000000000000000"
    echo '{"args": []}' > "$BATS_TEST_TMPDIR/process.json"
    run oci exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    [ "$status" -ne 0 ]
    run oci exec --process "$BATS_TEST_TMPDIR/missing.json" "$id"
    [ "$status" -ne 0 ]
}

@test "exec: execCPUAffinity" {
    only_ours "newer than theirs"
    [ "$(nproc)" -gt 1 ] || skip "one processor"
    config '.process.execCPUAffinity = {initial: "0-1", final: "1"}'
    start
    in_it 0 -- grep Cpus_allowed_list /proc/self/status
    [[ $output == *[[:space:]]1 ]]
    in_it 0 -- grep Cpus_allowed_list /proc/1/status
    [[ $output != *[[:space:]]1 ]]
    # The first one can be seen in the acts only: it ends with the joining.
    oci --explain-to "$BATS_TEST_TMPDIR/acts" exec "$id" true
    equals "$(grep -c 'sched_setaffinity' "$BATS_TEST_TMPDIR/acts")" 2
    # And those before the program starts itself again are there, too.
    equals "$(grep -c 'execveat' "$BATS_TEST_TMPDIR/acts")" 1
}

@test "preserve-fds: with a gap it is refused" {
    only_ours "they do not look"
    run oci run --preserve-fds 3 --bundle "$bundle" "$id" 4< /dev/null
    [ "$status" -ne 0 ]
    says "is not open"
}

@test "exec --detach --pid-file" {
    not_crun "its delete does not wait for them"
    start
    oci exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id" sleep 77 > "$BATS_TEST_TMPDIR/out" 2>&1 < /dev/null
    local pid
    pid=$(cat "$BATS_TEST_TMPDIR/pid")
    equals "$(tr '\0' ' ' < "/proc/$pid/cmdline")" "sleep 77 "
    oci ps --format json "$id" | jq -e "index($pid)"
    [[ $(sed -n 's/^NSpid://p' "/proc/$pid/status") == *"$pid"* ]]
    oci delete --force "$id"
    [ ! -d "/proc/$pid" ]
}

@test "exec: killed from outside, the runtime says how" {
    start
    "$RUNTIME" --root "$states" exec --pid-file "$BATS_TEST_TMPDIR/pid" "$id" sleep 78 3>&- < /dev/null & local runner=$! code=0
    until_true test -s "$BATS_TEST_TMPDIR/pid"
    kill -TERM "$runner"
    wait "$runner" || code=$?
    equals "$code" 143
}

@test "exec: the limits of the config are the newcomer's, too" {
    config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 99, hard: 100}]
        | .process.oomScoreAdj = 321'
    start
    in_it 0 -- sh -c 'ulimit -n; cat /proc/self/oom_score_adj'
    ours || skip "not all do that"
    equals "$(xargs <<< "$output")" "99 321"
}

@test "exec: thirty at once" {
    start
    local pids=() pid
    while [ "${#pids[@]}" -lt 30 ]; do
        oci exec "$id" true & pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    oci exec "$id" true
}

# --- Terminals --------------------------------------------------------------------

@test "create --console-socket: the terminal comes, with its size, and is the console" {
    receive terminal 'echo $((40 + 2)); tty; exit
'
    config '.process.terminal = true | .process.consoleSize = {height: 33, width: 77}'
    command_is sh
    create --console-socket "$socket"
    oci start "$id"
    wait "$receiver"
    run cat "$received"
    says "size 33 77"
    says 42
    says /dev/pts/0
    until_true is_now stopped
}

@test "the terminal: /dev/console, /dev/tty, job control, its user" {
    receive terminal ''
    config '.process.terminal = true | .process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
    command_is sh -c 'stat -c "%u %t" /dev/pts/0; echo to-console > /dev/console; echo to-tty > /dev/tty; cut -d" " -f6,8 /proc/self/stat'
    create --console-socket "$socket"
    oci start "$id"
    wait "$receiver"
    run cat "$received"
    says "1000 88"
    says to-console
    says to-tty
    says "1 1"
}

@test "terminals: who does not take one is told" {
    config '.process.terminal = true'
    tries create --bundle "$bundle" "$id"
    [ "$status" -ne 0 ]
    tries create --bundle "$bundle" --console-socket "$BATS_TEST_TMPDIR/nobody" "$id"
    [ "$status" -ne 0 ]
    config '.process.terminal = false'
    only_ours "some do not mind"
    tries create --bundle "$bundle" --console-socket "$BATS_TEST_TMPDIR/nobody" "$id"
    [ "$status" -ne 0 ]
    leaves_nothing
}

@test "exec --tty with a console socket" {
    start
    receive terminal 'stty -echo; echo out''put; exit 3
'
    local code=0
    oci exec --tty --console-socket "$socket" --detach "$id" sh || code=$?
    equals "$code" 0
    wait "$receiver"
    run cat "$received"
    says "size 0 0"
    says output
}

@test "run and exec at a terminal of the caller's" {
    only_ours "these are its answers"
    config '.process.terminal = true'
    command_is sh -c 'tty; stty size; exit 6'
    runs 6 script -qec "stty rows 22 columns 66; $RUNTIME --root $states run --bundle $bundle $id" /dev/null < /dev/null
    says /dev/pts/0
    says "22 66"
    config '.process.terminal = false'
    command_is sleep 99
    start
    runs 4 script -qec "stty rows 22 columns 66; $RUNTIME --root $states exec -t $id sh -c 'stty size; exit 4'" /dev/null < /dev/null
    says "22 66"
}
