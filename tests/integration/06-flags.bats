#!/usr/bin/env bats
# The flags of `run` and `create`, one after the other: each has an effect that
# is seen from inside or outside the container.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # scripts for the shell inside; bats.bash assigns

load helpers
load runtime
load images
load engine

setup_file() { setup_engine_file; }
teardown_file() { teardown_engine_file; }
teardown() { remove_containers; }

# limit_is V1_FILE VALUE V2_FILE VALUE [OPTION...]: as the control group has it.
limit_is() {
    local v1=$1 value1=$2 v2=$3 value2=$4
    shift 4
    box 0 "$@" busybox sh -c "cd /sys/fs/cgroup; cat $v1 2>/dev/null || cat $v2"
    if [ -d /sys/fs/cgroup/memory ]; then
        equals "$output" "$value1"
    else
        equals "$output" "$value2"
    fi
}

# Identity

@test "--name: it is found by it, and it is nobody else's" {
    start_box --name flags-name
    equals "$(asked .Name)" /flags-name
    slipway exec flags-name true
    runs 125 slipway run --name flags-name busybox true
    says "flags-name"
    refuses "name" --name ../x busybox true
}

@test "--hostname, --domainname" {
    box_prints "web.example" -h web.example busybox hostname
    box_prints "web" --hostname web busybox sh -c 'echo $HOSTNAME'
    box_prints "nis" --domainname nis busybox cat /proc/sys/kernel/domainname
}

@test "--rm: nothing is left, also of a detached one" {
    before=$(container_ids)
    box 3 busybox sh -c 'exit 3'
    equals "$(container_ids)" "$before"
    box=$(slipway run -d --rm --network none busybox true)
    gone() { [ ! -e "$SLIPWAY_ROOT/engine/containers/$box" ]; }
    until_true gone
    # Without it the container stays.
    runs 4 slipway run --network none --name flags-stays busybox sh -c 'exit 4'
    [ -n "$(container_ids)" ]
}

@test "--label, --label-file, --annotation" {
    printf 'file=1\nboth=file\n# no\n' > "$BATS_TEST_TMPDIR/labels"
    start_box -l a=b --label both=typed --label-file "$BATS_TEST_TMPDIR/labels" --annotation x=y
    equals "$(asked '.Config.Labels | [.a, .both, .file] | join(" ")')" "b typed 1"
    equals "$(asked .HostConfig.Annotations.x)" y
}

@test "--cidfile: has the id, and is not overwritten" {
    file=$BATS_TEST_TMPDIR/cid
    start_box --cidfile "$file"
    equals "$(cat "$file")" "$box"
    refuses "there already" --cidfile "$file" busybox true
    # Where it cannot be written, nothing is left either, without --rm too.
    local before
    before=$(container_ids)
    for verb in run create; do
        runs 125 slipway "$verb" --network none --cidfile /no/folder/cid busybox true
        says "--cidfile /no/folder/cid"
        equals "$(container_ids)" "$before"
    done
}

# Process

@test "--interactive: what is typed arrives; without it nothing does" {
    equals "$(echo hello | slipway run --rm -i --network none busybox cat)" hello
    equals "$(echo hello | slipway run --rm --network none busybox cat)" ""
}

@test "--tty: a terminal, and not without one" {
    box 0 -t busybox sh -c 'test -t 1'
    box 1 busybox sh -c 'test -t 1'
    runs 1 slipway run --rm -it --network none busybox true
    says "not a TTY"
}

@test "--detach: prints the id and goes on" {
    start_box
    [[ $box =~ ^[0-9a-f]{64}$ ]]
    inside true
    refuses "contradict" -d -a stdout busybox true
}

