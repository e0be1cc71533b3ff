#!/usr/bin/env bats
# An OCI runtime's verbs, and the states between which they lead: OCI runtime
# specification, runtime.md. Other runtimes pass most of it, too: runtime.bash.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # scripts for the shell inside; runtime.bash assigns

load helpers
load runtime

setup_file() { setup_runtime_file; }
teardown_file() { teardown_runtime_file; }
setup() { setup_bundle; }
teardown() { teardown_bundle; }

# --- create, start, kill, delete ------------------------------------------------

@test "from create to delete: each state, and what is true in it" {
    not_crun "it says it in other words, or not at all"
    command_is sh -c 'echo runs; exec sleep 99'
    config '.annotations = {"com.example.key": "value"}'
    create
    is_now created
    local pid
    pid=$(init_pid)
    [ -d "/proc/$pid" ]
    [ ! -s "$log" ]
    equals "$(state_of .id)" "$id"
    equals "$(state_of .bundle)" "$bundle"
    equals "$(state_of '.annotations["com.example.key"]')" value
    [[ $(state_of .ociVersion) == 1.* ]]
    oci start "$id"
    is_now running
    equals "$(init_pid)" "$pid"
    until_says runs
    oci kill "$id" KILL
    until_true is_now stopped
    oci delete "$id"
    run oci state "$id"
    [ "$status" -ne 0 ]
    says "does not exist"
}

@test "start: once, and only what was created" {
    not_crun "it says it in other words, or not at all"
    run oci start "$id"
    [ "$status" -ne 0 ]
    says "does not exist"
    start
    run oci start "$id"
    [ "$status" -ne 0 ]
    is_now running
    oci kill "$id" KILL
    until_true is_now stopped
    run oci start "$id"
    [ "$status" -ne 0 ]
    says stopped
}

@test "kill: of a created one, by name and number; not of a stopped one" {
    not_crun "it says it in other words, or not at all"
    command_is sh -c 'trap "echo got-usr1" USR1; trap "echo got-term; exit 3" TERM; echo up; while :; do sleep 0.05; done'
    start
    until_says up
    oci kill "$id" USR1
    until_says got-usr1
    oci kill "$id" SIGUSR1
    oci kill "$id" 10
    oci kill "$id"
    until_says got-term
    until_true is_now stopped
    run oci kill "$id" KILL
    [ "$status" -ne 0 ]
    says "not running"
    oci delete "$id"
    create
    oci kill "$id" KILL
    until_true is_now stopped
}

@test "kill: a signal that there is not, a container that there is not" {
    not_crun "it says it in other words, or not at all"
    start
    run oci kill "$id" NOSIGNAL
    [ "$status" -ne 0 ]
    run oci kill "$id" 4711
    [ "$status" -ne 0 ]
    is_now running
    run oci kill "$id-other" TERM
    [ "$status" -ne 0 ]
    says "does not exist"
}

@test "kill --all: those behind the first process, too" {
    command_is sh -c 'sleep 98 & sleep 97 & exec sleep 99'
    config '.linux.namespaces |= map(select(.type != "pid"))'
    start
    three() { [ "$(oci ps --format json "$id" | jq length)" -eq 3 ]; }
    until_true three
    oci kill --all "$id" KILL
    until_true is_now stopped
    oci delete "$id"
}

@test "delete: of a running one only by force; of a missing one never an error then" {
    not_crun "it says it in other words, or not at all"
    start
    run oci delete "$id"
    [ "$status" -ne 0 ]
    says running
    is_now running
    oci delete --force "$id"
    run oci delete "$id"
    [ "$status" -ne 0 ]
    says "does not exist"
    oci delete --force "$id"
    create
    oci delete --force "$id"
    leaves_nothing
}

@test "delete: processes of a container without a pid namespace do not stay" {
    command_is sh -c 'setsid sleep 4711 & echo $!; exit 0'
    config '.linux.namespaces |= map(select(.type != "pid"))'
    start
    until_true is_now stopped
    local orphan
    orphan=$(cat "$log")
    [ -d "/proc/$orphan" ]
    oci delete --force "$id"
    gone() { [ ! -d "/proc/$orphan" ] || grep -q '^State:.*Z' "/proc/$orphan/status"; }
    until_true gone
}

