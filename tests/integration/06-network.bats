#!/usr/bin/env bats
# Networks, by network-driver (tests/helpers/network.cpp), which does what the
# engine does. Each test has a machine of its own: networks.bash.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # networks.bash assigns NAME_ip and uses server; tests have their own spaces

load helpers
load networks

setup_file() {
    requires_root
    host_state print > "$BATS_FILE_TMPDIR/host"
}
teardown_file() { host_state compare "$BATS_FILE_TMPDIR/host"; }
setup() { setup_machine; }
teardown() { teardown_machine; }

@test "a container gets the lowest address, a gateway, and a way out by it" {
    add_neighbour
    serves neighbour tcp:80
    container web
    [ "$web_ip" = 172.17.0.2 ]
    container db
    [ "$db_ip" = 172.17.0.3 ]
    run -0 in_space "$web" ip -o address show eth0
    says "inet 172.17.0.2/16"
    says_not inet6
    run -0 in_space "$web" ip route
    says "default via 172.17.0.1 dev eth0"
    # The neighbour knows no way to 172.17.0.0/16: it sees the host.
    run -0 ask web tcp 203.0.113.9 80
    says "neighbour 203.0.113.1"
}

@test "a published port is reached by every address of the host" {
    add_neighbour
    container web
    serves web tcp:80 udp:53
    run -0 net publish bridge web 8080:80 5300:53/udp
    says "tcp 0.0.0.0 8080 80"
    says "udp :: 5300 53"
    local address
    for address in 127.0.0.1 127.0.0.2 ::1 172.17.0.1 203.0.113.1 2001:db8::1; do
        run -0 ask host tcp "$address" 8080
        says "web "
        run -0 ask host udp "$address" 5300
        says "web "
    done
    run -0 ask neighbour tcp 203.0.113.1 8080
    says "web 203.0.113.9"  # not a proxy's address
    run -0 ask neighbour udp 203.0.113.1 5300
    says "web 203.0.113.9"
    run -0 ask neighbour tcp 2001:db8::1 8080
    says "web 172.17.0.1"
    run -0 ask neighbour tcp 203.0.113.1 81
    says "refused"
}

@test "a port published on 127.0.0.1 is not for neighbours" {
    add_neighbour
    container web
    serves web tcp:80
    net publish bridge web 127.0.0.1,8080:80
    run -0 ask host tcp 127.0.0.1 8080
    says "web 172.17.0.1"
    run -0 ask neighbour tcp 203.0.113.1 8080
    says refused
    run -0 ask host tcp 127.0.0.2 8080
    says refused
    # Nor is the container itself, for who finds a way to its address.
    in_space "$neighbour" ip route add 172.17.0.0/16 via 203.0.113.1
    run -0 ask neighbour tcp "$web_ip" 80
    says timeout
}

@test "containers reach each other, and published ports, their own too" {
    container web
    container db
    serves web tcp:80
    net publish bridge web 8080:80
    run -0 ask db tcp "$web_ip" 80
    says "web $db_ip"
    run -0 ask db tcp 172.17.0.1 8080
    says "web "
    run -0 ask web tcp 172.17.0.1 8080
    says "web "
}

@test "what the host has on 127.0.0.1 is not for containers" {
    container web
    serves host tcp:9999
    run -0 ask web tcp 172.17.0.1 9999
    says "host "
    # A way to the host's loopback, as an attacker makes it: CVE-2020-8558.
    in_space "$web" ip address del 127.0.0.1/8 dev lo
    in_space "$web" ip route add 127.0.0.0/8 via 172.17.0.1 dev eth0 table 1
    in_space "$web" ip rule add to 127.0.0.0/8 lookup 1 pref 0 || skip "no rules"
    in_space "$web" sh -c 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet'
    run -0 ask web tcp 127.0.0.1 9999
    says_not "host "
    # It is the rule that stops it.
    on_host nft flush chain inet slipway spoofed
    run -0 ask web tcp 127.0.0.1 9999
    says "host "
}

@test "an internal network leads nowhere, and is not published" {
    add_neighbour
    serves neighbour tcp:80
    net create quiet internal
    container one quiet
    container two quiet
    serves one tcp:80
    run -0 ask two tcp "$one_ip" 80
    says "one $two_ip"
    run -0 ask two tcp 203.0.113.9 80
    says unreachable
    in_space "$two" ip route add default via 172.18.0.1
    run -0 ask two tcp 203.0.113.9 80
    says timeout
    run -0 net publish quiet one 8080:80
    [ -z "$output" ]
}