@test "--env, --env-file: files first, then what is typed" {
    printf 'A=file\nB=file\nQ="quoted"\n#C=1\nSLIPWAY_OWN\n' > "$BATS_TEST_TMPDIR/env"
    export SLIPWAY_OWN=own
    box 0 --env-file "$BATS_TEST_TMPDIR/env" -e A=typed --env EMPTY= -e SLIPWAY_NOT_SET busybox env
    says $'A=typed\n'
    says $'B=file\n'
    says $'Q="quoted"\n'
    says $'SLIPWAY_OWN=own'
    says $'EMPTY=\n'
    says_not "C=1"
    says_not SLIPWAY_NOT_SET
    # A name that we do not have takes the image's variable away.
    step4-images --root "$SLIPWAY_ROOT" import --change "ENV SLIPWAY_NOT_SET=image" "$BUSYBOX" \
        with-env > /dev/null
    box 0 with-env env
    says SLIPWAY_NOT_SET=image
    box 0 -e SLIPWAY_NOT_SET with-env env
    says_not SLIPWAY_NOT_SET
    echo 'A B=1' > "$BATS_TEST_TMPDIR/env"
    refuses "env:1" --env-file "$BATS_TEST_TMPDIR/env" busybox true
}

@test "--workdir: is made, and must be absolute" {
    box_prints /new/folder -w /new/folder busybox pwd
    refuses "not absolute" -w folder busybox true
}

@test "--entrypoint: instead of the image's" {
    box_prints "hello" --entrypoint echo busybox hello
    refuses "no command" --entrypoint "" busybox
}

@test "--user, --group-add" {
    box_prints "1234 99 7" -u 1234:99 --group-add 7 busybox \
        sh -c 'echo $(id -u) $(id -g) $(id -G | tr " " "\n" | grep -x 7)'
    box_prints root -u root busybox whoami
    refuses "nobody-knows" -u nobody-knows busybox true
}

@test "--attach: only the streams that are named" {
    run --separate-stderr slipway run --rm --network none -a stderr busybox \
        sh -c 'echo out; echo err >&2'
    equals "$output" ""
    equals "$stderr" err
}

@test "--sig-proxy: signals reach the command, or only us" {
    for proxy in true false; do
        : > "$BATS_TEST_TMPDIR/out"
        nsenter -t "$machine" -n slipway run --rm --network none --name "flags-$proxy" --sig-proxy=$proxy busybox \
            sh -c 'trap "exit 7" TERM; echo ready; while :; do sleep 0.1; done' \
            > "$BATS_TEST_TMPDIR/out" 3>&- &
        client=$!
        until_true grep -q ready "$BATS_TEST_TMPDIR/out"
        kill -TERM "$client"
        code=0
        wait "$client" || code=$?
        if [ "$proxy" = true ]; then
            equals "$code" 7
        else
            slipway exec flags-false true
        fi
    done
}

@test "--detach-keys: the container goes on" {
    runs 0 python3 - <<'PYTHON'
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("slipway", ["slipway", "run", "-it", "--network", "none", "--name",
                          "flags-keys", "--detach-keys", "ctrl-a,d", "busybox", "sh"])
seen = b""
while b"#" not in seen:
    seen += os.read(terminal, 1000)
os.write(terminal, b"\x01d")
try:
    while os.read(terminal, 1000):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PYTHON
    slipway exec flags-keys true
    refuses "ctrl-?" --detach-keys ctrl-? busybox true
}

@test "exec --detach-keys: the command goes on, and keeps its terminal" {
    start_box
    local keys
    for keys in "" ctrl-a,d; do
        inside rm -f /go /tty
        runs 0 python3 - "$box" ${keys:+--detach-keys "$keys"} <<'PYTHON'
import os, pty, sys
keys = sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("slipway", ["slipway", "exec", "-it", *keys, sys.argv[1], "sh", "-c",
                          "echo rea''dy; until [ -e /go ]; do sleep 0.1; done; head -c 300000 /dev/zero; tty > /tty"])
seen = b""
while b"ready" not in seen:
    seen += os.read(terminal, 1000)
# Ctrl-P alone may be a key of the command's.
os.write(terminal, b"\x01d" if keys else b"\x10x\x10\x11")
try:
    while piece := os.read(terminal, 1000):
        seen = seen[-1000:] + piece
except OSError:
    pass
assert b"read escape sequence" in seen, seen
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PYTHON
        # What it writes is taken, or it would not get as far.
        inside touch /go
        until_true inside grep -qs /dev/pts /tty
    done
    nobody_holds() { ! pgrep -f "slipway exec -it .*$box"; }
    until_true nobody_holds
    runs 125 slipway exec -it --detach-keys ctrl-? "$box" true
    says "ctrl-?"
}

