#!/usr/bin/env bats
# slipway of an ordinary user: no privilege, a store and a network of their own.
# shellcheck disable=SC2016,SC2034,SC2046,SC2154 # scripts for the shell inside; bats and helpers.bash assign

load helpers
load runtime
load images
load networks

setup_file() {
    requires_root
    use_memory
    make_busybox_tar
    export home=$memory/home programs=$memory/programs etc=$memory/etc
    # Where the programs are, nobody else may go.
    mkdir "$home" "$home/run" "$home/tmp" "$programs" "$etc"
    cp "$SLIPWAY_BIN"/slipway{,-monitor,-transfer,-build-step,-dns,-proxy,-pasta,-nft,-init} "$programs/"
    cp "$BUSYBOX" "$home/busybox.tar"
    local file dir=$memory
    while [ "$dir" != / ]; do chmod o+x "$dir"; dir=$(dirname "$dir"); done
    for file in passwd subuid subgid; do
        { cat "/etc/$file" 2>/dev/null || true; } > "$etc/$file"
    done
    {
        echo "slipwaytest:x:64999:64999::$home:/bin/sh"
        echo "slipwaysingle:x:64998:64998::$home:/bin/sh"
    } >> "$etc/passwd"
    echo "slipwaytest:300000:65536" | tee -a "$etc/subuid" >> "$etc/subgid"
    chown -R 64999:64999 "$home"
    chmod 700 "$home/run"
    as_user slipway import --change 'CMD ["sh"]' "$home/busybox.tar" busybox > /dev/null
}
teardown_file() { release_memory; }

setup() { setup_machine; add_neighbour; on_host ip route add default via 203.0.113.9; }
teardown() {
    local id failed=0
    for id in $(slipway ps -aq); do slipway rm -f -v "$id" > /dev/null || failed=1; done
    # With the last container all that served them has gone.
    until_true nothing_runs || { users_processes; failed=1; }
    until_true take_groups || failed=1
    teardown_machine
    return $failed
}
nothing_runs() { [ -z "$(users_processes)" ]; }
# Those of the user and of the user's other ids, zombies apart.
users_processes() {
    ps -eo uid=,stat=,pid=,args= |
        awk '($1 == 64999 || ($1 >= 300000 && $1 < 365536)) && $2 !~ /^Z/'
}

# as_user [-u NUMBER] COMMAND…: in the host's mounts, but with /etc/passwd and
# /dev/net/tun as a distribution has them.
as_user() {
    local id=64999
    [ "$1" != -u ] || { id=$2; shift 2; }
    ID=$id unshare -m --propagation private bash -ec '
        for file in passwd subuid subgid; do
            [ ! -e /etc/$file ] || mount --bind "$etc/$file" /etc/$file
        done
        mount -t tmpfs none /dev/net
        mknod /dev/net/tun c 10 200
        chmod 666 /dev/net/tun
        exec setpriv --reuid $ID --regid $ID --clear-groups env -u SLIPWAY_ROOT -u SLIPWAY_STATE \
            HOME="$home" TMPDIR="$home/tmp" XDG_RUNTIME_DIR="${RUN:-$home/run}" \
            PATH="$programs:$PATH" "$@"' as_user "$@" 3>&-
}
slipway() { in_space "$host" timeout 30 bash -c "$(declare -f as_user); as_user \"\$@\"" as_user slipway "$@"; }
# A program in the container that answers at a port, until the test ends.
answers() { echo "while true; do echo $1 | nc -l -p $2; done"; }
# Between two of its servers the proxy takes a connection that nobody answers.
asks() { timeout 10 nsenter -t "$host" -n bash -c "until cat < /dev/tcp/$1/$2 | grep .; do :; done" 2>/dev/null; }

@test "run: root inside is the user outside, without a network and with the host's" {
    runs 0 slipway run --rm --network none busybox id -u
    equals "$output" 0
    runs 0 slipway run --rm --network host busybox cat /proc/self/uid_map
    says 64999
    says 300000
    runs 7 slipway run --rm --network none busybox sh -c 'exit 7'
    runs 0 slipway run --rm --network none -u 1000:1000 busybox id -u
    equals "$output" 1000
}