@test "two networks are apart, but for published ports" {
    net create blue
    net create red
    container one blue
    container two red
    serves one tcp:80
    run -0 ask two tcp "$one_ip" 80
    says timeout
    net publish blue one 8080:80
    run -0 ask two tcp 172.19.0.1 8080
    says "one "
    run -0 ask two tcp "$one_ip" 80
    says timeout
}

@test "a container on two networks: the second is connected and disconnected" {
    net create blue
    container web
    container other blue
    serves other tcp:80
    run -0 ask web tcp "$other_ip" 80
    says timeout
    join web blue interface=eth1 route=no
    run -0 ask web tcp "$other_ip" 80
    says "other 172.18.0.3"
    run -0 in_space "$web" ip route
    says "default via 172.17.0.1"
    net detach blue web
    run -0 in_space "$web" ip -br link
    says_not eth1
    says eth0
    run -0 ask web tcp "$other_ip" 80
    says timeout
}

@test "names are resolved on a network that was created, by UDP and TCP" {
    net create blue
    container web blue alias=www alias=shared
    container db blue alias=shared
    server=172.18.0.1
    run -0 resolve web db
    [ "$output" = "$db_ip" ]
    run -0 resolve web WWW +tcp
    [ "$output" = "$web_ip" ]
    run -0 resolve web db.blue
    [ "$output" = "$db_ip" ]
    run -0 resolve web shared
    [ "${#lines[@]}" -eq 2 ]
    run -0 resolve web -x "$db_ip"
    [ "$output" = db.blue. ]
    run -0 in_space "$web" dig +time=2 +tries=1 @172.18.0.1 db AAAA
    says NOERROR
    says "ANSWER: 0"
    # Names come and go with containers.
    net detach blue db
    run -0 resolve web shared
    [ "$output" = "$web_ip" ]
}

@test "the name server asks others, and not for an internal network" {
    add_neighbour
    nsenter -t "$neighbour" -n python3 "$SLIPWAY_SOURCE/tests/helpers/name_server.py" \
        203.0.113.9 > "$BATS_TEST_TMPDIR/names" 3>&- &
    spaces+=($!)
    until grep -q ready "$BATS_TEST_TMPDIR/names"; do :; done
    net create blue
    net create quiet internal
    container web blue dns=203.0.113.9
    container one quiet dns=203.0.113.9
    server=172.18.0.1
    run -0 resolve web example.test
    [ "$output" = 198.51.100.7 ]
    run -0 resolve web example.test +tcp
    [ "$output" = 198.51.100.7 ]
    # One that does not answer, first.
    container other blue dns=203.0.113.99 dns=203.0.113.9
    run -0 in_space "$other" dig +short +time=8 +tries=1 @172.18.0.1 example.test
    [ "$output" = 198.51.100.7 ]
    run -0 in_space "$one" dig +time=2 +tries=1 @172.19.0.1 example.test
    says NXDOMAIN
    # On both networks it may ask.
    join one blue interface=eth1 dns=203.0.113.9
    server=172.19.0.1
    run -0 resolve one web
    [ "$output" = "$web_ip" ]
}

@test "only the network's own containers are answered" {
    add_neighbour
    net create blue
    container web blue
    container stranger
    server=172.18.0.1
    run -9 resolve stranger web
    in_space "$neighbour" ip route add 172.18.0.0/16 via 203.0.113.1
    run -9 resolve neighbour web
}

@test "a port that is taken names its owner" {
    container web
    container db
    net publish bridge web 8080:80
    run -125 net publish bridge db 8080:80
    says "Bind for 0.0.0.0:8080 failed: port is already allocated: container web (web) has it"
    serves host tcp:9090
    run -125 net publish bridge db 8081:81 9090:80
    says "Bind for 0.0.0.0:9090 failed: port is already allocated: python3 (process "
    # None of them, then: neither 8081.
    run -0 net ports db
    [ -z "$output" ]
    net publish bridge web 8081:81
    run -125 net publish bridge db 192.0.2.77,80:80
    says "does not have that address"
}

@test "another port for the same address, the same port for another address" {
    add_neighbour
    container web
    container db
    serves web tcp:80
    serves db tcp:80
    net publish bridge web 127.0.0.1,8080:80
    net publish bridge db 203.0.113.1,8080:80
    run -0 ask host tcp 127.0.0.1 8080
    says "web "
    run -0 ask neighbour tcp 203.0.113.1 8080
    says "db "
    run -0 net publish bridge web 0:80
    [[ ${lines[0]} =~ ^"tcp 0.0.0.0 "([0-9]+)" 80"$ ]]
    run -0 ask neighbour tcp 203.0.113.1 "${BASH_REMATCH[1]}"
    says "web "
}