@test "--init: number 1 is ours, and it reaps" {
    box 0 --init busybox sh -c 'cat /proc/1/comm; echo $$'
    says_not $'\n1'
    start_box --init
    inside sh -c '(sleep 0 &)'
    no_zombies() { ! inside sh -c 'grep "State:.Z" /proc/[0-9]*/status'; }
    until_true no_zombies
}

@test "--stop-signal, --stop-timeout" {
    box=$(slipway run -d --network none --stop-signal USR1 busybox \
        sh -c 'trap "exit 5" USR1; while :; do sleep 0.1; done')
    until_true catches "$box" 10
    slipway stop "$box"
    runs 0 slipway wait "$box"
    equals "$output" 5
    box=$(slipway run -d --network none --stop-timeout 0 busybox \
        sh -c 'trap "" TERM; while :; do sleep 0.1; done')
    SECONDS=0
    slipway stop "$box"
    [ "$SECONDS" -lt 5 ]
    refuses "SIGNO" --stop-signal SIGNO busybox true
}

@test "--restart: on-failure tries so often, and not with --rm" {
    mkdir "$BATS_TEST_TMPDIR/seen"
    box=$(slipway run -d --network none --restart on-failure:2 -v "$BATS_TEST_TMPDIR/seen:/seen" \
        busybox sh -c 'echo x >> /seen/times; exit 1')
    three() { [ "$(grep -c x "$BATS_TEST_TMPDIR/seen/times")" = 3 ]; }
    until_true three
    runs 0 slipway wait "$box"
    equals "$output" 1
    equals "$(wc -l < "$BATS_TEST_TMPDIR/seen/times")" 3
    refuses "contradict" --restart always busybox true
}

@test "--pull: never is final" {
    refuses "nosuch" --pull never nosuch true
    box 0 --pull missing busybox true
    refuses "none of" --pull sometimes busybox true
}

# Networks

# serve TEXT [OPTION...]: a container whose port 80 answers so; its id in $box.
serve() {
    local text=$1
    shift
    box=$(slipway run -d "$@" busybox nc -ll -p 80 -e echo "$text")
    until_true listens
}
listens() { inside grep -q ":0050 .* 0A " /proc/net/tcp /proc/net/tcp6; }
address_of() { slipway inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }
answers() { [ "$(fetch "$1" "$2" 2>/dev/null)" = "$3" ]; }

@test "--publish: on all addresses, on one, at random, udp" {
    serve all -p 8080:80
    until_true answers 127.0.0.1 8080 all
    equals "$(fetch ::1 8080)" all
    serve one -p 127.0.0.1:8081:80
    until_true answers 127.0.0.1 8081 one
    run fetch ::1 8081
    [ "$status" != 0 ]
    serve random -p 80
    port=$(slipway port "$box" 80 | head -n 1)
    until_true answers 127.0.0.1 "${port##*:}" random
    # This busybox serves no UDP: somebody else in the container's network does.
    start_box --network bridge -p 53:53/udp
    pid=$(slipway inspect -f '{{.State.Pid}}' "$box")
    nsenter -t "$pid" -n python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 53))
s.sendto(b"udp\n", s.recvfrom(9)[1])' 3>&- &
    ask() {
        on_machine python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.connect(("127.0.0.1", 53))
s.send(b"x")
assert s.recv(9) == b"udp\n"'
    }
    until_true ask
    wait
    refuses "8080" -p 8080:80 busybox true
    refuses "no port" -p http:80 busybox true
}

@test "--publish: ranges" {
    serve range -p 8100-8101:80-81
    until_true answers 127.0.0.1 8100 range
    runs 0 slipway port "$box"
    says 8101
    serve choice -p 8100-8110:80
    runs 0 slipway port "$box" 80
    says 8102
}

@test "--publish-all, --expose" {
    serve exposed --expose 80 -P
    port=$(slipway port "$box" 80 | head -n 1)
    until_true answers 127.0.0.1 "${port##*:}" exposed
    refuses "--expose" --expose 8080:80 busybox true
}