@test "detached: ps, exec, logs, top, stop, rm; all in one user namespace" {
    slipway run -d --name box --network none busybox sh -c 'trap "exit 3" TERM; echo hello; while true; do sleep 0.1; done' > /dev/null
    hello() { [ "$(slipway logs box)" = hello ]; }
    until_true hello
    runs 0 slipway ps --format '{{.Names}} {{.State}}'
    equals "$output" "box running"
    runs 0 slipway exec -u 5 box id -u
    equals "$output" 5
    runs 0 slipway exec box cat /proc/self/status
    runs 0 slipway top box
    says "echo hello"
    local pid other
    pid=$(slipway inspect -f '{{.State.Pid}}' box)
    slipway run -d --name other --network none busybox sleep 99 > /dev/null
    other=$(slipway inspect -f '{{.State.Pid}}' other)
    equals "$(readlink "/proc/$pid/ns/user")" "$(readlink "/proc/$other/ns/user")"
    runs 0 slipway stop box
    runs 0 slipway logs box
    equals "$output" hello
    runs 0 slipway inspect -f '{{.State.ExitCode}}' box
    equals "$output" 3
    runs 0 slipway rm box
}

@test "many commands at once, the first of all, find one user namespace" {
    local i started=()
    for i in 1 2 3 4 5 6; do
        slipway run -d --name "b$i" --network none busybox sleep 99 > /dev/null &
        started+=($!)
    done
    wait "${started[@]}"
    for i in 1 2 3 4 5 6; do runs 0 slipway exec "b$i" true; done
}

@test "the default network: each other, published ports, and what is outside" {
    slipway run -d --name web -p 18080:80 busybox sh -c "$(answers hello 80)" > /dev/null
    equals "$(asks 127.0.0.1 18080)" hello
    equals "$(asks ::1 18080)" hello
    equals "$(asks 203.0.113.1 18080)" hello
    runs 0 slipway port web
    says "80/tcp -> 0.0.0.0:18080"
    runs 125 slipway run --rm -p 18080:80 busybox true
    says "port is already allocated: container web"
    serves neighbour tcp:7777
    # Its input stays open: pasta of 2023 does not see the end of a connection
    # that was closed by halves.
    runs 0 slipway run --rm busybox sh -c 'sleep 3 | nc 203.0.113.9 7777'
    says neighbour
}

@test "networks with names" {
    slipway network create back > /dev/null
    slipway run -d --name db --network back busybox sh -c "$(answers database 5)" > /dev/null
    runs 0 slipway run --rm --network back busybox sh -c 'until nc db 5; do :; done'
    says database
    slipway run -d --name late busybox sleep 99 > /dev/null
    slipway network connect back late
    runs 0 slipway exec late sh -c 'until nc db 5; do :; done'
    says database
    slipway network disconnect back late
    runs 1 slipway exec late nc -w 1 db 5
    # Its published ports follow it.
    slipway run -d --name web --network back -p 18086:80 busybox sh -c "$(answers hello 80)" > /dev/null
    slipway network disconnect back web
    slipway network connect back web
    runs 0 slipway port web
    says "80/tcp -> 0.0.0.0:18086"
    equals "$(asks 127.0.0.1 18086)" hello
    slipway rm -f web > /dev/null
    runs 1 slipway network rm back
    says "has active endpoints"
    slipway rm -f db > /dev/null
    runs 0 slipway network rm back
}

@test "build, with the network; volumes; cp, commit, diff" {
    mkdir -p "$home/context"
    printf 'FROM busybox\nRUN ip route > /route && echo 1 > /f && chown 7:8 /f\n' > "$home/context/Dockerfile"
    runs 0 slipway build -q -t built "$home/context"
    runs 0 slipway run --rm --network none built sh -c 'stat -c %u:%g /f; cat /route'
    says 7:8
    says "default via"
    slipway volume create data > /dev/null
    slipway run --rm --network none -v data:/d busybox sh -c 'echo kept > /d/f; chown 9 /d/f'
    runs 0 slipway run --name copy --network none -v data:/d busybox sh -c 'stat -c %u /d/f; touch /new'
    equals "$output" 9
    runs 0 slipway diff copy
    says "A /new"
    slipway commit copy again > /dev/null
    runs 0 slipway run --rm --network none again ls /new
    runs 0 slipway cp copy:/new "$home/tmp/new"
    slipway rm copy > /dev/null
    runs 0 slipway volume rm data
    runs 0 slipway rmi again built
}

