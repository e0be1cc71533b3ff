# The engine, with a store and a state of the test file's own, in memory, and a
# network namespace that plays the host. Load helpers, runtime and images before.
# shellcheck shell=bash disable=SC2154 # bats.bash and images.bash assign

setup_engine_file() {
    requires_root
    use_memory
    export SLIPWAY_ROOT=$memory/store SLIPWAY_STATE=$memory/state
    make_busybox_tar
    unshare --net sleep 900 3>&- &
    export machine=$!
    until_true has_own_network "$machine"
    on_machine ip link set lo up
    step4-images --root "$SLIPWAY_ROOT" import --change 'CMD ["sh"]' "$BUSYBOX" busybox > /dev/null
}
teardown_engine_file() {
    remove_containers
    kill "$machine"
    release_memory
}
has_own_network() {
    [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
        [ "$(cat "/proc/$1/comm")" = sleep ]
}
on_machine() { nsenter -t "$machine" -n "$@"; }
# Not before `run`: a container that goes on would keep bats's own pipes.
slipway() { on_machine slipway "$@" 3>&-; }
container_ids() { ls "$SLIPWAY_ROOT/engine/containers"; }
remove_containers() {
    local id
    for id in $(container_ids); do slipway rm -f -v "$id" > /dev/null; done
}

# box CODE [OPTION...] busybox COMMAND...: runs it, without a network.
box() {
    local code=$1
    shift
    runs "$code" slipway run --rm --network none "$@"
}
# box_prints TEXT [OPTION...] busybox COMMAND...
box_prints() {
    local text=$1
    shift
    box 0 "$@"
    equals "$output" "$text"
}
# refuses TEXT [OPTION...]: the error says it, and nothing is left.
refuses() {
    local text=$1 before
    shift
    before=$(container_ids)
    runs 125 slipway run --rm "$@"
    says "$text"
    equals "$(container_ids)" "$before"
}
# start_box [OPTION...]: in the background, its id in $box. The command waits.
start_box() {
    local network=(--network none)
    [[ " $* " != *" --network "* ]] || network=()
    box=$(slipway run -d ${network[@]+"${network[@]}"} "$@" busybox sleep 99)
}
inside() { slipway exec "$box" "$@"; }
# catches NAME NUMBER: its first process has a handler for that signal. Until
# then the kernel drops it: nothing that has no handler reaches a first process.
catches() {
    local mask
    mask=$(awk '/^SigCgt:/ {print $2}' "/proc/$(slipway inspect -f '{{.State.Pid}}' "$1")/status")
    ((0x$mask >> ($2 - 1) & 1))
}
# fetch ADDRESS PORT: what answers there, seen from the host.
fetch() { on_machine bash -c "cat < /dev/tcp/$1/$2"; }
# What was asked for: asked FILTER [ID]
asked() { jq -r "$1" "$SLIPWAY_ROOT/engine/containers/${2:-$box}/container.json"; }