@test "--publish: with its network a container loses its ports, or they go to the next one" {
    slipway network create flags-next
    serve moved -p 8120:80
    local moved=$box was
    slipway network connect flags-next "$moved"
    until_true answers 127.0.0.1 8120 moved
    slipway network disconnect bridge "$moved"
    equals "$(fetch 127.0.0.1 8120)" moved
    equals "$(fetch ::1 8120)" moved
    runs 0 inside ip route
    says "default via"
    was=$(address_of "$moved")
    slipway network disconnect flags-next "$moved"
    runs 0 slipway port "$moved"
    equals "$output" ""
    # Who has its address now is not reached by its ports.
    serve other --network flags-next
    equals "$(address_of "$box")" "$was"
    until_true answers "$was" 80 other
    run fetch 127.0.0.1 8120
    [ "$status" != 0 ]
    slipway network connect bridge "$moved"
    equals "$(fetch 127.0.0.1 8120)" moved
    slipway rm -f "$moved" "$box"
    slipway network rm flags-next
}

@test "--network: bridge, none, host, a container's, one of ours" {
    runs 0 slipway run --rm busybox ip -o -4 addr
    says eth0
    runs 0 slipway run --rm --network none busybox ip -o link
    says_not eth0
    runs 0 slipway run --rm --net host busybox readlink /proc/self/ns/net
    equals "$output" "$(readlink "/proc/$machine/ns/net")"
    runs 0 slipway run --rm --net host -p 8080:80 busybox true
    equals "$(grep -c warning <<< "$output")" 1
    serve joined
    runs 0 slipway run --rm --network "container:$box" busybox nc 127.0.0.1 80
    equals "$output" joined
    slipway network create flags-net
    serve named --network flags-net --name flags-named --network-alias other
    runs 0 slipway run --rm --network flags-net busybox nc flags-named 80
    equals "$output" named
    runs 0 slipway run --rm --network flags-net busybox nc other 80
    equals "$output" named
    refuses "no-such-net" --network no-such-net busybox true
    slipway rm -f "$box"
    serve linked --name flags-linked
    runs 0 slipway run --rm --link flags-linked:db busybox nc db 80
    equals "$output" linked
    slipway network rm flags-net
}

@test "--network container: who stays in it loses the address with its owner" {
    start_box --network bridge --name flags-owner
    local was
    was=$(address_of "$box")
    start_box --network "container:$box"
    local guest=$box
    runs 0 inside ip -o addr
    says "$was/"
    slipway rm -f flags-owner
    start_box --network bridge
    equals "$(address_of "$box")" "$was"
    runs 0 slipway exec "$guest" ip -o addr
    says_not "$was/"
}

@test "--name: renamed, it leaves its name to the next one, on its networks too" {
    slipway network create flags-names
    start_box --network flags-names --name flags-app
    local was=$box
    slipway rename flags-app flags-old
    start_box --network flags-names --name flags-app
    resolved() { slipway exec "$was" nslookup "$1" | sed -n '/^Name:/,$ s/^Address[^:]*: *//p' | sed 's/ .*//'; }
    equals "$(resolved flags-app)" "$(address_of "$box")"
    equals "$(resolved flags-old)" "$(address_of "$was")"
    slipway rm -f "$was" "$box"
    slipway network rm flags-names
}

@test "--ip, --mac-address, --network with fields" {
    slipway network create --subnet 10.99.0.0/24 flags-ip
    runs 0 slipway run --rm --network flags-ip --ip 10.99.0.7 --mac-address 02:42:0a:63:00:07 \
        busybox ip addr show eth0
    says "inet 10.99.0.7/24"
    says 02:42:0a:63:00:07
    runs 0 slipway run --rm --network name=flags-ip,ip=10.99.0.8 busybox ip addr show eth0
    says "inet 10.99.0.8/24"
    refuses "10.98.0.1" --network flags-ip --ip 10.98.0.1 busybox true
    slipway network rm flags-ip
    slipway network create --ipv6 --subnet fd00:99::/64 flags-six
    runs 0 slipway run --rm --network flags-six --ip6 fd00:99::77 busybox ip addr show eth0
    says "inet6 fd00:99::77/64"
    slipway network rm flags-six
}

@test "--dns, --dns-search, --dns-option, --add-host" {
    runs 0 slipway run --rm --dns 192.0.2.1 --dns-search example.org --dns-option ndots:3 \
        busybox cat /etc/resolv.conf
    says "nameserver 192.0.2.1"
    says "search example.org"
    says "options ndots:3"
    runs 0 slipway run --rm --add-host box:192.0.2.9 --add-host gate:host-gateway busybox cat /etc/hosts
    says $'192.0.2.9\tbox'
    says gate
    says_not host-gateway
}