@test "a user without subordinate ids: containers of one user" {
    mkdir -p "$memory/single/run"
    chmod 700 "$memory/single/run"
    cp "$BUSYBOX" "$memory/single/busybox.tar"
    chown -R 64998:64998 "$memory/single"
    single() { home=$memory/single RUN=$memory/single/run as_user -u 64998 slipway "$@"; }
    mkdir -p "$memory/single/tmp"
    runs 0 single import --change 'CMD ["sh"]' "$memory/single/busybox.tar" busybox
    runs 0 single run --rm --network none busybox sh -c 'id -u; echo x > /f; ls /'
    says 0
    single run -d --name box --network none busybox sleep 99 > /dev/null
    runs 0 single exec box id -u
    equals "$output" 0
    runs 125 single run --rm --network none -u 5 busybox true
    says "slipway: "
    runs 0 single rm -f box
}

@test "limits need a group that was delegated, and say so" {
    runs 125 slipway run --rm --network none -m 32m busybox true
    says "there is no control group to limit"
    says "delegated"
    slipway run -d --name box --network none busybox sleep 99 > /dev/null
    runs 1 slipway pause box
    says "control group"
    # It is read all the same, as it goes on.
    runs 0 slipway commit box again
    says "warning: container box goes on while it is read"
    slipway rmi again > /dev/null
}

# give_groups NAME: a part of each tree to the user; $groups are to be joined.
give_groups() {
    local tree group top=/sys/fs/cgroup
    groups=()
    if [ -e $top/cgroup.subtree_control ]; then
        echo +cpu +memory +pids > $top/cgroup.subtree_control
        mkdir -p "$top/$1/user"
        chown 64999 "$top/$1"{,/user}{,/cgroup.procs,/cgroup.subtree_control}
        groups=("$top/$1/user")
        return
    fi
    for tree in cpu memory pids freezer; do
        group=$top/$tree/$1
        mkdir "$group"
        chown 64999 "$group"{,/cgroup.procs,/tasks}
        groups+=("$group")
    done
}
in_groups() (
    local group
    for group in "${groups[@]}"; do echo $BASHPID > "$group/cgroup.procs"; done
    "$@"
)
take_groups() {
    local group
    for group in ${groups+"${groups[@]}"}; do
        [ ! -d "$group" ] || rmdir "$group" 2>/dev/null || return
        [ "${group##*/}" != user ] || rmdir "${group%/*}" || return
    done
}

@test "in groups that were delegated limits hold, and a container is paused" {
    give_groups "slipway-bats-$$"
    runs 137 in_groups slipway run --rm --network none -m 16m busybox tail /dev/zero
    runs 2 in_groups slipway run --rm --network none --pids-limit 9 --cpus 0.5 busybox sh -c \
        'i=0; while [ $i -lt 12 ]; do sleep 9 & i=$((i + 1)); done'
    says "can't fork"
    in_groups slipway run -d --name box --network none -m 32m busybox sleep 99 > /dev/null
    runs 0 slipway pause box
    runs 0 slipway unpause box
    runs 0 slipway stats --no-stream --format '{{.MemUsage}}' box
    says "/ 32MiB"
    runs 0 slipway rm -f box
}

@test "without pasta or a tun device, a warning says what does not work" {
    local quiet=(in_space "$host" setpriv --reuid 64999 --regid 64999 --clear-groups env -u SLIPWAY_ROOT -u SLIPWAY_STATE
        HOME="$memory/none" XDG_RUNTIME_DIR="$memory/none" PATH="$programs:$PATH")
    [ "$(stat -c %a /dev/net/tun)" = 600 ] || skip "needs a tun device that is root's only"
    mkdir -p "$memory/none"
    chown 64999 "$memory/none"
    "${quiet[@]}" slipway import --change 'CMD ["sh"]' "$home/busybox.tar" busybox > /dev/null
    runs 0 "${quiet[@]}" slipway run --rm busybox ip route
    says "containers cannot reach anything outside: pasta: "
    says "default via"
}