@test "an id is used once at a time, and again after delete" {
    create
    tries create --bundle "$bundle" "$id"
    [ "$status" -ne 0 ]
    says exist
    is_now created
    oci delete --force "$id"
    create
    is_now created
}

@test "ids: letters, digits, _+-. and no path" {
    not_crun "its delete follows the path: 1.8 removes .."
    local odd
    for odd in .. . a/b ../x '' "$(printf 'a%.0s' {1..300})" 'a b' a$'\n'b 'ä' 'a*'; do
        for verb in create state delete; do
            run oci "$verb" "$odd"
            [ "$status" -ne 0 ] || { echo "$verb takes ${odd@Q}"; return 1; }
        done
    done
    run ls -A "$BATS_TEST_TMPDIR"
    says_not x
    id=A_1+b-c.9-$$ start
    oci delete --force "A_1+b-c.9-$$"
}

@test "what is changed in config.json after create has no effect" {
    command_is echo first
    create
    command_is echo second
    oci start "$id"
    until_says first
    until_true is_now stopped
}

@test "a failing create leaves nothing, and names the reason" {
    command_is nosuchprogram
    refuses nosuchprogram
    config '.mounts += [{"destination": "/x", "type": "bind", "source": "/nonexistent-source", "options": ["bind"]}]'
    refuses nonexistent-source
    tries create --bundle "$BATS_TEST_TMPDIR/nothing" "$id"
    [ "$status" -ne 0 ]
    tries create --bundle "$BATS_TEST_TMPDIR" "$id"
    [ "$status" -ne 0 ]
    says config.json
    cp "$BATS_FILE_TMPDIR/base.json" "$bundle/config.json"
    tries create --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/no/folder" "$id"
    [ "$status" -ne 0 ]
    leaves_nothing
}

@test "what is missing in the bundle: the root filesystem" {
    config '.root.path = "missing"'
    refuses missing
}

@test "start fails: the program is not what it seemed" {
    only_ours "they say it elsewhere"
    own_root
    printf '#!/nosuchinterpreter\n' > "$root/bin/broken"
    chmod +x "$root/bin/broken"
    command_is broken
    create
    run oci start "$id"
    [ "$status" -ne 0 ]
    says broken
    until_true is_now stopped
    oci delete "$id"
}

# --- run --------------------------------------------------------------------------

@test "run: exit codes" {
    inside 0 'exit 0'
    inside 7 'exit 7'
    command_is sleep 99
    local code=0
    "$RUNTIME" --root "$states" run --bundle "$bundle" "$id" 3>&- < /dev/null & local runner=$!
    until_true is_now running
    oci kill "$id" KILL
    wait "$runner" || code=$?
    equals "$code" 137
    ours || return 0
    command_is nosuchprogram
    runs 1 oci run --bundle "$bundle" "$id"  # as runc: its callers expect 1
    says nosuchprogram
}

@test "run: stdin, stdout, stderr are the caller's" {
    command_is sh -c 'cat; echo error >&2; exit 4'
    local code=0
    echo input | oci run --bundle "$bundle" "$id" > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" || code=$?
    equals "$code" 4
    equals "$(cat "$BATS_TEST_TMPDIR/out")" input
    equals "$(cat "$BATS_TEST_TMPDIR/err")" error
}

@test "run: signals go on to the container" {
    command_is sh -c 'trap "echo got-term; exit 5" TERM; echo up; while :; do sleep 0.05; done'
    local log=$BATS_TEST_TMPDIR/log code=0
    "$RUNTIME" --root "$states" run --bundle "$bundle" "$id" > "$log" 2>&1 3>&- < /dev/null & local runner=$!
    until_says up
    kill -TERM "$runner"
    wait "$runner" || code=$?
    equals "$code" 5
    grep -q got-term "$log"
    leaves_nothing
}