# Files

@test "--volume: a folder of the host, a named volume, an anonymous one" {
    host=$BATS_TEST_TMPDIR/host
    box 0 -v "$host:/h" busybox touch /h/file
    [ -e "$host/file" ]
    box 1 -v "$host:/h:ro" busybox touch /h/other
    box 0 -v flags-data:/d busybox sh -c 'echo kept > /d/file'
    box_prints kept -v flags-data:/d:ro busybox cat /d/file
    start_box -v /anonymous
    inside sh -c 'grep " /anonymous " /proc/mounts'
    cd "$BATS_TEST_TMPDIR"
    box_prints file -v ./host:/h busybox ls /h
    refuses "fewer than two" -v v:/y busybox true
}

@test "--rm, rm -v: they remove the volumes that were given no name, and no others" {
    local named made
    named=$(slipway volume create)  # a name that somebody was told
    box 0 -v "$named:/d" -v /anonymous busybox touch /d/file
    [ -e "$SLIPWAY_ROOT/engine/volumes/$named/_data/file" ]
    equals "$(slipway volume ls -qf name="$named")" "$named"
    start_box -v "$named:/d" -v /anonymous
    made=$(slipway inspect -f '{{range .Mounts}}{{.Name}} {{end}}' "$box")
    made=${made/$named/}
    slipway create --name flags-second --network none --volumes-from "$box" busybox true
    slipway rm -fv "$box"
    [ -d "$SLIPWAY_ROOT/engine/volumes/${made// /}" ]  # the other has it
    slipway rm -v flags-second
    [ ! -d "$SLIPWAY_ROOT/engine/volumes/${made// /}" ]
    slipway volume rm "$named"
}

@test "--volume: a new volume has what the image had there" {
    box 0 -v flags-filled:/etc busybox test -e /etc/passwd
    box 1 -v flags-empty:/etc:nocopy busybox test -e /etc/passwd
}

@test "--volume: a first fill that was interrupted is completed by the next start" {
    local volume=$SLIPWAY_ROOT/engine/volumes/flags-half
    slipway create --name flags-half --network none -v flags-half:/etc busybox cat /etc/passwd
    # As a SIGKILL, or a full disk, leaves it: each of its files may be half there.
    mv "$volume/.fill" "$volume/.filling"
    echo half > "$volume/_data/passwd"
    runs 0 slipway start -a flags-half
    says "root:"
    says_not half
    equals "$(find "$volume" -name '.fill*')" ""
    slipway rm flags-half
}

@test "--volume: a new volume that somebody has filled stays as it is" {
    slipway create --name flags-own --network none -v flags-own:/etc busybox ls /etc/passwd
    echo mine > "$SLIPWAY_ROOT/engine/volumes/flags-own/_data/passwd"
    runs 0 slipway start -a flags-own
    equals "$(cat "$SLIPWAY_ROOT/engine/volumes/flags-own/_data/passwd")" mine
    [ ! -e "$SLIPWAY_ROOT/engine/volumes/flags-own/_data/group" ]
    slipway rm flags-own
}

@test "--mount: the same in fields, and a source that is missing" {
    mkdir "$BATS_TEST_TMPDIR/host"
    box 1 --mount "type=bind,src=$BATS_TEST_TMPDIR/host,dst=/h,readonly" busybox touch /h/file
    box 0 --mount type=volume,source=flags-fields,target=/d busybox touch /d/file
    box 0 --mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700 busybox \
        sh -c 'grep "^tmpfs /t tmpfs.*size=1024k" /proc/mounts; stat -c %a /t'
    says $'\n700'
    refuses "does not exist" --mount type=bind,src=/no/such,dst=/h busybox true
    refuses "did you mean target" --mount tagret=/h busybox true
    refuses "images cannot be mounted" --mount type=image,src=busybox,dst=/i busybox true
}

@test "--tmpfs, --read-only" {
    box 1 --read-only busybox touch /file
    box 0 --read-only --tmpfs /t:size=1m busybox sh -c 'touch /t/file && grep "/t .*size=1024k" /proc/mounts'
}

