# Bundles and containers for the tests of the OCI runtime. RUNTIME chooses
# another one, to test the tests:
#     RUNTIME=runc bats tests/integration/06-lifecycle.bats
# crun needs a machine without the controllers of cgroup v2 beside v1's, or
# /dev/null over cgroup.controllers, as helpers/beside does it.
# shellcheck shell=bash disable=SC2016,SC2034,SC2153,SC2154 # jq's own $; bats and helpers.bash assign and use these

: "${RUNTIME:=slipway-oci}"

ours() { [ "${RUNTIME##*/}" = slipway-oci ]; }
# only_ours REASON: what the others do in another way, or not at all.
only_ours() { ours || skip "not $RUNTIME: $1"; }
not_runc() { [ "${RUNTIME##*/}" != runc ] || skip "not runc: $1"; }
not_crun() { [ "${RUNTIME##*/}" != crun ] || skip "not crun: $1"; }

# The root filesystem and config.json that bundles of this file begin with.
setup_runtime_file() {
    requires_root
    host_state print > "$BATS_FILE_TMPDIR/host"
    make_shared_root
    [ ! -e "$SLIPWAY_BIN/attack" ] || cp "$SLIPWAY_BIN/attack" "$ROOT/bin/"
    slipway-oci spec --bundle "$BATS_FILE_TMPDIR"
    jq --arg root "$ROOT" '.process.terminal = false
        | .process.args = ["sleep", "99"]
        | del(.process.rlimits)
        | .root = {path: $root, readonly: false}' \
        "$BATS_FILE_TMPDIR/config.json" > "$BATS_FILE_TMPDIR/base.json"
}
teardown_runtime_file() { host_state compare "$BATS_FILE_TMPDIR/host"; }

setup_bundle() {
    bundle=$BATS_TEST_TMPDIR/bundle
    states=$BATS_TEST_TMPDIR/states
    id=bats-$BATS_TEST_NUMBER-$$
    mkdir "$bundle"
    cp "$BATS_FILE_TMPDIR/base.json" "$bundle/config.json"
}

# Whatever a test has made goes away, and that must leave nothing.
teardown_bundle() {
    local folder
    for folder in "$states"/*/; do
        [ ! -d "$folder" ] || oci delete --force "$(basename "$folder")" || true
    done
    leaves_nothing
}

# No container is noted, and none of this test has a control group.
leaves_nothing() {
    local left
    left=$(
        ls "$states" 2>/dev/null || true
        find /sys/fs/cgroup -maxdepth 6 -name "*$id*" 2>/dev/null || true
    )
    [ -z "$left" ] || { printf 'left: %s\n' "$left"; return 1; }
}

# Not before `run`: a container that goes on would keep bats's own pipes.
oci() { "$RUNTIME" --root "$states" "$@" 3>&-; }

# config EDIT [ARGUMENT...]: changes config.json by jq.
config() {
    local edit=$1
    shift
    jq "$edit" "$bundle/config.json" "$@" > "$bundle/new.json"
    mv "$bundle/new.json" "$bundle/config.json"
}
command_is() { config '.process.args = $ARGS.positional' --args -- "$@"; }

# A root filesystem of this test's own, to be changed: $root.
own_root() {
    root=$bundle/rootfs
    cp -a "$ROOT" "$root"
    config '.root.path = "rootfs"'
}

# inside CODE SCRIPT: what a script in the container says is in $output.
inside() {
    command_is sh -c "$2"
    runs "$1" oci run --bundle "$bundle" "$id"
}
# `run oci …` for what may start a container after all: through a file, for the
# container would keep the pipe that `run` reads.
tries() {
    status=0
    oci "$@" < /dev/null > "$BATS_TEST_TMPDIR/tried" 2>&1 || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/tried")
}
# refuses TEXT...: create fails, says that, and leaves nothing.
refuses() {
    local text
    tries create --bundle "$bundle" "$id"
    [ "$status" -ne 0 ]
    for text in "$@"; do says "$text"; done
    leaves_nothing
}

# create [OPTION...]: its output, and the container's, goes to $log.
create() {
    log=$BATS_TEST_TMPDIR/log
    oci create --bundle "$bundle" "$@" "$id" < /dev/null > "$log" 2>&1 ||
        { cat "$log"; return 1; }
}
start() { create "$@" && oci start "$id"; }

state_of() { oci state "$id" 2> /dev/null | jq -r "$1"; }
is_now() { [ "$(state_of .status)" = "$1" ]; }
init_pid() { state_of .pid; }

# until_true COMMAND...: for what the kernel does in its own time.
until_true() {
    local round
    for ((round = 0; round < 500; round++)); do
        "$@" && return
        sleep 0.02
    done
    echo "waited in vain for: $*"
    return 1
}
until_says() { until_true grep -q -e "$1" "${2:-$log}"; }

equals() {
    [ "$1" = "$2" ] || { printf 'is:        %s\nshould be: %s\n' "$1" "$2"; return 1; }
}

# The folder of the container's group in the tree of v1 controller $1, or v2's.
group_of_container() {
    local path pid
    pid=$(init_pid)
    path=$(sed -n "s/^[0-9]*:$1://p" "/proc/$pid/cgroup")
    if [ -n "$path" ]; then
        echo "/sys/fs/cgroup/$1$path"
        return
    fi
    path=$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
    if [ -d /sys/fs/cgroup/unified ]; then
        echo "/sys/fs/cgroup/unified$path"
    else
        echo "/sys/fs/cgroup$path"
    fi
}
# limit V1FILE V2FILE: what stands there; V1FILE begins with its controller.
limit() {
    local folder
    folder=$(group_of_container "${1%%.*}")
    cat "$folder/$1" 2>/dev/null || cat "$folder/$2"
}
has_v1() { grep -q " - cgroup cgroup .*$1" /proc/self/mountinfo; }