@test "kill -9 of the monitor: the container ends, and its port is free again" {
    slipway run -d --name web -p 18081:80 busybox sleep 99 > /dev/null
    local pid
    pid=$(slipway inspect -f '{{.State.Pid}}' web)
    kill -9 "$(ps -o ppid= -p "$pid" | tr -d ' ')"
    until_true gone "$pid"
    runs 0 slipway ps -a --format '{{.Names}} {{.State}}'
    equals "$output" "web exited"
    runs 0 slipway start web
    runs 0 slipway exec web true
}
gone() { [ ! -e "/proc/$1/ns/mnt" ] || [ "$(awk '/^State/ {print $2}' "/proc/$1/status")" = Z ]; }

@test "kill -9 of pasta: another takes over" {
    slipway run -d --name box busybox sleep 99 > /dev/null
    serves neighbour tcp:7777
    local pid
    pid=$(pasta_of_user)
    [ -n "$pid" ]
    kill -9 "$pid"
    runs 0 slipway exec box timeout 20 sh -c 'until sleep 2 | nc 203.0.113.9 7777; do sleep 0.1; done'
    says neighbour
    [ "$(pasta_of_user)" != "$pid" ]
}
pasta_of_user() { users_processes | awk '$4 ~ /(^|\/)pas(ta|st)(\.avx2)?$/ {print $3}'; }

@test "kill -9 of name server and proxy: whoever looks starts them again" {
    slipway network create back > /dev/null
    slipway run -d --name web --network back -p 18082:80 busybox sh -c "$(answers hello 80)" > /dev/null
    kill -9 $(users_processes | awk '$4 ~ /slipway-(dns|proxy)$/ {print $3}')
    until_true no_helpers
    runs 0 slipway ps --format '{{.Names}} {{.Ports}}'
    says "web 0.0.0.0:18082->80/tcp"
    says_not warning
    equals "$(asks 127.0.0.1 18082)" hello
    runs 0 slipway exec web nslookup web
    slipway rm -f web > /dev/null
    slipway network rm back > /dev/null
}
no_helpers() { [ -z "$(users_processes | awk '$4 ~ /slipway-(dns|proxy)$/')" ]; }

@test "kill -9 of all that is the user's, but for what has another of their ids" {
    slipway run -d --name web -p 18083:80 busybox sh -c "$(answers hello 80)" > /dev/null
    kill -9 $(users_processes | awk '$1 == 64999 {print $3}')
    until_true none_of_first_id
    runs 0 slipway ps -a --format '{{.Names}} {{.State}}'
    equals "$output" "web exited"
    runs 0 slipway start web
    equals "$(asks 127.0.0.1 18083)" hello
}
none_of_first_id() { [ -z "$(users_processes | awk '$1 == 64999')" ]; }

@test "logged out, logged in: containers that go on are seen, and not started twice" {
    mkdir -m 700 "$home/session"
    chown 64999 "$home/session"
    RUN=$home/session slipway run -d --name box -p 18084:80 busybox sh -c "$(answers hello 80)" > /dev/null
    rm -r "$home/session"
    for RUN in "$home/run" "" /nonexistent; do
        runs 0 slipway ps --format '{{.Names}} {{.State}}'
        equals "$output" "box running"
        slipway start box
        runs 0 slipway exec box true
    done
    unset RUN
    equals "$(users_processes | grep -c 'slipway-monitor')" 1
    runs 0 slipway rm -f box
    until_true nothing_runs
}

@test "started anew, the machine knows what ran on it" {
    slipway run -d --name web -p 18085:80 busybox sh -c "$(answers hello 80)" > /dev/null
    slipway create --name idle busybox > /dev/null
    kill -9 $(users_processes | awk '{print $3}')
    until_true nothing_runs
    # What was noted in this boot is another one's.
    local states=$home/.local/share/slipway/run
    mv "$states/$(cat /proc/sys/kernel/random/boot_id)" "$states/earlier"
    runs 0 slipway ps -a --format '{{.Names}} {{.State}} {{.Status}}'
    says "idle created Created"
    says "web exited Exited (255)"
    equals "$(ls "$states")" "$(cat /proc/sys/kernel/random/boot_id)"
    runs 0 slipway wait web
    equals "$output" 255
    runs 0 slipway start web
    equals "$(asks 127.0.0.1 18085)" hello
    runs 0 slipway rm -f web idle
}