@test "--volumes-from: another one's volumes" {
    slipway create --name flags-from --network none -v flags-shared:/shared busybox true
    box 0 --volumes-from flags-from busybox touch /shared/file
    box 1 --volumes-from flags-from:ro busybox touch /shared/other
    refuses "no-such-box" --volumes-from no-such-box busybox true
}

@test "--shm-size" {
    box 0 --shm-size 1m busybox grep /dev/shm /proc/mounts
    says size=1024k
    box 0 busybox grep /dev/shm /proc/mounts
    says size=65536k
}

# Limits

@test "--memory: is enforced" {
    limit_is memory/memory.limit_in_bytes 67108864 memory.max 67108864 -m 64m
    box 137 -m 8m busybox sh -c 'x=$(head -c 50000000 /dev/zero | tr "\0" x); echo $x | wc -c'
    refuses "6 MiB" -m 5m busybox true
}

@test "--memory-swap, --memory-reservation" {
    limit_is memory/memory.memsw.limit_in_bytes 134217728 memory.swap.max 67108864 \
        -m 64m --memory-swap 128m
    limit_is memory/memory.soft_limit_in_bytes 33554432 memory.low 33554432 --memory-reservation 32m
    refuses "memory and swap" -m 64m --memory-swap 32m busybox true
}

@test "--cpus, --cpu-period, --cpu-quota" {
    limit_is cpu/cpu.cfs_quota_us 50000 cpu.max "50000 100000" --cpus 0.5
    limit_is cpu/cpu.cfs_quota_us 5000 cpu.max "5000 10000" --cpu-period 10000 --cpu-quota 5000
    limit_is cpu/cpu.cfs_period_us 10000 cpu.max "5000 10000" --cpu-period 10000 --cpu-quota 5000
    refuses "contradict" --cpus 1 --cpu-quota 5000 busybox true
}

@test "--cpu-shares, --cpuset-cpus" {
    limit_is cpu/cpu.shares 512 cpu.weight 20 --cpu-shares 512
    limit_is cpuset/cpuset.cpus 0 cpuset.cpus 0 --cpuset-cpus 0
    box_prints 1 --cpuset-cpus 0 busybox nproc
    refuses "cpuset" --cpuset-cpus x busybox true
}

@test "--pids-limit: is enforced" {
    limit_is pids/pids.max 20 pids.max 20 --pids-limit 20
    run slipway run --rm --network none --pids-limit 5 busybox \
        sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done'
    says fork
}

@test "--ulimit, --oom-score-adj" {
    box_prints "100 200" --ulimit nofile=100:200 busybox sh -c 'echo $(ulimit -n) $(ulimit -Hn)'
    box_prints 500 --oom-score-adj 500 busybox cat /proc/self/oom_score_adj
    refuses "did you mean nofile" --ulimit nofle=1 busybox true
}

@test "--device: is there and can be opened; others cannot" {
    node=$BATS_TEST_TMPDIR/fuse
    mknod "$node" c 10 229
    : < "$node" || skip "this kernel has no fuse"
    box 0 --device "$node:/dev/inside" busybox sh -c ': < /dev/inside && : >> /dev/inside'
    box 0 --device "$node:/dev/inside:r" busybox sh -c ': < /dev/inside'
    box 1 --device "$node:/dev/inside:r" busybox sh -c ': >> /dev/inside'
    box 1 busybox sh -c 'mknod /inside c 10 229 && : < /inside'
    box 0 --device-cgroup-rule "c 10:229 rm" busybox sh -c 'mknod /inside c 10 229 && : < /inside'
    refuses "no-such-device" --device /dev/no-such-device busybox true
}

# Isolation

@test "--isolation: levels of the course" {
    level() { slipway run --rm --isolation "$1" busybox sh -c 'readlink /proc/self/ns/'"$2"; }
    for kind in pid net ipc uts cgroup; do
        hosts=$(on_machine readlink /proc/self/ns/$kind)
        equals "$(level chroot $kind)" "$hosts"
        [ "$(level namespaces $kind)" != "$hosts" ]
    done
    runs 0 slipway run --rm --isolation cgroups -m 64m busybox \
        sh -c 'grep -E "^(Seccomp|CapEff)" /proc/self/status; mount -t tmpfs tmpfs /tmp'
    says $'Seccomp:\t0'
    refuses "--isolation namespaces and a limit" --isolation namespaces -m 64m busybox true
    refuses "did you mean chroot" --isolation chrot busybox true
}