@test "ports and names survive a kill, with the next repair" {
    net create blue
    container web blue
    container db blue
    serves web tcp:80
    net publish blue web 8080:80
    [ "$(helpers | wc -l)" -eq 2 ]
    # shellcheck disable=SC2046 # numbers
    kill -9 $(helpers)
    run -0 ask host tcp 127.0.0.1 8080
    says "web "  # the kernel does it alone
    run -0 ask host tcp ::1 8080
    says refused
    run -125 net publish blue db 8080:80
    says "container web"
    net repair web db
    run -0 ask host tcp ::1 8080
    says "web "
    server=172.18.0.1
    run -0 resolve db web
    [ "$output" = "$web_ip" ]
    # Somebody empties the firewall.
    on_host nft flush ruleset
    net repair web db
    run -0 ask db tcp 172.18.0.1 8080
    says "web "
    # One has ended, and nobody has said so.
    net repair db
    run -0 net ports web
    [ -z "$output" ]
    [ "$(helpers | wc -l)" -eq 1 ]
}

@test "who hangs up in the middle ends a connection, not the proxy" {
    container web
    # A server that says much, and one that hangs up on who says much.
    mkfifo "$BATS_TEST_TMPDIR/ready"
    nsenter -t "$web" -n python3 "$SLIPWAY_SOURCE/tests/helpers/hang_up.py" serve 81 82 \
        > "$BATS_TEST_TMPDIR/ready" 3>&- &
    spaces+=($!)
    head -n 2 "$BATS_TEST_TMPDIR/ready"
    serves web tcp:80
    net publish bridge web 8080:80 8081:81 8082:82
    local proxy
    proxy=$(helpers)
    run -0 on_host python3 "$SLIPWAY_SOURCE/tests/helpers/hang_up.py" ask ::1 8081 8082
    says "hung up 40 times"
    run -0 ask host tcp ::1 8080
    says "web "
    [ "$(helpers)" = "$proxy" ]
}

@test "50 containers at once: each has an address of its own" {
    local pids=() i
    for i in $(seq 50); do
        eval "local box$i"
        new_namespace "box$i"
    done
    for i in $(seq 50); do
        local -n pid=box$i
        net attach bridge "box$i" "$pid" > "$BATS_TEST_TMPDIR/ip.$i" &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    run -0 sort -u "$BATS_TEST_TMPDIR"/ip.*
    [ "${#lines[@]}" -eq 50 ]
    serves box1 tcp:80
    local first
    read -r first _ < "$BATS_TEST_TMPDIR/ip.1"
    run -0 ask box50 tcp "$first" 80
    says "box1 "
}

@test "addresses that are asked for are checked; subnets avoid the host's" {
    on_host ip link add far type bridge
    on_host ip address add 172.17.3.1/24 dev far
    run -0 net ls
    says "bridge bridge 172.18.0.0/16"
    net create blue subnet=10.9.0.0/24 range=10.9.0.128/25
    container web blue
    [ "$web_ip" = 10.9.0.128 ]
    container db blue ip=10.9.0.7 mac=02:00:00:00:00:07
    [ "$db_ip" = 10.9.0.7 ]
    run -0 in_space "$db" cat /sys/class/net/eth0/address
    run -125 net attach blue third "$web" ip=10.9.0.7
    says "Address already in use"
    run -125 net attach blue third "$web" ip=10.8.0.7
    says "no configured subnet contains IP address 10.8.0.7"
    run -125 net create red subnet=10.9.0.0/16
    says "Pool overlaps"
    run -125 net create blue
    says "network with name blue already exists"
    run -125 net create ../x
    says "network name"
    run -125 net rm blue
    says "has active endpoints"
    run -125 net rm bridge
    says "pre-defined"
    run -125 net inspect bleu
    says "did you mean blue?"
}

@test "a network that is removed while a container is about to join it" {
    net create blue
    new_namespace web
    run -125 net attach blue web "$web" removed=yes
    says "network blue not found"
    [ -z "$(find "$state/state/network/endpoints" -name '*.state')" ]
    [ -z "$(on_host ip -br link show type bridge)" ]
}

@test "IPv6: addresses, and published ports without a proxy" {
    add_neighbour
    net create six ipv6
    container web six
    serves web tcp:80 tcp6:81
    run -0 in_space "$web" ip -6 -o address show eth0 scope global
    says "::2/64"
    net publish six web 8080:81
    run -0 ask neighbour tcp 2001:db8::1 8080
    says "web 2001:db8::9"
    run -0 ask host tcp ::1 8080
    says "web "
}

