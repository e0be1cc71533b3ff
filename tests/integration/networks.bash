# A machine of its own for each test: a network namespace that plays the host,
# others that play containers, and one that is a neighbour outside.
# shellcheck shell=bash disable=SC2034,SC2154 # bats and helpers.bash assign and use these

# new_namespace NAME: a network namespace, as the process $NAME.
new_namespace() {
    local -n pid=$1
    unshare --net sleep 300 3>&- &
    pid=$!
    spaces+=("$pid")
    until [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
        [ "$(cat "/proc/$pid/comm")" = sleep ]; do :; done
    nsenter -t "$pid" -n ip link set lo up
}

setup_machine() {
    requires_root
    spaces=()
    new_namespace host
    state=$BATS_TEST_TMPDIR/machine
}

teardown_machine() {
    local mark pid
    for mark in "$state"/state/network/{dns,proxy}/*.state; do
        [ ! -e "$mark" ] || on_host network-driver --state "$state" end \
            "$(basename "$mark" .state)"
    done
    net repair || true  # nobody is alive: all is given up
    for pid in "${spaces[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    # Nothing of ours runs in the background any more.
    [ -z "$(helpers)" ] || { printf 'left: %s\n' "$(helpers)"; return 1; }
}

in_space() {
    local pid=$1
    shift
    nsenter -t "$pid" -n "$@" 3>&-
}
on_host() { in_space "$host" "$@"; }
net() { on_host network-driver --state "$state" "$@"; }

# The processes that serve this machine's networks.
helpers() { pgrep -f "^slipway-(proxy|dns) .*$state" || true; }

# container NAME [NETWORK [OPTION...]]: attached, and its address in $NAME_ip.
container() {
    local name=$1 network=${2:-bridge}
    new_namespace "$name"
    shift $(($# > 1 ? 2 : 1))
    join "$name" "$network" "$@"
}
# join NAME NETWORK [OPTION...]
join() {
    local name=$1 network=$2
    shift 2
    declare -g "${name}_ip=$(net attach "$network" "$name" "${!name}" "$@" | cut -d' ' -f1)"
    [ -n "$(eval echo "\$${name}_ip")" ]
}

# serves NAME SPEC...: answers on these ports until the test ends.
serves() {
    local name=$1 pipe=$BATS_TEST_TMPDIR/ready.$1 ready
    shift
    mkfifo "$pipe"
    # No function: the process that is noted must be the server itself.
    nsenter -t "${!name}" -n python3 "$SLIPWAY_SOURCE/tests/helpers/answer.py" \
        serve "$name" "$@" > "$pipe" 3>&- &
    spaces+=($!)
    read -r ready < "$pipe"
    rm "$pipe"
}

# ask FROM PROTOCOL HOST PORT: what answers there.
ask() {
    local from=$1
    shift
    in_space "${!from}" python3 "$SLIPWAY_SOURCE/tests/helpers/answer.py" ask "$@"
}

# A neighbour at 203.0.113.9, to whom the host is 203.0.113.1.
add_neighbour() {
    new_namespace neighbour
    on_host ip link add up0 type veth peer name eth0 netns "$neighbour"
    on_host ip address add 203.0.113.1/24 dev up0
    on_host ip address add 2001:db8::1/64 dev up0 nodad
    on_host ip link set up0 up
    in_space "$neighbour" ip address add 203.0.113.9/24 dev eth0
    in_space "$neighbour" ip address add 2001:db8::9/64 dev eth0 nodad
    in_space "$neighbour" ip link set eth0 up
}

resolve() { # FROM NAME [OPTION...]: what the network's name server says
    local from=$1 name=$2
    shift 2
    in_space "${!from}" dig +short +time=2 +tries=1 "@${server:?}" "$name" "$@"
}