@test "kill -9 of the network's keeper: the next start has a network" {
    slipway run -d --name box busybox sleep 99 > /dev/null
    kill -9 "$(users_processes | awk '$4 ~ /slipway-pasta$/ {print $3}')"
    until_true no_pasta
    runs 0 slipway run --rm busybox ip route
    says "default via"
    runs 0 slipway rm -f box
}
no_pasta() { [ -z "$(pasta_of_user)" ]; }

@test "attack: a set-uid program of the image is the user's, nowhere root's" {
    slipway run --name evil --network none busybox sh -c 'cp /bin/busybox /sh; chmod 4755 /sh' > /dev/null
    local file
    file=$(find "$home/.local/share/slipway/engine/containers" -path '*/upper/sh')
    equals "$(stat -c %u "$file")" 64999
    # Not even that: nobody else gets to it.
    # (By a shell: setpriv itself still has rights when it executes it.)
    runs 126 setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "$file -c id"
    # What root of the container is outside: it reads nothing of root's.
    runs 1 slipway run --rm --network none -v /etc:/host busybox cat /host/shadow
    says "Permission denied"
    runs 1 slipway run --rm --network none -v /etc:/host busybox sh -c 'echo x > /host/slipway-was-here'
    # All rights that there are in the namespace are none over the host.
    runs 2 slipway run --rm --privileged --network host busybox ip link add dummy9 type dummy
    says "not permitted"
    runs 1 slipway run --rm --privileged --network none busybox mknod /disk b 8 0
}

@test "attack: other users' containers, and a state that somebody else has made" {
    local root_store=$memory/rootstore
    mkdir -m 711 "$root_store"
    command slipway --root "$root_store/root" --state "$root_store/state" import "$BUSYBOX" busybox > /dev/null
    local id
    id=$(command slipway --root "$root_store/root" --state "$root_store/state" run -d --network none busybox sleep 99 3>&-)
    runs 0 slipway ps -q
    equals "$output" ""
    run slipway --root "$root_store/root" --state "$root_store/state" exec "$id" id
    [ "$status" -ne 0 ]
    run slipway --root "$root_store/root" --state "$root_store/state" rm -f "$id"
    [ "$status" -ne 0 ]
    command slipway --root "$root_store/root" --state "$root_store/state" rm -f "$id" > /dev/null
    # A folder with a name that can be guessed, in /tmp for instance.
    mkdir -m 777 "$memory/guessed"
    runs 125 slipway --state "$memory/guessed" ps
    says "only you can write"
    ln -s "$home/run" "$memory/link"
    runs 125 slipway --state "$memory/link" ps
    says "only you can write"
}

@test "attack: root looks at what the user has written" {
    local store=$home/.local/share/slipway secret=$memory/secret
    echo secret > "$secret"
    slipway create --name bait busybox > /dev/null
    local words
    for words in "--root $store --state $memory/new ps" "--root $memory/new --state $store/run ps -a" \
        "--root $store --state $memory/new images"; do
        # shellcheck disable=SC2086 # words
        runs 125 command slipway $words
        says "belongs to user 64999"
    done
    runs 125 step4-images --root "$store" images
    says "sudo -u '#64999'"
    equals "$(find "$store" -uid 0)" ""
}

@test "attack: nothing of the host's loopback, and no privileged port" {
    serves host tcp:7778
    runs 1 slipway run --rm busybox sh -c 'nc -w 1 $(ip route | sed -n "s/default via \([0-9.]*\).*/\1/p") 7778'
    runs 1 slipway run --rm busybox nc -w 1 203.0.113.9 7778
    runs 125 slipway run --rm -p 80:80 busybox true
    says "listen at 0.0.0.0:80/tcp"
    says net.ipv4.ip_unprivileged_port_start
}