@test "run --detach, --keep, --pid-file" {
    local log=$BATS_TEST_TMPDIR/log
    oci run --detach --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" > "$log" 2>&1
    is_now running
    equals "$(cat "$BATS_TEST_TMPDIR/pid")" "$(init_pid)"
    oci delete --force "$id"
    command_is true
    not_crun "--keep is newer"
    oci run --keep --bundle "$bundle" "$id"
    is_now stopped
    equals "$(state_of .pid)" 0
    oci delete "$id"
}

@test "create --pid-file: the number alone" {
    create --pid-file "$BATS_TEST_TMPDIR/pid"
    equals "$(cat "$BATS_TEST_TMPDIR/pid" && echo x)" "$(init_pid)x"
}

@test "--preserve-fds: those and no others" {
    command_is sh -c 'cat <&3; ls /proc/self/fd'
    echo secret > "$BATS_TEST_TMPDIR/file"
    local log=$BATS_TEST_TMPDIR/log
    "$RUNTIME" --root "$states" run --preserve-fds 2 --bundle "$bundle" "$id" 3< "$BATS_TEST_TMPDIR/file" 4< /dev/null 5< / > "$log" 2>&1
    run cat "$log"
    says secret
    equals "$(sed -n '2,$p' "$log" | tr '\n' ' ')" "0 1 2 3 4 5 "  # 5 is ls's own
    command_is ls -l /proc/self/fd
    runs 0 "$RUNTIME" --root "$states" run --bundle "$bundle" "$id" 3>&- 5< /
    says_not "5 ->"
}

# --- Looking ----------------------------------------------------------------------

@test "list: as a table, as JSON, ids alone" {
    not_crun "it says it in other words, or not at all"
    runs 0 oci list --format json
    [[ $output == '[]' || $output == null ]]
    create
    runs 0 oci list
    [[ ${lines[0]} == ID*PID*STATUS*BUNDLE*CREATED*OWNER* ]] || not_crun "other columns"
    [[ ${lines[1]} == "$id "*created*"$bundle"* ]]
    runs 0 oci list --quiet
    equals "$output" "$id"
    runs 0 oci list --format json
    equals "$(jq -r '.[0] | .id + " " + .status' <<< "$output")" "$id created"
    run oci list --format yaml
    ! ours || [ "$status" -ne 0 ]
}

@test "ps: the processes, by their numbers on the host" {
    command_is sh -c 'sleep 98 & exec sleep 99'
    start
    two() { [ "$(oci ps --format json "$id" | jq length)" -eq 2 ]; }
    until_true two
    runs 0 oci ps --format json "$id"
    [ "$(jq "index($(init_pid))" <<< "$output")" != null ]
    runs 0 oci ps "$id"
    says "$(init_pid)"
    ! ours || says "sleep 98"
}

@test "pause and resume, and what is refused in between" {
    command_is sh -c 'while :; do echo tick; sleep 0.05; done'
    start
    until_says tick
    oci pause "$id"
    is_now paused
    local before
    before=$(wc -l < "$log")
    sleep 0.2
    equals "$(wc -l < "$log")" "$before"
    run oci exec "$id" true
    [ "$status" -ne 0 ]
    says paused
    run oci pause "$id"
    ! ours || [ "$status" -ne 0 ]
    oci resume "$id"
    is_now running
    more() { [ "$(wc -l < "$log")" -gt "$before" ]; }
    until_true more
    run oci resume "$id"
    ! ours || [ "$status" -ne 0 ]
    oci pause "$id"
    run oci delete "$id"
    [ "$status" -ne 0 ]
    oci delete --force "$id"
}

@test "kill -9 of a paused one ends it" {
    only_ours "there it must be resumed first"
    start
    oci pause "$id"
    oci kill "$id" KILL
    until_true is_now stopped
    oci delete "$id"
}