@test "nothing is left on the host" {
    on_host sh -c 'echo 0 > /proc/sys/net/ipv4/ip_forward'
    net create blue
    container web blue
    container db
    serves web tcp:80
    net publish blue web 8080:80
    [ "$(on_host cat /proc/sys/net/ipv4/ip_forward)" = 1 ]
    net idle  # all in use
    run -0 ask host tcp ::1 8080
    says "web "
    net end web
    net detach bridge db
    [ -z "$(helpers)" ]
    net prune
    run -0 net ls
    says_not blue
    net idle
    run -0 on_host nft list ruleset
    [ -z "$output" ]
    run -0 on_host ip -br link
    says_not slipway0
    says_not sw-
    [ "$(on_host cat /proc/sys/net/ipv4/ip_forward)" = 0 ]
    [ -z "$(ls "$state"/state/network/{dns,proxy,ports,endpoints})" ] ||
        [ -z "$(find "$state/state/network" -name '*.state')" ]
}

@test "a bridge goes, although the kernel has the cable of an ended container still" {
    container web
    # As detach_everywhere() leaves it: the namespace outlives the container.
    net end web
    [ -n "$(on_host ip -br link show type veth)" ]
    net idle
    [ -z "$(on_host ip -br link show type bridge)" ]
}

@test "who has been talking UDP to a port is heard by the container that has it next" {
    add_neighbour
    container web
    container db
    serves web udp:53
    serves db udp:53
    net publish bridge web 5300:53/udp
    # One socket, two questions.
    mkfifo "$BATS_TEST_TMPDIR/go"
    in_space "$neighbour" python3 -c '
import socket, sys
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.settimeout(3)
one.connect(("203.0.113.1", 5300))
for _ in range(2):
    sys.stdin.readline()
    one.send(b"who?")
    try: print(one.recv(99).decode().split()[0], flush=True)
    except OSError as error: print(error, flush=True)' \
        < "$BATS_TEST_TMPDIR/go" > "$BATS_TEST_TMPDIR/heard" &
    local client=$!
    exec 8> "$BATS_TEST_TMPDIR/go"
    echo >&8
    # shellcheck disable=SC2317
    until_heard() { while [ "$(wc -l < "$BATS_TEST_TMPDIR/heard")" -lt "$1" ]; do :; done; }
    until_heard 1
    net end web
    net publish bridge db 5300:53/udp
    echo >&8
    exec 8>&-
    wait "$client"
    [ "$(paste -sd ' ' "$BATS_TEST_TMPDIR/heard")" = "web db" ]
}

@test "a bridge that somebody has plugged something into stays" {
    container web
    net detach bridge web
    on_host ip link add plug8 type veth peer name plug9
    on_host ip link set plug9 master "$(on_host ip -br link show type bridge | cut -d' ' -f1)"
    net idle
    [ -n "$(on_host ip -br link show type bridge)" ]
    on_host ip link del plug9
    net idle
    [ -z "$(on_host ip -br link show type bridge)" ]
}

@test "two stores on one machine: bridges of their own, and the last one puts out the light" {
    on_host sh -c 'echo 0 > /proc/sys/net/ipv4/ip_forward'
    local first=$state
    container web
    new_namespace db
    state=$BATS_TEST_TMPDIR/other
    run -0 net attach bridge db "$db"
    [ "$(on_host ip -br link show type bridge | wc -l)" = 2 ]
    state=$first
    net detach bridge web
    net idle  # it had switched forwarding on
    [ "$(on_host ip -br link show type bridge | wc -l)" = 1 ]
    [ "$(on_host cat /proc/sys/net/ipv4/ip_forward)" = 1 ]
    state=$BATS_TEST_TMPDIR/other
    net detach bridge db
    net idle
    [ "$(on_host cat /proc/sys/net/ipv4/ip_forward)" = 0 ]
    [ -z "$(on_host nft list ruleset)$(on_host ip -br link show type bridge)" ]
}