@test "--pid: the host's processes, or another container's" {
    box_prints "$(readlink /proc/self/ns/pid)" --pid host busybox readlink /proc/self/ns/pid
    start_box
    box 0 --pid "container:$box" busybox ps
    says "sleep 99"
    box 0 busybox ps
    says_not "sleep 99"
}

@test "--ipc: shared memory of the host, of another container, of nobody" {
    box_prints "$(readlink /proc/self/ns/ipc)" --ipc host busybox readlink /proc/self/ns/ipc
    start_box --ipc shareable --shm-size 1m
    inside touch /dev/shm/file
    box_prints file --ipc "container:$box" busybox ls /dev/shm
    box 1 --ipc "container:$box" busybox dd if=/dev/zero of=/dev/shm/big bs=1024 count=1025
    says "No space left"
    slipway kill "$box"
    slipway wait "$box"
    run ! grep "$SLIPWAY_STATE/containers/.*/shm" /proc/self/mountinfo
    slipway start "$box"
    kill -9 "$(jq .monitor.pid "$SLIPWAY_STATE/containers/$box/run.json")"
    slipway rm -f "$box"
    run ! grep "$SLIPWAY_STATE/containers/.*/shm" /proc/self/mountinfo
    box 1 --ipc none busybox grep -q /dev/shm /proc/mounts
}

@test "--uts, --cgroupns, --userns" {
    box_prints "$(hostname)" --uts host busybox hostname
    box_prints "$(readlink /proc/self/ns/cgroup)" --cgroupns host busybox readlink /proc/self/ns/cgroup
    box 0 --cgroupns private busybox readlink /proc/self/ns/cgroup
    [ "$output" != "$(readlink /proc/self/ns/cgroup)" ]
    box_prints "$(readlink /proc/self/ns/user)" --userns host busybox readlink /proc/self/ns/user
    refuses "none of" --uts other busybox true
}

@test "--cap-add, --cap-drop" {
    box 0 --cap-drop ALL --cap-add chown busybox grep CapBnd /proc/self/status
    says 0000000000000001
    box 1 --cap-drop chown busybox chown 1:1 /bin
    box 0 --cap-add SYS_ADMIN busybox mount -t tmpfs tmpfs /tmp
    box 1 busybox mount -t tmpfs tmpfs /tmp
    refuses "did you mean CAP_NET_ADMIN" --cap-add NET_ADMN busybox true
}

@test "--privileged: all rights, all devices" {
    box 0 --privileged busybox sh -c 'mount -t tmpfs tmpfs /tmp && test -c /dev/kmsg'
    box 0 --privileged busybox sh -c 'echo > /proc/sys/kernel/random/write_wakeup_threshold || grep Seccomp: /proc/self/status'
}

@test "--security-opt: no-new-privileges, seccomp, systempaths" {
    box_prints $'NoNewPrivs:\t1' --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status
    box_prints $'Seccomp:\t0' --security-opt seccomp=unconfined busybox grep Seccomp: /proc/self/status
    box_prints $'Seccomp:\t2' busybox grep Seccomp: /proc/self/status
    echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],
        "action":"SCMP_ACT_ERRNO","excludes":{"caps":["CAP_SYS_ADMIN"]}}]}' > "$BATS_TEST_TMPDIR/profile"
    box 1 --security-opt "seccomp=$BATS_TEST_TMPDIR/profile" busybox mkdir /new
    box 0 --security-opt "seccomp=$BATS_TEST_TMPDIR/profile" --cap-add SYS_ADMIN busybox mkdir /new
    box 0 --security-opt systempaths=unconfined busybox sh -c 'grep " /proc/sys " /proc/mounts || echo open'
    says open
    refuses "AppArmor" --security-opt apparmor=strict busybox true
}

@test "--sysctl: a setting of its own" {
    box_prints 1 --sysctl net.ipv4.ip_forward=1 busybox cat /proc/sys/net/ipv4/ip_forward
    refuses "whole machine" --sysctl vm.swappiness=1 busybox true
    refuses "change the host" --network host --sysctl net.ipv4.ip_forward=1 busybox true
}