@test "update: each limit" {
    start
    oci update --memory 64m --memory-reservation 32m --cpu-period 50000 --cpu-quota 25000 --pids-limit 50 "$id" || { ours && return 1; skip "other words"; }
    equals "$(limit memory.limit_in_bytes memory.max)" $((64 << 20))
    equals "$(limit memory.soft_limit_in_bytes memory.low)" $((32 << 20))
    ! has_v1 cpu || equals "$(limit cpu.cfs_quota_us -)" 25000
    ! has_v1 cpu || equals "$(limit cpu.cfs_period_us -)" 50000
    equals "$(limit pids.max pids.max)" 50
    oci update --cpu-share 512 --cpuset-cpus 0 --cpuset-mems 0 "$id"
    ! has_v1 cpu || equals "$(limit cpu.shares -)" 512
    equals "$(limit cpuset.cpus cpuset.cpus)" 0
    oci update --pids-limit -1 "$id"
    equals "$(limit pids.max pids.max)" max
    oci update --cpu-quota -1 "$id"
    ! has_v1 cpu || equals "$(limit cpu.cfs_quota_us -)" -1
    [ "$(cat "$(group_of_container memory)"/memory.limit_in_bytes)" -eq $((64 << 20)) ] || ! has_v1 memory
}

@test "update: memory with swap, up and down" {
    start
    has_v1 memory || skip "v1's two files"
    local size
    for size in 64 128 32 256; do
        oci update --memory $((size << 20)) --memory-swap $((2 * size << 20)) "$id"
        equals "$(limit memory.limit_in_bytes -)" $((size << 20))
        equals "$(limit memory.memsw.limit_in_bytes -)" $((2 * size << 20))
    done
    oci update --memory -1 --memory-swap -1 "$id"
    [ "$(limit memory.limit_in_bytes -)" -gt $((1 << 50)) ]
}

@test "update --resources: from a file, from stdin; nonsense is refused" {
    not_crun "it says it in other words, or not at all"
    start
    oci update --resources - "$id" <<< '{"pids": {"limit": 33}, "memory": {"limit": 67108864}}'
    equals "$(limit pids.max pids.max)" 33
    echo '{"pids": {"limit": 34}}' > "$BATS_TEST_TMPDIR/resources"
    oci update --resources "$BATS_TEST_TMPDIR/resources" "$id"
    equals "$(limit pids.max pids.max)" 34
    equals "$(limit memory.limit_in_bytes memory.max)" $((64 << 20))
    local bad
    for bad in '{"pids": {"limit": "many"}}' '{' '[]'; do
        run oci update --resources - "$id" <<< "$bad"
        [ "$status" -ne 0 ]
    done
    equals "$(limit pids.max pids.max)" 34
    oci kill "$id" KILL
    until_true is_now stopped
    run oci update --pids-limit 5 "$id"
    ! ours || [ "$status" -ne 0 ]
}

@test "events --stats" {
    not_crun "it has none"
    start
    oci update --pids-limit 50 "$id"
    runs 0 oci events --stats "$id"
    equals "$(jq -r '.type + " " + .id' <<< "$output")" "stats $id"
    equals "$(jq .data.pids.current <<< "$output")" 1
    equals "$(jq .data.pids.limit <<< "$output")" 50
    [ "$(jq .data.memory.usage.usage <<< "$output")" -gt 0 ]
    [ "$(jq .data.cpu.usage.total <<< "$output")" -gt 0 ]
    oci kill "$id" KILL
    until_true is_now stopped
    run oci events --stats "$id"
    [ "$status" -ne 0 ]
}

@test "features: what it says is true of the document's form" {
    only_ours "newer than theirs"
    runs 0 oci features
    local words
    for words in '.linux.namespaces | index("time")' '.linux.capabilities | index("CAP_SYS_ADMIN")' \
        '.mountOptions | index("rro")' '.hooks | length == 6' '.linux.cgroup.v2' \
        '.linux.seccomp.actions | index("SCMP_ACT_NOTIFY")' '.ociVersionMax | startswith("1.")' \
        '.linux.mountExtensions.idmap.enabled' '.linux.apparmor.enabled == false'; do
        jq -e "$words | . != null and . != false" <<< "$output" > /dev/null || { echo "$words"; return 1; }
    done
}