@test "several stores that chose one subnet: all but one choose again" {
    local i used pids=() stores=(one two three four)
    for i in "${stores[@]}"; do
        new_namespace "$i"
        run -0 on_host network-driver --state "$BATS_TEST_TMPDIR/$i" ls
        says "bridge bridge 172.17.0.0/16"
    done
    for i in "${stores[@]}"; do
        on_host network-driver --state "$BATS_TEST_TMPDIR/$i" attach bridge "$i" "${!i}" \
            > "$BATS_TEST_TMPDIR/address.$i" &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    used=$(on_host ip -4 -o address show | awk '$2 ~ /^sw-/ {print $4}' | sort)
    [ "$(echo "$used" | uniq | wc -l)" = 4 ]
    for i in "${stores[@]}"; do
        in_space "${!i}" busybox ping -c 1 -W 5 "$(in_space "${!i}" ip route | awk '/^default/ {print $3}')"
        # As it is written down: the next container finds it so.
        run -0 on_host network-driver --state "$BATS_TEST_TMPDIR/$i" ls
        says "$(in_space "${!i}" ip route | awk '/^172|^192/ {print $1}')"
    done
    # A subnet that was asked for is not changed.
    state=$BATS_TEST_TMPDIR/one
    net create asked subnet=10.7.0.0/24
    on_host ip link add far type bridge
    on_host ip address add 10.7.0.1/24 dev far
    run -125 net attach asked x "$one"
    says "its subnet 10.7.0.0/24 overlaps"
    for i in "${stores[@]}"; do
        state=$BATS_TEST_TMPDIR/$i
        net detach bridge "$i"
        net idle
    done
    on_host ip link del far
    [ -z "$(on_host nft list ruleset)$(on_host ip -br link show type bridge)" ]
}

@test "what a store has left that was removed by hand is cleaned by another" {
    container web
    net publish bridge web 8080:80
    local kept=$state proxy
    state=$BATS_TEST_TMPDIR/gone
    new_namespace lost
    new_namespace lost6
    run -0 net attach bridge lost "$lost"
    run -0 net create six ipv6
    run -0 net attach six lost6 "$lost6"
    net publish bridge lost 8081:80 127.0.0.1,8082:80/udp
    net publish six lost6 8083:80
    mapfile -t proxy < <(helpers)
    [ "${#proxy[@]}" -ge 2 ]
    kill -9 "${proxy[@]}"
    kill "$lost" "$lost6"
    rm -r "$state"
    state=$kept
    ports_gone() {  # the kernel takes their cables away in its own time
        net idle
        ! on_host nft list table inet slipway | grep -qE '808[123]'
    }
    local round
    for ((round = 0; round < 100; round++)); do
        ! ports_gone || break
        sleep 0.05
    done
    ports_gone
    # The other's are as they were.
    run -0 on_host nft list table inet slipway
    says "tcp . 8080 : 172.17.0.2 . 80"
    [ "$(on_host ip -br link show type bridge | wc -l)" = 1 ]
    [ "$(on_host nft list set inet slipway bridges | grep -c sw-)" = 1 ]
    [ "$(on_host nft list set inet slipway own | grep -c sw-)" = 1 ]
    [ "$(on_host nft list set inet slipway own6 | grep -c sw-)" = 0 ]
    net end web
    net idle
    [ -z "$(on_host nft list ruleset)$(on_host ip -br link show type bridge)" ]
}

@test "others' rules that drop our packets are told, with what to do" {
    run -0 net warnings
    [ -z "$output" ]
    on_host nft 'table ip filter {
        chain FORWARD { type filter hook forward priority filter; policy drop; }
        chain DOCKER-USER { }
    }'
    run -0 net warnings
    says "chain FORWARD of table filter drops what no rule of it accepts"
    says "iptables -I DOCKER-USER -i slipway0 -j ACCEPT"
    on_host nft add rule ip filter DOCKER-USER iifname slipway0 accept
    run -0 net warnings
    [ -z "$output" ]
}

@test "the same on this very machine, which is as before afterwards" {
    remember_host
    host=$$  # its namespace is the tests' own
    container web
    serves web tcp:80
    run -0 net publish bridge web 0:80
    [[ ${lines[0]} =~ ^"tcp 0.0.0.0 "([0-9]+)" 80"$ ]]
    local port=${BASH_REMATCH[1]} address device
    for address in 127.0.0.1 ::1 "${web_ip%.*}.1"; do
        run -0 ask host tcp "$address" "$port"
        says "web "
    done
    device=$(net inspect bridge | jq -r '.options["com.docker.network.bridge.name"]
        // ("sw-" + .id[0:12])')
    run -0 ip -br link show "$device"
    net end web
    kill "$web" "${spaces[-1]}"  # and the server in it
    # The kernel takes the cable away, after the namespace's last process.
    while ip -o link show master "$device" | grep -q .; do :; done
    net idle
    run ! ip link show "$device"
    compare_host
}