# Health and logs

health_is() { [ "$(slipway inspect -f '{{.State.Health.Status}}' "$box")" = "$1" ]; }

@test "--health-cmd, -interval, -retries: healthy, then unhealthy" {
    start_box --health-cmd 'test ! -e /sick' --health-interval 100ms --health-retries 2
    until_true health_is healthy
    inside touch /sick
    until_true health_is unhealthy
    runs 0 slipway ps --filter health=unhealthy -q --no-trunc
    says "$box"
}

@test "--health-timeout, --health-start-period, --health-start-interval" {
    start_box --health-cmd 'sleep 9' --health-interval 100ms --health-timeout 100ms --health-retries 1
    until_true health_is unhealthy
    start_box --health-cmd false --health-interval 1h --health-retries 1 \
        --health-start-period 30s --health-start-interval 100ms
    health_is starting
    failures() { [ "$(slipway inspect -f '{{len .State.Health.Log}}' "$box")" -ge 2 ]; }
    until_true failures
    health_is starting
}

@test "--no-healthcheck" {
    start_box --no-healthcheck
    equals "$(asked '.Config.Healthcheck.Test[0]')" NONE
    refuses "contradict" --no-healthcheck --health-retries 1 busybox true
}

@test "--log-driver, --log-opt" {
    start_box --log-opt max-size=1m --log-opt max-file=2
    equals "$(asked '.HostConfig.LogConfig | [.Type, .Config["max-size"]] | join(" ")')" "json-file 1m"
    box=$(slipway run -d --network none --log-opt max-size=100k --log-opt max-file=2 \
        busybox sh -c 'yes | head -c 1000000')
    slipway wait "$box"
    # Thirty million bytes with their times; a file may be a buffer longer.
    [ "$(cat "$SLIPWAY_ROOT/engine/containers/$box/"*.log* | wc -c)" -lt 1000000 ]
    runs 0 slipway logs --tail 1 "$box"
    equals "$output" y
    box=$(slipway run -d --network none --log-driver none busybox echo x)
    slipway wait "$box"
    run slipway logs "$box"
    says_not x
    refuses "not supported" --log-driver syslog busybox true
    refuses "did you mean max-size" --log-opt max-sise=1m busybox true
}

# What stands behind the image

@test "options behind the image: the line that was meant" {
    refuses "slipway run --rm -p 8080:80 busybox" busybox -p 8080:80
}

# Rarely used

@test "rarely used ones are noted as Docker notes them" {
    slipway create --network none --name flags-rare --platform "linux/$(dpkg --print-architecture)" \
        --disable-content-trust --cgroup-parent /slipway-flags --memory-swappiness 10 \
        --blkio-weight-device /dev/null:200 --device-write-bps /dev/null:1mb \
        --device-write-iops /dev/null:99 --cpu-rt-period 1000000 --cpu-rt-runtime 1000 \
        busybox true > /dev/null
    noted() { slipway inspect -f "{{json .HostConfig.$1}}" flags-rare; }
    equals "$(noted CgroupParent)" '"/slipway-flags"'
    equals "$(noted MemorySwappiness)" 10
    equals "$(noted BlkioWeightDevice)" '[{"Path":"/dev/null","Weight":200}]'
    equals "$(noted BlkioDeviceWriteBps)" '[{"Path":"/dev/null","Rate":1048576}]'
    equals "$(noted BlkioDeviceWriteIOps)" '[{"Path":"/dev/null","Rate":99}]'
    equals "$(noted CpuRealtimePeriod)" 1000000
    equals "$(noted CpuRealtimeRuntime)" 1000
}

@test "what is not there is refused" {
    local flag
    for flag in "--gpus all" "--kernel-memory 8m" "--link-local-ip 169.254.1.1" \
        "--storage-opt size=1g" "--use-api-socket" "--volume-driver nfs" "--cpu-count 1" \
        "--cpu-percent 1" "--io-maxbandwidth 1" "--io-maxiops 1"; do
        # shellcheck disable=SC2086 # a flag and its value
        refuses "${flag%% *}:" $flag busybox true
    done
    refuses "platform" --platform linux/mips --pull never busybox true
}