@test "spec: writes an example that runs, and nothing over another" {
    not_crun "it says it in other words, or not at all"
    local here=$BATS_TEST_TMPDIR/new
    mkdir "$here"
    oci spec --bundle "$here"
    jq -e '.process.args == ["sh"]' "$here/config.json"
    run oci spec --bundle "$here"
    [ "$status" -ne 0 ]
    jq --arg root "$ROOT" '.root.path = $root | .process.terminal = false | .process.args = ["hostname"]' "$here/config.json" > "$here/c"
    mv "$here/c" "$here/config.json"
    oci run --bundle "$here" "$id"
    rm "$here/config.json"
    oci spec --rootless --bundle "$here"
    jq -e '.linux.uidMappings[0].containerID == 0' "$here/config.json"
}

# --- What is said -----------------------------------------------------------------

@test "--log: one line of JSON for a failure, for whoever started us" {
    not_crun "it says it in other words, or not at all"
    local file=$BATS_TEST_TMPDIR/oci.log
    run oci --log "$file" --log-format json state "$id"
    [ "$status" -ne 0 ]
    equals "$(tail -1 "$file" | jq -r .level)" error
    [[ $(tail -1 "$file" | jq -r .msg) == *"does not exist"* ]]
    jq -e .time "$file" > /dev/null
    not_crun "text is other"
    run oci --log "$file.text" state "$id"
    grep -q 'level=error msg=.*does not exist' "$file.text"
    run oci --log-format xml state "$id"
    [ "$status" -ne 0 ]
}

@test "--log: names with line breaks stay in their record" {
    only_ours "we only know of us"
    local file=$BATS_TEST_TMPDIR/oci.log
    run oci --log "$file" --log-format json state $'a\n{"level":"info"}\x01\xff'
    equals "$(wc -l < "$file")" 1
    jq -e . "$file" > /dev/null
    run oci --log "$file.text" state $'a\nlevel=info'
    equals "$(wc -l < "$file.text")" 1
}

@test "--systemd-cgroup is refused, with what to do" {
    only_ours "they try"
    run oci --systemd-cgroup create --bundle "$bundle" "$id"
    [ "$status" -ne 0 ]
    says cgroupfs
    leaves_nothing
}

@test "wrong verbs, words and options: help, and no harm" {
    only_ours "other words"
    run oci strat "$id"
    [ "$status" -ne 0 ]
    says "start"
    run oci start
    [ "$status" -eq 1 ]
    says "usage"
    run oci start "$id" more
    [ "$status" -eq 1 ]
    says "one word too many"
    tries create --nosuchoption "$id"
    [ "$status" -ne 0 ]
}

# --- Hooks ------------------------------------------------------------------------

# A hook of kind $1 that notes itself, its state and its namespace in $trace.
add_hook() {
    config '.hooks[$kind] = [{path: "/bin/sh", env: ["KIND=" + $kind, "PATH=/bin:/usr/bin"],
            args: ["sh", "-c", "read -r state; echo \"$KIND $state $(readlink /proc/self/ns/mnt)\" >> " + $trace]}]' \
        --arg kind "$1" --arg trace "$2"
}

