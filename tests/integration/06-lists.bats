#!/usr/bin/env bats
# The verbs that only look, and the words that are two words.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # templates are no shell's; bats.bash assigns

load helpers
load runtime
load images
load engine

setup_file() {
    setup_engine_file
    # What all tests look at: one that runs, one that has ended, one that never ran.
    slipway volume create --label kind=test lists-data > /dev/null
    slipway run -d --name web --network none --label tier=front -e A=1 --memory 32m \
        -v lists-data:/data -v /tmp:/host:ro busybox sleep 300 > /dev/null
    slipway run --name ended --network none busybox sh -c 'exit 3' || [ $? -eq 3 ]
    slipway create --name fresh --label tier=back busybox sh -c 'echo "a long command"' > /dev/null
}
teardown_file() { teardown_engine_file; }

# names [OPTION...]: those that ps shows, the newest first, in one line.
names() { slipway ps --format '{{.Names}}' "$@" | paste -sd ' '; }

@test "ps: Docker's columns, what runs, and with -a the others" {
    runs 0 slipway ps
    [[ ${lines[0]} =~ ^"CONTAINER ID   IMAGE     COMMAND       CREATED "\ *" STATUS "\ *" PORTS     NAMES"$ ]]
    [[ ${lines[1]} =~ ^[0-9a-f]{12}\ \ \ busybox\ \ \ \"sleep\ 300\"\ .*\ Up\ .*\ web$ ]]
    equals "${#lines[@]}" 2
    runs 0 slipway ps -a
    equals "${#lines[@]}" 4
    [[ ${lines[2]} =~ \"sh\ -c\ \'exit\ 3\'\".*Exited\ \(3\)\ .*\ ago.*ended$ ]]
    [[ ${lines[1]} =~ \"sh\ -c\ \'echo\ .*…\".*\ Created\ .*\ fresh$ ]]
}

@test "ps: -q, -l, -n, --no-trunc, -s" {
    equals "$(slipway ps -q --no-trunc)" "$(slipway inspect -f '{{.Id}}' web)"
    equals "$(names -l)" fresh
    equals "$(names -n 2)" "fresh ended"
    equals "$(names -a)" "fresh ended web"
    runs 0 slipway ps -as --no-trunc
    says 'echo \"a long command\"'
    says "(virtual "
    runs 125 slipway ps --last x
}

@test "ps: templates, tables of one's own, JSON" {
    equals "$(slipway ps --format '{{.Names}}|{{.State}}|{{.Label "tier"}}|{{.Mounts}}|{{.Networks}}')" \
        'web|running|front|lists-data,/tmp|none'
    runs 0 slipway ps --format 'table {{.Names}}\t{{.Label "tier"}}\t{{upper .State}}'
    equals "${lines[0]}" "NAMES     tier      STATE"
    equals "${lines[1]}" "web       front     RUNNING"
    equals "$(slipway ps -a --format json | jq -r .Names | paste -sd ' ')" "fresh ended web"
    equals "$(slipway ps --format '{{json .}}' | jq -r .LocalVolumes)" 1
    runs 125 slipway ps --format '{{.Nope}}'
    says 'there is no field "Nope"'
    says "there are: Command"
    runs 125 slipway ps --format '{{.Names'
    says "character 1: {{ without }}"
}

@test "ps: filters" {
    equals "$(names -a -f name=e)" "fresh ended web"
    equals "$(names -a -f name=^e)" ended
    equals "$(names -f status=exited)" ended
    equals "$(names -a -f status=exited -f status=created)" "fresh ended"
    equals "$(names -a -f exited=3)" ended
    equals "$(names -a -f exited=0)" ""
    equals "$(names -a -f label=tier)" "fresh web"
    equals "$(names -a -f label=tier=back)" fresh
    equals "$(names -a -f volume=lists-data)" web
    equals "$(names -a -f volume=/host)" web
    equals "$(names -a -f network=none)" "ended web"
    equals "$(names -a -f since=ended)" fresh
    equals "$(names -a -f before=ended)" web
    equals "$(names -a -f ancestor=busybox)" "fresh ended web"
    equals "$(names -a -f ancestor=other)" ""
    equals "$(names -a -f "id=$(slipway inspect -f '{{slice .Id 0 8}}' web)")" web
    equals "$(names -a -f health=none)" "fresh ended web"
    for bad in status=up nmae=x exited=x health=well publish=x name; do
        runs 125 slipway ps -f "$bad"
        says "--filter"
    done
    says "KEY=VALUE"
    runs 125 slipway ps web
    says "filter name=web"
}

@test "ps: paused, and killed for memory" {
    slipway pause web > /dev/null
    runs 0 slipway ps
    says "(Paused)"
    slipway unpause web > /dev/null
    [ -d /sys/fs/cgroup/memory ] || [ -e /sys/fs/cgroup/cgroup.controllers ] || skip "no memory controller"
    runs 137 slipway run --name lists-oom --network none --memory 8m busybox sh -c 'tail /dev/zero'
    runs 0 slipway ps -a -f name=lists-oom
    says "(out of memory)"
    equals "$(slipway inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' lists-oom)" "true 137"
    slipway rm lists-oom > /dev/null
}

@test "inspect: Docker's JSON, a template, any kind of thing" {
    runs 0 slipway inspect web
    equals "$(jq -r '.[0].State.Status' <<< "$output")" running
    equals "$(jq -r '.[0] | .Path + " " + .Args[0]' <<< "$output")" "sleep 300"
    equals "$(jq -r '.[0].HostConfig.Memory' <<< "$output")" 33554432
    equals "$(jq -r '.[0].Mounts | map(.Destination) | join(" ")' <<< "$output")" "/data /host"
    equals "$(jq -r '.[0].Mounts[1].RW' <<< "$output")" false
    equals "$(slipway inspect -f '{{range .Config.Env}}{{println .}}{{end}}' web | grep ^A)" A=1
    equals "$(slipway inspect -f '{{index .Config.Labels "tier"}} {{.Config.Cmd}}' web)" "front [sleep 300]"
    equals "$(slipway inspect -f '{{json .State.ExitCode}}' ended)" 3
    equals "$(slipway inspect -f '{{.Name}}' web fresh)" $'/web\n/fresh'
    equals "$(slipway inspect -s -f '{{.SizeRw}}' ended | grep -c '^[0-9]')" 1
    equals "$(slipway inspect -f '{{index .RepoTags 0}}' busybox)" busybox:latest
    runs 0 slipway inspect -f '[{{.Config.User}}] {{range .Config.Env}}x{{end}} {{json .Config.Entrypoint}}' busybox
    equals "$output" "[]  null"  # unset is no mistake
    equals "$(slipway inspect -f '{{.Driver}}' none)" null
    equals "$(slipway inspect -f '{{.Mountpoint}}' lists-data)" "$SLIPWAY_ROOT/engine/volumes/lists-data/_data"
    # The process is the one that the kernel has.
    equals "$(cat "/proc/$(slipway inspect -f '{{.State.Pid}}' web)/comm")" sleep
}

@test "inspect: what is not there" {
    runs 1 slipway inspect --type container busybox
    equals "${lines[0]}" "[]"
    runs 1 slipway inspect -f '{{.Name}}' web nope
    says "/web"
    says "no such object: nope"
    runs 1 slipway image inspect web
    runs 1 slipway network inspect nope
    runs 1 slipway volume inspect nope
    runs 125 slipway inspect --type thing web
    runs 125 slipway inspect
}

@test "images, history: columns, filters, digests" {
    runs 0 slipway images
    [[ ${lines[0]} =~ ^"REPOSITORY   TAG       IMAGE ID       CREATED "\ *" SIZE"$ ]]
    [[ ${lines[1]} =~ ^"busybox      latest    "[0-9a-f]{12}\ .*[0-9]MB$ ]]
    slipway tag busybox lists.example/app:1.5
    equals "$(slipway image ls -q | sort -u | wc -l)" 1
    equals "$(slipway images -q | wc -l)" 1
    equals "$(slipway images -f 'reference=*/app:1.*' --format '{{.Repository}}:{{.Tag}}')" lists.example/app:1.5
    equals "$(slipway images lists.example/app --format '{{.Tag}}')" 1.5
    equals "$(slipway images -f dangling=true -q)" ""
    equals "$(slipway images -f since=busybox -q)" ""
    runs 0 slipway images --digests --no-trunc
    says DIGEST
    says "sha256:"
    runs 125 slipway images -f since=nope
    runs 0 slipway history --format '{{.CreatedBy}}|{{.Comment}}' busybox
    runs 0 slipway history --human=false busybox
    says "CREATED AT"
    slipway rmi lists.example/app:1.5 > /dev/null
}

@test "volume ls, network ls" {
    equals "$(slipway volume ls -q -f name=lists)" lists-data
    equals "$(slipway volume ls -f label=kind=test --format '{{.Driver}} {{.Name}}')" "local lists-data"
    equals "$(slipway volume ls -f label=other -q)" ""
    equals "$(slipway volume ls -f dangling=true -q)" ""
    runs 0 slipway volume ls
    equals "${lines[0]}" "DRIVER    VOLUME NAME"
    equals "$(slipway network ls --format '{{.Name}} {{.Driver}}' | sort | paste -sd ,)" \
        "bridge bridge,host host,none null"
    equals "$(slipway network ls -f driver=null --format '{{.Name}}')" none
    equals "$(slipway network ls -f type=custom -q)" ""
    runs 0 slipway network ls
    equals "${lines[0]}" "NETWORK ID     NAME      DRIVER    SCOPE"
}

@test "top: processes as the host has them" {
    runs 0 slipway top web
    [[ ${lines[0]} =~ ^UID\ +PID\ +PPID\ +C\ +STIME\ +TTY\ +TIME\ +CMD$ ]]
    [[ ${lines[1]} =~ ^root\ .*\ sleep\ 300$ ]]
    equals "$(slipway top web -o pid | tail -1)" "$(slipway inspect -f '{{.State.Pid}}' web)"
    runs 0 slipway top web aux
    says "%CPU"
    runs 1 slipway top ended
    says "is not running"
    runs 125 slipway top web -Z
}

@test "stats: once, of all and of some" {
    runs 0 slipway stats --no-stream
    [[ ${lines[0]} =~ ^"CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT   MEM %     NET I/O   BLOCK I/O   PIDS"$ ]]
    [[ ${lines[1]} == *" web "*"/ 32MiB"*" 1" ]]
    equals "${#lines[@]}" 2
    equals "$(slipway stats --no-stream -a --format '{{.Name}}' | sort | paste -sd ' ')" "ended fresh web"
    equals "$(slipway stats --no-stream --format '{{.PIDs}} {{.CPUPerc}}' ended)" "0 0.00%"
    runs 125 slipway stats --no-stream nope
}

@test "stats: a busy processor is seen" {
    slipway run -d --name lists-busy --network none --cpus 0.5 busybox sh -c 'while :; do :; done' > /dev/null
    busy=$(slipway stats --no-stream --format '{{.CPUPerc}}' lists-busy)
    slipway rm -f lists-busy > /dev/null
    # On a loaded machine it gets less, with the limit never much more.
    [ "${busy%%.*}" -ge 2 ]
    [ "${busy%%.*}" -le 80 ]
}

@test "what is not there: said why" {
    runs 125 slipway search nginx
    says "Docker Hub"
    runs 125 slipway compose up -d
    says "write a script"
    runs 125 slipway service ls
    says "one machine"
    runs 125 slipway -H unix:///var/run/docker.sock ps
    says "--host: there is no daemon"
    for noun in container network; do
        runs 0 slipway "$noun" rm -f nothing-here
        [[ $output == slipway:* ]]  # said, and no name printed
        runs 1 slipway "$noun" rm nothing-here
    done
    runs 125 slipway volume create -o type=tmpfs -o device=tmpfs v
    says "run --tmpfs"
    runs 125 slipway tag busybos x
    says "did you mean busybox?"
}

@test "an image is listed without a name only while it has none" {
    local id
    id=$(printf 'FROM busybox\nLABEL lists=unnamed\n' | slipway build -q -)
    rows() { slipway images --no-trunc --format '{{.ID}} {{.Repository}}' | grep "$id" | cut -d ' ' -f 2; }
    equals "$(rows)" "<none>"
    slipway tag "$id" lists-named
    equals "$(rows)" lists-named
    printf 'FROM busybox\nLABEL lists=unnamed\n' | slipway build -q - > /dev/null
    equals "$(rows)" lists-named
    runs 0 slipway rmi "$id"
    equals "$(rows)" ""
}

@test "fsck: the images are looked at, byte for byte" {
    runs 0 slipway fsck
    says "all is well"
}

@test "events: of images, and of what is pruned" {
    local since
    since=$(date +%s.%N)
    # been TYPE: actions and names, in one line.
    been() {
        slipway events --since "$since" --until 0s -f type="$1" \
            --format '{{.Action}} {{.Actor.Attributes.name}}' | paste -sd ,
    }
    slipway tag busybox lists-one
    tar -C "$BATS_TEST_TMPDIR" -c . | slipway import - lists-two:a > /dev/null
    printf 'FROM scratch\nLABEL a=b\n' | slipway build -q -t lists-three - > /dev/null
    slipway save -o "$BATS_TEST_TMPDIR/two.tar" lists-two:a
    slipway rmi lists-two:a > /dev/null
    slipway load -q -i "$BATS_TEST_TMPDIR/two.tar" > /dev/null
    equals "$(been image | sed -E 's/sha256:[0-9a-f]+/ID/g')" \
        "tag lists-one:latest,import lists-two:a,tag lists-three:latest,untag lists-two:a,delete ID,load lists-two:a"
    since=$(date +%s.%N)
    slipway rmi lists-one lists-two:a lists-three > /dev/null
    equals "$(been image | tr , '\n' | grep -c untag)" 3
    slipway network create lists-gone > /dev/null
    slipway network prune -f > /dev/null
    equals "$(been network)" "create lists-gone,destroy lists-gone,prune <no value>"
    slipway volume create lists-gone > /dev/null
    slipway volume prune -af > /dev/null
    slipway events --since "$since" --until 0s -f type=volume | grep -q 'volume destroy lists-gone '
    slipway events --since "$since" --until 0s -f type=volume | grep -q 'volume prune .*reclaimed='
}

@test "prune: a RUN that goes on keeps its network, and goes on" {
    printf 'FROM busybox\nRUN nc -l -p 98 -e echo up; nc -l -p 99 -e echo still\n' |
        on_machine timeout 60 slipway build -q --no-cache -t lists-built - > "$BATS_TEST_TMPDIR/id" 3>&- &
    local build=$!
    says_up() { [ "$(fetch 172.17.0.2 "$1" 2>/dev/null)" = "$2" ]; }
    until_true says_up 98 up
    slipway container prune -f --filter label=none > /dev/null
    until_true says_up 99 still || true  # then it ends by the time limit
    wait "$build"
    slipway rmi lists-built
}

@test "prune --filter label, label!: of each kind" {
    local i
    # of_each LABEL NAME: one of each kind.
    of_each() {
        slipway network create --label "$1" "lists-$2" > /dev/null
        slipway volume create --label "$1" "lists-$2" > /dev/null
        slipway create --network none --label "$1" --name "lists-$2" busybox true > /dev/null
        printf 'FROM scratch\nLABEL %s\n' "$1" | slipway build -q -t "lists-$2" - > /dev/null
        printf 'FROM scratch\nLABEL %s dangles=%s\n' "$1" "$2" | slipway build -q - > /dev/null
    }
    left() {
        {
            slipway network ls --format '{{.Name}}'
            slipway volume ls --format '{{.Name}}'
            slipway ps -a --format '{{.Names}}'
            slipway images --format '{{.Repository}}'
        } | grep -c "^lists-$1$"
        slipway images -q -f dangling=true -f "label=dangles=$1" | wc -l
    }
    of_each stage=old old
    of_each stage=keep keep
    of_each other=x other
    for i in old keep other; do equals "$(left "$i")" $'4\n1'; done
    for i in network image volume; do
        slipway "$i" prune -f --filter label!=stage=keep --filter label=stage > /dev/null
    done
    # Without -a: of volumes those that have no name, of images neither.
    equals "$(left old)" $'3\n0'
    equals "$(left keep)" $'4\n1'
    equals "$(left other)" $'4\n1'
    slipway container prune -f --filter label!=stage=keep --filter label=stage > /dev/null
    slipway volume prune -af --filter label!=stage=keep --filter label=stage > /dev/null
    slipway image prune -af --filter label!=stage=keep --filter label=stage > /dev/null
    equals "$(left old)" $'0\n0'
    slipway system prune -af --filter label!=stage --filter label=other=x > /dev/null
    equals "$(left other)" $'1\n0'  # its volume
    equals "$(left keep)" $'4\n1'
    runs 125 slipway container prune -f --filter lable!=x
    says "did you mean label!?"
    runs 125 slipway volume prune -f --filter until=1h
    says "invalid filter"
    runs 125 slipway system prune -f --volumes --filter until=1h
    says "not for --volumes"
    slipway volume rm lists-other lists-keep > /dev/null
    slipway rm lists-keep > /dev/null
    slipway network rm lists-keep > /dev/null
    runs 0 slipway image prune -af --filter label=stage
    says "untagged: lists-keep:latest"
    equals "$(left keep)" $'0\n0'
}

@test "events: what has been, what comes, filters and forms" {
    since=$(date +%s.%N)
    slipway run --rm --name lists-events --network none busybox true
    runs 0 slipway events --since "$since" --until 0s --format '{{.Action}}'
    for action in create start die destroy; do says "$action"; done
    runs 0 slipway events --since "$since" --until 0s -f event=die
    equals "${#lines[@]}" 1
    [[ $output =~ ^[0-9T:.-]+Z\ container\ die\ [0-9a-f]{64}\ \(exitCode=0,\ image=busybox,\ name=lists-events\)$ ]]
    equals "$(slipway events --since "$since" --until 0s -f event=start --format json | jq -r '.Actor.Attributes.name')" \
        lists-events
    equals "$(slipway events --since "$since" --until 0s -f container=other)" ""
    slipway volume create lists-event > /dev/null
    slipway volume rm lists-event > /dev/null
    equals "$(slipway events --since "$since" --until 0s -f volume=lists-event --format '{{.Action}}' | paste -sd ' ')" \
        "create destroy"
    # Somebody who waits sees it as it happens.
    nsenter -t "$machine" -n slipway events -f event=create --format '{{.Actor.Attributes.name}}' \
        > "$BATS_TEST_TMPDIR/seen" 3>&- &
    reader=$!
    watches() { readlink /proc/$reader/fd/* | grep -q inotify; }
    until_true watches
    slipway run --rm --name lists-seen --network none busybox true
    sees() { grep -q lists-seen "$BATS_TEST_TMPDIR/seen"; }
    until_true sees
    kill "$reader"
    wait "$reader" || true
}

@test "port: where it is bound" {
    slipway run -d --name lists-ports -p 18080:80 -p 127.0.0.1:18081:81/udp busybox sleep 99 > /dev/null
    runs 0 slipway port lists-ports
    says "80/tcp -> 0.0.0.0:18080"
    says "80/tcp -> [::]:18080"
    says "81/udp -> 127.0.0.1:18081"
    equals "$(slipway port lists-ports 81/udp)" 127.0.0.1:18081
    runs 1 slipway port lists-ports 99
    says "no public port '99' published for lists-ports"
    runs 0 slipway ps -f publish=18080
    says "0.0.0.0:18080->80/tcp, [::]:18080->80/tcp, 127.0.0.1:18081->81/udp"
    slipway rm -f lists-ports > /dev/null
}

@test "system df, info, version" {
    runs 0 slipway system df
    equals "${lines[0]}" "TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE"
    [[ ${lines[1]} =~ ^Images\ +1\ +1\ +.*MB\ .*\(0%\)$ ]]
    [[ ${lines[2]} =~ ^Containers\ +3\ +1\  ]]
    [[ ${lines[3]} =~ ^"Local Volumes"\ +1\ +1\  ]]
    runs 0 slipway system df -v
    says "lists-data"
    equals "$(slipway system df --format '{{.Type}}' | head -1)" Images
    equals "$(slipway info -f '{{.Containers}} {{.ContainersRunning}} {{.Driver}}')" "3 1 overlay2"
    equals "$(slipway version --format '{{.Server.Os}}')" linux
    slipway info --format json | jq -e .CgroupVersion > /dev/null
    slipway version --format json | jq -e .Client.Version > /dev/null
}

@test "long forms and short ones are the same; the help is in groups" {
    equals "$(slipway container ls -aq)" "$(slipway ps -aq)"
    equals "$(slipway image inspect -f '{{.Id}}' busybox)" "$(slipway inspect -f '{{.Id}}' busybox)"
    equals "$(slipway system info -f '{{.Name}}')" "$(slipway info -f '{{.Name}}')"
    runs 0 slipway volume
    says "Manage volumes"
    says "  prune "
    runs 125 slipway container lss
    says "did you mean container ls?"
    runs 0 slipway --help
    for group in "Common Commands:" "Management Commands:" "Commands:"; do says "$group"; done
    says_not "internal"
    equals "$(grep -E '^  [a-z]+ *$' <<< "$output")" ""  # no command without a word
    runs 0 slipway network create --help
    says_not "not supported"
}

@test "hundreds of containers are listed in a moment" {
    for i in $(seq 200); do echo "many-$i"; done |
        xargs -P 4 -I NAME nsenter -t "$machine" -n slipway create --name NAME --network none busybox true > /dev/null
    # The time of the processor: others may have the machine.
    TIMEFORMAT='%3U %3S'
    spent=$( { time nsenter -t "$machine" -n slipway ps -a > /dev/null; } 2>&1 )
    # shellcheck disable=SC2046 # a word for each
    slipway rm $(slipway ps -aq -f name=many-) > /dev/null
    awk '{ exit !($1 + $2 < 0.2) }' <<< "$spent"
}

# Copies with a container that does not run

@test "cp, not running: its volumes and binds are there, as inside" {
    local dir=$BATS_TEST_TMPDIR
    mkdir "$dir/host" "$dir/new"
    echo bound > "$dir/host/file"
    echo new > "$dir/new/file"
    slipway volume create lists-copy > /dev/null
    mkdir "$SLIPWAY_ROOT/engine/volumes/lists-copy/_data/sub"
    slipway create --name copied --network none -v lists-copied:/srv/data -v "$dir/host:/srv/host" \
        -v "$dir/host/file:/srv/one" -v lists-etc:/etc \
        --mount type=volume,src=lists-copy,dst=/srv/part,volume-subpath=sub busybox \
        cat /srv/data/file /srv/part/file /etc/passwd > /dev/null
    runs 0 slipway cp "$dir/new/." copied:/srv/data
    runs 0 slipway cp "$dir/new/file" copied:/srv/part
    equals "$(cat "$SLIPWAY_ROOT/engine/volumes/lists-copied/_data/file")" new
    equals "$(cat "$SLIPWAY_ROOT/engine/volumes/lists-copy/_data/sub/file")" new
    # Below the path, too, in both directions.
    runs 0 slipway cp copied:/srv "$dir/out"
    equals "$(cat "$dir"/out/{data/file,host/file,one,part/file} | paste -sd ' ')" "new bound bound new"
    mkdir -p "$dir/tree/data"
    echo below > "$dir/tree/data/below"
    runs 0 slipway cp "$dir/tree/." copied:/srv
    equals "$(cat "$SLIPWAY_ROOT/engine/volumes/lists-copied/_data/below")" below
    # A tar does the same; and one file before the volume has been filled.
    tar -C "$dir/new" -c file | slipway cp - copied:/srv/host
    equals "$(cat "$dir/host/file")" new
    runs 0 slipway cp "$dir/new/file" copied:/etc/passwd
    runs 0 slipway start -a copied
    equals "$output" $'new\nnew\nnew'
    [ -e "$SLIPWAY_ROOT/engine/volumes/lists-etc/_data/group" ]
    slipway rm copied
    slipway volume rm lists-copy lists-copied lists-etc
}

@test "cp: what is read-only in the container is not written, whether it runs or not" {
    local dir=$BATS_TEST_TMPDIR
    mkdir "$dir/host"
    echo kept > "$dir/host/file"
    echo new > "$dir/file"
    slipway create --name guarded --network none --read-only -v "$dir/host:/data:ro" \
        -v "$dir/host/file:/one:ro" -v lists-open:/open busybox sleep 99
    for state in created running; do
        runs 125 slipway cp "$dir/file" guarded:/data/file
        says "mounted volume is marked read-only"
        runs 125 slipway cp "$dir/file" guarded:/one
        says "mounted volume is marked read-only"
        runs 125 slipway cp "$dir/file" guarded:/tmp
        says "container rootfs is marked read-only"
        runs 0 slipway cp "$dir/file" guarded:/open
        runs 0 slipway cp guarded:/data/file "$dir/out"
        equals "$(cat "$dir/host/file" "$dir/out")" $'kept\nkept'
        [ "$state" = running ] || slipway start guarded
    done
    slipway rm -f guarded
    slipway volume rm lists-open
}

@test "cp, not running: nobody starts the container meanwhile, and a tar is waited for before" {
    slipway create --name held --network none busybox true
    mkfifo "$BATS_TEST_TMPDIR/tar"
    nsenter -t "$machine" -n slipway cp - held:/tmp < "$BATS_TEST_TMPDIR/tar" 3>&- &
    local copy=$!
    exec 4> "$BATS_TEST_TMPDIR/tar"
    runs 0 slipway start -a held  # it has not taken the lock yet
    tar -C /etc -c hostname >&4
    exec 4>&-
    wait "$copy"
    runs 0 slipway cp held:/tmp/hostname "$BATS_TEST_TMPDIR/"
    # A start waits for a copy, which is stopped when it has the lock.
    local trace=$BATS_TEST_TMPDIR/trace
    nsenter -t "$machine" -n strace -f -qq -o "$trace" -e trace=unshare \
        -e inject=unshare:signal=SIGSTOP:when=1 slipway cp /etc/hostname held:/tmp/second 3>&- &
    copy=$!
    until_true grep -q 'stopped by SIGSTOP' "$trace"
    nsenter -t "$machine" -n slipway start held 3>&- &
    local start=$! lock
    lock=$(stat -c %i "$SLIPWAY_ROOT/engine/containers/$(slipway inspect -f '{{.Id}}' held)/lock")
    until_true grep -q -e "-> POSIX .*:$lock " /proc/locks
    kill -CONT "$(awk '{print $1; exit}' "$trace")"
    wait "$copy"
    wait "$start"
    slipway rm -f held
}