@test "hooks: all six in order, each with the state on stdin, where it belongs" {
    not_crun "bundle may be / in their state"
    local trace=$BATS_TEST_TMPDIR/trace kind line
    own_root
    mkdir -p "$root$BATS_TEST_TMPDIR"
    config '.mounts += [{destination: $t, type: "bind", source: $t, options: ["bind"]}]' --arg t "$BATS_TEST_TMPDIR"
    for kind in poststop poststart startContainer createContainer createRuntime prestart; do
        add_hook "$kind" "$trace"
    done
    command_is sh -c 'echo "program {} $(readlink /proc/self/ns/mnt)" >> '"$trace"'; exec sleep 99'
    create
    ours || sed -i /^poststart/d "$trace"  # runc runs it too early
    equals "$(cut -d' ' -f1 "$trace" | xargs)" "prestart createRuntime createContainer"
    oci start "$id"
    until_says program "$trace"
    ! ours || until_says poststart "$trace"
    local pid own
    pid=$(init_pid)
    oci delete --force "$id"
    equals "$(cut -d' ' -f1 "$trace" | grep -v poststart | xargs)" "prestart createRuntime createContainer startContainer program poststop"
    own=$(readlink /proc/self/ns/mnt)
    while read -r line; do
        kind=${line%% *}
        local space=${line##* } state=${line#* }
        state=${state% *}
        case $kind in
            prestart | createRuntime | poststart | poststop) [ "$space" = "$own" ] || [ "${RUNTIME##*/}" = crun-here ] ;;
            *) [ "$space" != "$own" ] ;;
        esac
        [ "$kind" != program ] || continue
        equals "$(jq -r .id <<< "$state")" "$id"
        equals "$(jq -r .bundle <<< "$state")" "$bundle"
        jq -e '.ociVersion | startswith("1.")' <<< "$state" > /dev/null
        case $kind in
            poststop) equals "$(jq -r .status <<< "$state")" stopped ;;
            poststart) equals "$(jq -r '.status, .pid' <<< "$state" | xargs)" "running $pid" ;;
            prestart | createRuntime) equals "$(jq -r .pid <<< "$state")" "$pid" ;;
        esac
    done < "$trace"
}

@test "hooks: one that fails stops and undoes the container, but for poststop" {
    local kind
    for kind in prestart createRuntime createContainer; do
        config '.hooks = {($kind): [{path: "/bin/sh", args: ["sh", "-c", "exit 9"]}]}' --arg kind "$kind"
        refuses
        ! ours || { says "$kind hook /bin/sh"; says 9; }
    done
    for kind in startContainer poststart; do
        config '.hooks = {($kind): [{path: "/bin/sh", args: ["sh", "-c", "exit 9"]}]}' --arg kind "$kind"
        create || { ours && return 1; continue; }
        run oci start "$id"
        ours || { oci delete --force "$id"; continue; }
        [ "$status" -ne 0 ]
        says "$kind hook /bin/sh"
        until_true is_now stopped
        oci delete "$id"
    done
    ours || return 0
    config '.hooks = {poststop: [{path: "/bin/sh", args: ["sh", "-c", "exit 9"]}]}'
    create
    oci --log "$BATS_TEST_TMPDIR/oci.log" delete --force "$id"
    grep -q 'level=warning.*poststop hook' "$BATS_TEST_TMPDIR/oci.log"
}

@test "hooks: a poststart that fails below run takes the container away" {
    only_ours "there it goes on"
    config '.hooks = {poststart: [{path: "/bin/sh", args: ["sh", "-c", "exit 9"]}]}'
    run oci run --bundle "$bundle" "$id"
    [ "$status" -ne 0 ]
    says "poststart hook"
    leaves_nothing
}

@test "hooks: a timeout kills" {
    config '.hooks = {createRuntime: [{path: "/bin/sleep", args: ["sleep", "99"], timeout: 1}]}'
    refuses
    ! ours || says "timeout of 1 s"
}

@test "hooks: one that never ends keeps nobody from kill and delete" {
    only_ours "we lock"
    local fifo=$BATS_TEST_TMPDIR/fifo starting
    mkfifo "$fifo"
    own_root
    mkdir -p "$root$BATS_TEST_TMPDIR"
    config '.mounts += [{destination: $t, type: "bind", source: $t, options: ["bind"]}]
        | .hooks = {startContainer: [{path: "/bin/sh", args: ["sh", "-c", "echo here > " + $t + "/fifo; sleep 1000"]}]}' \
        --arg t "$BATS_TEST_TMPDIR"
    local verb
    for verb in "kill $id KILL" "delete --force $id"; do
        create
        "$RUNTIME" --root "$states" start "$id" > /dev/null 2>&1 3>&- & starting=$!
        equals "$(cat "$fifo")" here
        # shellcheck disable=SC2086 # words
        timeout 20 "$RUNTIME" --root "$states" $verb 3>&-
        wait "$starting" || true
        oci delete --force "$id"
        leaves_nothing
    done
}

@test "hooks: a poststart one may end its own container" {
    only_ours "we lock"
    local verb
    for verb in "kill $id KILL" "delete --force $id"; do
        config '.hooks = {poststart: [{path: "/bin/sh", args: ["sh", "-c", $c], timeout: 20}]}' \
            --arg c "exec $(command -v "$RUNTIME") --root $states $verb"
        create
        oci start "$id"
        until_true is_now "$([[ $verb == kill* ]] && echo stopped)"
        oci delete --force "$id"
        leaves_nothing
    done
}

@test "hooks: an empty environment, argv as given, a missing program" {
    local trace=$BATS_TEST_TMPDIR/trace
    config '.hooks = {createRuntime: [{path: "/usr/bin/env", args: ["anyname", "/bin/sh", "-c", "tr \"\\0\" \" \" < /proc/self/environ > " + $t + "; echo \"|$0 $1\" >> " + $t, "a b", "c"]}]}' --arg t "$trace"
    create
    grep -q '|a b c$' "$trace"
    ! ours || equals "$(cat "$trace")" "|a b c"
    oci delete --force "$id"
    config '.hooks = {createRuntime: [{path: "/nosuchhook"}]}'
    refuses /nosuchhook
}

# --- Killed at any moment ---------------------------------------------------------

@test "create is killed at random moments: delete --force leaves nothing" {
    only_ours "we only know of us"
    local round pid cgroup=/bats-$$-above/middle/$id
    config '.linux.cgroupsPath = $path' --arg path "$cgroup"
    for round in {1..30}; do
        "$RUNTIME" --root "$states" create --bundle "$bundle" "$id" < /dev/null > /dev/null 2>&1 3>&- & pid=$!
        sleep "0.0$(printf '%02d' $((RANDOM % 60)))"
        kill -KILL "$pid" 2> /dev/null || true
        wait "$pid" || true
        runs 0 oci list --format json
        [ ! -d "$states/$id" ] || jq -e '.[0].status' <<< "$output" > /dev/null
        oci delete --force "$id"
        [ -z "$(ls "$states" 2> /dev/null)" ]
        ! compgen -G "/sys/fs/cgroup/*/bats-$$-above" || {
            echo "round $round: a folder is left"
            rmdir /sys/fs/cgroup/*/bats-$$-above{/middle,} || true
            return 1
        }
    done
}

@test "start and delete are killed at random moments: delete --force leaves nothing" {
    only_ours "we only know of us"
    local pid verb
    for verb in start start start start start start "delete --force" "delete --force" "delete --force" "delete --force"; do
        create
        # shellcheck disable=SC2086
        "$RUNTIME" --root "$states" $verb "$id" < /dev/null > /dev/null 2>&1 3>&- & pid=$!
        sleep "0.00$((RANDOM % 10))"
        kill -KILL "$pid" 2> /dev/null || true
        wait "$pid" || true
        oci delete --force "$id"
        [ -z "$(ls "$states")" ]
    done
}

@test "at once: of two that create one id, one wins" {
    not_runc "neither may win"
    local round first=0 second=0
    for round in {1..10}; do
        first=0 second=0
        "$RUNTIME" --root "$states" create --bundle "$bundle" "$id" < /dev/null > /dev/null 2>&1 3>&- & local one=$!
        "$RUNTIME" --root "$states" create --bundle "$bundle" "$id" < /dev/null > /dev/null 2>&1 3>&- & local two=$!
        wait "$one" || first=$?
        wait "$two" || second=$?
        [ $((first == 0)) -ne $((second == 0)) ] || { echo "round $round: $first $second"; return 1; }
        is_now created
        oci delete --force "$id"
    done
}
