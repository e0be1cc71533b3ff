#!/usr/bin/env bats
# Attacks from inside a container, and by hostile images and bundles, on the
# OCI runtime. Each must come to nothing. The numbers are those of the list of
# security cases.
# shellcheck disable=SC2011,SC2016,SC2030,SC2031,SC2115,SC2143,SC2154 # scripts for the shell inside; runtime.bash assigns

load helpers
load runtime

rounds=${ATTACK_ROUNDS:-100}

setup_file() { setup_runtime_file; }
teardown_file() { teardown_runtime_file; }
setup() {
    setup_bundle
    others=()
    # What no attack may change.
    victim=$BATS_TEST_TMPDIR/victim
    mkdir "$victim"
    said=$BATS_TEST_TMPDIR/said
    echo untouched > "$victim/file"
    chmod 600 "$victim/file"
}
teardown() {
    if [ -n "${others[*]}" ]; then
        kill -KILL "${others[@]}" 2> /dev/null || true
        wait "${others[@]}" 2> /dev/null || true
    fi
    teardown_bundle
}
victim_is_whole() {
    equals "$(ls "$victim")" file
    equals "$(cat "$victim/file")" untouched
    equals "$(stat -c '%a %u %F' "$victim/file")" "600 0 regular file"
    ! grep -q "$victim" /proc/self/mountinfo
}
docker_capabilities='["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FSETID","CAP_FOWNER","CAP_MKNOD","CAP_NET_RAW","CAP_SETGID","CAP_SETUID","CAP_SETFCAP","CAP_SETPCAP","CAP_NET_BIND_SERVICE","CAP_SYS_CHROOT","CAP_KILL","CAP_AUDIT_WRITE"]'
# Little that takes time: for races.
lean() {
    config '.linux = {namespaces: [{type: "mount"}, {type: "pid"}], resources: .linux.resources}
        | .mounts |= map(select(.destination == "/dev")) | del(.hostname)'
}
# once_more: runs it; what it says is in $said.
once_more() { "$RUNTIME" --root "$states" run --bundle "$bundle" "$id" > "$said" 2>&1 3>&- < /dev/null || true; }
# As Docker starts its containers.
docker_like() {
    config '.process.capabilities = {bounding: $c, effective: $c, permitted: $c}
        | .process.noNewPrivileges = false' --argjson c "$docker_capabilities"
}
all_capabilities() {
    config '.process.capabilities = {bounding: $c, effective: $c, permitted: $c} | .process.noNewPrivileges = false' \
        --argjson c "$(slipway-oci features | jq .linux.capabilities)"
    # The others refuse what they cannot give; some machines give less than all.
    ours || config '.process.capabilities |= map_values(. - ["CAP_SYS_RESOURCE"])'
}
# While this runs, $1 is now itself and now what $2 was.
swaps() {
    "$SLIPWAY_BIN/attack" swap "$1" "$2" > /dev/null 3>&- & others+=($!)
}
# by_path TARGET MOUNT-OPTION...: mounts as a runtime would that puts root and
# path together to one string, in a mount namespace that takes it along. True
# when that hangs on TARGET: what we guard against is a real danger here.
by_path() {
    unshare -m --propagation private bash -c '
        target=$1
        shift
        for ((round = 0; round < 500; round++)); do
            mount --no-canonicalize "$@" 2> /dev/null
            ! grep -q " $target " /proc/self/mountinfo || exit 0
        done
        exit 1' by_path "$@"
}
program_hash() { sha256sum "$(command -v "$RUNTIME")"; }

@test "1 CVE-2019-5736: the runtime's own program cannot be opened for writing" {
    own_root
    all_capabilities
    local before
    before=$(program_hash)
    # As entry point, the runtime would run itself, inside.
    printf '#!/proc/self/exe\n' > "$root/bin/again"
    chmod +x "$root/bin/again"
    command_is again
    run timeout 10 "$RUNTIME" --root "$states" run --bundle "$bundle" "$id" 3>&-
    equals "$(program_hash)" "$before"
    oci delete --force "$id" 2> /dev/null || true
    command_is attack lurk
    start
    until_says lurks
    local round
    for ((round = 0; round < rounds / 4; round++)); do
        oci exec "$id" true || true
    done
    run cat "$log"
    says lurks
    says_not "writes /proc"
    equals "$(program_hash)" "$before"
    # A program that enters as it is can be written as soon as it has ended: the
    # test sees a difference.
    local enter=$BATS_TEST_TMPDIR/enter
    cp "$(command -v nsenter)" "$enter"
    is_written() {
        "$enter" -t "$(init_pid)" -m -p /bin/true
        grep -q "writes /proc.*/enter" "$log"
    }
    until_true is_written
}

@test "2 CVE-2024-21626: no working directory by /proc/self/fd" {
    not_crun "1.8 is open to it"
    own_root
    local fd
    for fd in {3..20}; do
        config ".process.cwd = \"/proc/self/fd/$fd\""
        command_is sh -c 'ls; cat ../../../../../../../etc/hostname'
        run "$RUNTIME" --root "$states" run --bundle "$bundle" "$id" 9< / 3>&-
        [ "$status" -ne 0 ] || { echo "fd $fd: $output"; return 1; }
        says_not "$(cat /etc/hostname)"
    done
    # By a link of the image's, and with ".." behind.
    ln -s /proc/self/fd/9 "$root/link"
    for fd in /link /link/../.. /proc/self/fd/9/.. /proc/1/cwd; do
        config ".process.cwd = \"$fd\""
        run "$RUNTIME" --root "$states" run --bundle "$bundle" "$id" 9< / 3>&-
        [ "$status" -ne 0 ]
    done
    config '.process.cwd = "/"'
    command_is sleep 99
    start
    for fd in {3..20..3}; do
        run "$RUNTIME" --root "$states" exec --cwd "/proc/self/fd/$fd" "$id" sh -c 'ls; pwd' 9< / 3>&-
        [ "$status" -ne 0 ]
    done
}

@test "3 CVE-2024-21626b: only 0 to 2 are open in the program" {
    command_is attack files
    runs 0 "$RUNTIME" --root "$states" run --bundle "$bundle" "$id" 3>&- 5< / 9< /etc 200< /
    equals "$output" ""
    command_is sleep 99
    "$RUNTIME" --root "$states" create --bundle "$bundle" "$id" 3>&- 5< / > /dev/null 2>&1
    oci start "$id"
    equals "$(cd "/proc/$(init_pid)/fd" && echo *)" "0 1 2"
    runs 0 "$RUNTIME" --root "$states" exec "$id" attack files 3>&- 5< / 9< /etc
    equals "$output" ""
    # Those that are asked for are there: the test sees a difference.
    runs 0 "$RUNTIME" --root "$states" exec --preserve-fds 2 "$id" attack files 3< / 4< /etc 9< /etc
    equals "$output" $'fd 3 mode 40000\nfd 4 mode 40000'
}

@test "4 CVE-2016-9962: the first process sees nothing of the host in a newcomer" {
    docker_like
    command_is attack lurk
    start
    until_says lurks
    local round
    for ((round = 0; round < rounds / 4; round++)); do
        "$RUNTIME" --root "$states" exec "$id" true 9< / 3>&- || true
    done
    run cat "$log"
    says lurks
    says_not "folder /proc"
    says_not "traces slipway"
    # A folder that is left open on purpose is seen: the test sees a difference.
    "$RUNTIME" --root "$states" exec --preserve-fds 1 "$id" sleep 1 3< /
    until_says "folder /proc/.*/fd/3"
}

@test "4b CVE-2016-9962: nor does one that may trace everything, and it gains nothing" {
    only_ours "runc's and crun's newcomer is in the container before it is confined"
    all_capabilities
    # Of all it may do, only this is left to take from a newcomer.
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["add_key"], action: "SCMP_ACT_ERRNO"}]}'
    command_is attack lurk
    start
    until_says lurks
    local round
    for ((round = 0; round < rounds; round++)); do
        timeout 20 "$RUNTIME" --root "$states" exec "$id" true 9< / 3>&- < /dev/null || true
    done
    oci kill "$id" KILL
    until_true is_now stopped
    run cat "$log"
    # The test sees a difference: newcomers were caught.
    says "traces "
    says_not "folder /proc"
    says_not "unconfined"
    # Where our process reads what the newcomer's number is.
    says_not "shared memory"
    says_not "writes /proc"
}

@test "5 CVE-2021-30465: a volume's folder is now a folder, now a link to /" {
    own_root
    local volume=$BATS_TEST_TMPDIR/volume round
    mkdir -p "$volume/dir"
    ln -s / "$volume/link"
    mkdir "$victim/sub"
    lean
    config '.mounts += [{destination: "/v", type: "bind", source: $v, options: ["rbind"]},
        {destination: ("/v/dir" + $victim), type: "tmpfs", source: "tmpfs"}]' --arg v "$volume" --arg victim "$victim"
    swaps "$volume/dir" "$volume/link"
    command_is ls /etc/shadow
    for ((round = 0; round < rounds; round++)); do
        once_more
        [[ $(< "$said") != /etc/shadow* ]]
        [ ! -d "$states/$id" ]
    done
    # By the path as a string it is covered: the test sees a difference.
    by_path "$victim/sub" -t tmpfs none "$volume/dir$victim/sub"
    rmdir "$victim/sub"
    victim_is_whole
}

@test "6 CVE-2019-16884, CVE-2019-19921, CVE-2023-27561: /proc or /sys is a link or a volume" {
    own_root
    local folder
    for folder in proc sys; do
        rm -rf "${root:?}/$folder"
        mkdir -p "$root/fake"
        ln -s fake "$root/$folder"
        command_is true
        refuses ""
        ! ours || refuses "mount $folder" "ordinary directory"
        rm "$root/$folder"
        ln -s /tmp/none "$root/$folder"
        refuses ""
        rm "$root/$folder"
        echo file > "$root/$folder"
        refuses ""
        rm "$root/$folder"
        # By the path as a string the link is followed: the test sees a difference.
        ln -s "$victim" "$root/$folder"
        refuses ""
        by_path "$victim" -t tmpfs none "$root/$folder"
        rm "$root/$folder"
        mkdir "$root/$folder"
    done
    not_runc "it takes no other mount at /proc"
    # Below a volume that another container changes.
    mkdir -p "$BATS_TEST_TMPDIR/volume/attr"
    config '.mounts = [{destination: "/proc", type: "bind", source: $v, options: ["bind"]}] + .mounts' --arg v "$BATS_TEST_TMPDIR/volume"
    inside 0 'ls /proc/self/attr > /dev/null; grep " /proc " /proc/self/mountinfo | tail -1'
    says " - proc proc "
    # What is written to the volume alone stays there: the test sees a difference.
    mkdir -p "$BATS_TEST_TMPDIR/volume/self/attr"
    config '.mounts |= map(select(.type != "proc")) | .linux.readonlyPaths = [] | .linux.maskedPaths = []'
    ! ours || config 'del(.linux.sysctl)'
    inside 0 'echo a-label > /proc/self/attr/exec'
    equals "$(cat "$BATS_TEST_TMPDIR/volume/self/attr/exec")" a-label
}

@test "7 CVE-2023-28642: /proc is a link below another mount" {
    own_root
    local volume=$BATS_TEST_TMPDIR/volume
    mkdir -p "$volume/elsewhere"
    ln -s elsewhere "$volume/proc"
    config '.mounts = [{destination: "/inner", type: "bind", source: $v, options: ["bind"]},
        {destination: "/inner/proc", type: "proc", source: "proc"}] + .mounts' --arg v "$volume"
    command_is true
    refuses ""
    ! ours || says "mount proc"
    equals "$(ls "$volume/elsewhere")" ""
    # By the path as a string the link is followed: the test sees a difference.
    by_path "$volume/elsewhere" -t proc proc "$volume/proc"
}

@test "8 CVE-2025-31133: /dev/null is a link to something of the host's, or not the null device" {
    only_ours "older ones are open to it"
    own_root
    config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .linux.maskedPaths = ["/etc/passwd", "/proc/keys"]'
    local fake
    for fake in "ln -s $victim/file" "ln -s ../../../victim/file" "ln -s /proc/sys/kernel/core_pattern" "touch" "mkdir"; do
        rm -rf "$root/dev/null"
        $fake "$root/dev/null"
        command_is sh -c 'echo overwritten > /etc/passwd; echo overwritten > /proc/keys; exit 0'
        run oci run --bundle "$bundle" "$id"
        [ "$status" -ne 0 ]
        victim_is_whole
    done
    rm -rf "$root/dev/null"
    mknod "$root/dev/null" c 1 5
    run oci run --bundle "$bundle" "$id"
    [ "$status" -ne 0 ]
    ! ours || says "not the null device"
    says_not overwritten
}

@test "9 CVE-2025-52565: /dev/console, a link or raced, gets no mount outside" {
    only_ours "they need a console socket"
    own_root
    config '.process.terminal = true | .mounts |= map(select(.destination != "/dev"))'
    mkdir -p "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
    ln -s "$victim/file" "$root/dev/console"
    command_is sh -c 'echo overwritten > /dev/console; cat /proc/timer_list; exit 0'
    run script -qec "$RUNTIME --root $states run --bundle $bundle $id" /dev/null < /dev/null
    victim_is_whole
    # By the path as a string the link is followed: the test sees a difference.
    by_path "$victim/file" --bind /dev/null "$root/dev/console"
    rm -f "$root/dev/console"
    touch "$root/dev/console"
    ln -s "/proc/sys/kernel/core_pattern" "$root/dev/link"
    swaps "$root/dev/console" "$root/dev/link"
    local round
    for ((round = 0; round < rounds / 10; round++)); do
        run script -qec "$RUNTIME --root $states run --bundle $bundle $id" /dev/null < /dev/null
        says_not "Timer List"
        oci delete --force "$id"
    done
    victim_is_whole
}

@test "10 CVE-2025-52881: writes to /proc/sys go to the kernel's files or nowhere" {
    own_root
    local pattern volume=$BATS_TEST_TMPDIR/volume
    pattern=$(cat /proc/sys/kernel/core_pattern)
    mkdir -p "$volume/net/ipv4"
    ln -s ../../../../../../proc/sys/kernel/core_pattern "$volume/net/ipv4/ip_forward"
    config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}
        | .mounts += [{destination: "/proc/sys", type: "bind", source: $v, options: ["bind"]}]' --arg v "$volume"
    command_is true
    run oci run --bundle "$bundle" "$id"
    equals "$(cat /proc/sys/kernel/core_pattern)" "$pattern"
    [ -L "$volume/net/ipv4/ip_forward" ]
    equals "$(cat "$volume/net/ipv4/ip_forward" 2> /dev/null || true)" ""
    not_runc "it lets nothing be mounted below /proc"
    # What is written by the container's own /proc goes where the volume leads:
    # the test sees a difference.
    mkdir "$volume/kernel"
    touch "$volume/kernel/core_pattern"
    config '.linux.readonlyPaths = [] | del(.linux.sysctl)'
    inside 0 'echo 1 > /proc/sys/net/ipv4/ip_forward'
    equals "$(cat "$volume/kernel/core_pattern")" 1
}

@test "11 CVE-2026-41579, CVE-2026-47766: /dev is a link that leads out" {
    only_ours "older ones are open to it"
    own_root
    config '.mounts |= map(select(.destination | startswith("/dev") | not))
        | .linux.devices = [{type: "c", path: "/dev/x/fuse", major: 10, minor: 229}]'
    rm -r "${root:?}/dev"
    local target
    for target in "$victim" ../../victim ../../../../../../../../../../../../"$victim"; do
        ln -sfn "$target" "$root/dev"
        command_is true
        run oci run --bundle "$bundle" "$id"
        victim_is_whole
    done
}

@test "11b: a node in a volume becomes a link to a file of the host before its mode is set" {
    not_runc "1.1 is open to it"
    own_root
    local volume=$BATS_TEST_TMPDIR/volume round
    mkdir "$volume"
    lean
    config '.mounts += [{destination: "/v", type: "bind", source: $v, options: ["bind"]}]
        | .linux.devices = [{type: "c", path: "/v/node", major: 1, minor: 3, fileMode: 511, uid: 1000, gid: 1000}]' --arg v "$volume"
    ln -s "$victim/file" "$volume/link"
    # The node is swapped as soon as it is there.
    swaps "$volume/node" "$volume/link"
    command_is true
    for ((round = 0; round < rounds; round++)); do
        rm -f "$volume/node"
        ln -sfn "$victim/file" "$volume/link"
        once_more
        [ "$(stat -c '%a %u' "$victim/file")" = "600 0" ] || { echo "round $round"; return 1; }
    done
    victim_is_whole
}

@test "12 CVE-2024-45310: no folder or file is made on the host for a mount" {
    only_ours "older ones are open to it"
    own_root
    local volume=$BATS_TEST_TMPDIR/volume round
    mkdir -p "$volume/dir"
    ln -s "$victim" "$volume/link"
    lean
    config '.mounts += [{destination: "/v", type: "bind", source: $v, options: ["bind"]},
        {destination: "/v/dir/new/folder", type: "tmpfs", source: "tmpfs"},
        {destination: "/v/dir/newfile", type: "bind", source: "/etc/hostname", options: ["bind"]}]' --arg v "$volume"
    swaps "$volume/dir" "$volume/link"
    command_is true
    for ((round = 0; round < rounds; round++)); do
        once_more
        rm -rf "$volume/dir/new" "$volume/dir/newfile" 2> /dev/null || true
        [ "$(ls "$victim")" = file ] || { ls -R "$victim"; return 1; }
    done
}

@test "13 CVE-2022-29162: exec leaves nothing inheritable" {
    docker_like
    start
    runs 0 oci exec "$id" grep CapInh /proc/self/status
    [[ $output == *0000000000000000 ]]
    runs 0 oci exec --cap CAP_SYS_PTRACE "$id" grep CapInh /proc/self/status
    [[ $output == *0000000000000000 ]] || ! ours
    oci delete --force "$id"
    # Where the config asks for it, it is there: the test sees a difference.
    config '.process.capabilities.inheritable = ["CAP_KILL"]'
    start
    runs 0 oci exec "$id" grep CapInh /proc/self/status
    [[ $output == *0000000000000020 ]]
}

# 14 CVE-2026-30892 is in 06-exec.bats: "nothing becomes a silent 0".

@test "15 CVE-2021-43784: more than fits is refused, and wraps nowhere" {
    config '.linux.namespaces += [{type: "user"}]
        | .linux.uidMappings = [range(400) | {containerID: ., hostID: (100000 + .), size: 1}]
        | .linux.gidMappings = .linux.uidMappings'
    refuses ""
    config '.linux.uidMappings = [{containerID: 4294967295, hostID: 4294967295, size: 2}]'
    refuses ""
    cp "$BATS_FILE_TMPDIR/base.json" "$bundle/config.json"
    command_is true
    # Longer than execve takes, then longer than we read.
    python3 - "$bundle/config.json" <<'END'
import json, sys
path = sys.argv[1]
config = json.load(open(path))
config["process"]["env"].append("X=" + "x" * (4 << 20))
json.dump(config, open(path, "w"))
END
    run oci run --bundle "$bundle" "$id"
    [ "$status" -ne 0 ]
    leaves_nothing
    # What just fits is taken, whole. (No message of ours has a length that could
    # wrap, as runc's to its child had: there is no defence to remove.)
    cp "$BATS_FILE_TMPDIR/base.json" "$bundle/config.json"
    config '.process.env += ["X=" + ("x" * 120000)]'
    inside 0 'echo ${#X}'
    equals "$output" 120000
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
    config '.linux.namespaces += [{type: "user"}]
        | .linux.uidMappings = [range(300) | {containerID: ., hostID: (100000 + .), size: 1}]
        | .linux.gidMappings = .linux.uidMappings'
    inside 0 'wc -l < /proc/self/uid_map'
    equals "$output" 300
    head -c 70000000 /dev/zero | tr '\0' ' ' >> "$bundle/config.json"
    only_ours "they read on"
    refuses config.json
}

@test "16: what is masked cannot be read, what is read-only cannot be written" {
    docker_like
    local path script='for f in'
    for path in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug; do
        [ ! -e "$path" ] || script+=" $path"
    done
    inside 0 "$script"'; do cat $f | head -c 10 | wc -c; done; ls -A /sys/firmware 2> /dev/null | wc -l'
    equals "$(sort -u <<< "$output")" 0
    inside 0 'for f in /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /proc/sysrq-trigger /proc/irq/default_smp_affinity; do [ ! -e $f ] || (echo x > $f) 2>&1; done; true'
    [ "$(grep -c -v "Read-only file system" <<< "$output")" -eq 0 ]
    # Without the masks it can be read: the test sees a difference.
    config '.linux.maskedPaths = []'
    inside 0 'head -c 10 /proc/timer_list | wc -c'
    [ "$output" -ne 0 ]
}

@test "17: what is masked cannot be uncovered by what Docker's containers may do" {
    docker_like
    inside 0 'umount /proc/timer_list; mount -o remount,rw /proc/sys; mount -t proc proc /tmp; unshare -m true; mount -o bind /proc /tmp; cat /proc/timer_list | wc -c'
    equals "$(tail -1 <<< "$output")" 0
    [ "$(grep -c -i 'not permitted\|permission denied\|must be superuser' <<< "$output")" -ge 5 ]
    # With CAP_SYS_ADMIN it can: the test sees a difference.
    config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
    inside 0 'umount /proc/timer_list && head -c 10 /proc/timer_list | wc -c'
    equals "$(tail -1 <<< "$output")" 10
}

@test "18: a disk's node, made or opened: refused by the device rules" {
    docker_like
    inside 0 'mknod /tmp/disk b 8 0; mknod /tmp/mem c 1 1; rm -f /tmp/disk /tmp/mem; mknod /tmp/null c 1 3 && rm /tmp/null && echo made-null'
    says_not made-disk
    config '.linux.resources.devices += [{allow: true, type: "b", access: "m"}]'
    inside 0 'mknod /tmp/disk b 8 0; head -c 1 /tmp/disk; rm /tmp/disk'
    says "not permitted"
    # With the rule for it, it is a disk like any other: the test sees a difference.
    [ -b /dev/loop0 ] || return 0
    config '.linux.resources.devices += [{allow: true, type: "b", major: 7, access: "rw"}]'
    inside 0 'mknod /tmp/disk b 7 0; head -c 0 /tmp/disk && echo opened; rm /tmp/disk'
    equals "$output" opened
}

@test "19: release_agent, which runs a program on the host, is not to be written" {
    docker_like
    has_v1 memory || skip "no v1 tree here: v2 has no release_agent"
    local agent
    agent=$(cat /sys/fs/cgroup/memory/release_agent)
    # By the tree that the container sees, and by one that it mounts.
    inside 0 'for f in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent; do echo /tmp/x > $f; done
        mkdir /tmp/tree; mount -t cgroup -o memory none /tmp/tree && echo mounted; echo /tmp/x > /tmp/tree/release_agent; rm -r /tmp/tree; exit 0'
    says_not mounted
    equals "$(cat /sys/fs/cgroup/memory/release_agent)" "$agent"
    # With CAP_SYS_ADMIN it can be mounted: the test sees a difference.
    config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
    inside 0 'mkdir /tmp/tree; mount -t cgroup -o memory none /tmp/tree && echo mounted; umount /tmp/tree; rmdir /tmp/tree'
    says mounted
}

@test "20: no capability beyond Docker's fourteen" {
    docker_like
    inside 0 'grep -E "Cap(Bnd|Prm|Eff)" /proc/self/status'
    equals "$(awk '{print $2}' <<< "$output" | sort -u)" 00000000a80425fb
    inside 0 'ip link add dummy0 type dummy; date -s 2000-01-01; hostname other; chroot / true && echo chroot-ok; mount -t tmpfs t /tmp; true'
    says chroot-ok
    [ "$(grep -c -i 'not permitted\|must be superuser\|permission denied' <<< "$output")" -ge 4 ]
    # With one of them more it works: the test sees a difference.
    config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
    inside 0 'hostname other; hostname; mount -t tmpfs t /tmp && echo mounted'
    equals "$output" $'other\nmounted'
}

@test "21: no_new_privs: a set-uid program stays what its caller is" {
    own_root
    docker_like
    cp "$ROOT/bin/show-process" "$root/bin/set-uid"
    chmod 4755 "$root/bin/set-uid"
    config '.process.user = {uid: 1000, gid: 1000}'
    inside 0 'set-uid | grep uid'
    equals "$output" "uid 1000 0 0"
    config '.process.noNewPrivileges = true'
    inside 0 'set-uid | grep uid'
    equals "$output" "uid 1000 1000 1000"
}

@test "22, 23: calls that a container has no business with" {
    docker_like
    command_is attack calls
    runs 0 oci run --bundle "$bundle" "$id"
    local call
    for call in bpf mount umount kexec_load init_module reboot swapon; do
        grep -qE "^$call (EPERM|ENOSYS)$" <<< "$output" || { echo "$call: $output"; return 1; }
    done
    # The "shocker" needs CAP_DAC_READ_SEARCH, which even a full set of the
    # engine's does not bring.
    command_is attack handle /bin/busybox
    runs 0 oci run --bundle "$bundle" "$id"
    says "open_by_handle_at EPERM"
    # With it the handle is looked up: the test sees a difference.
    config '.process.capabilities |= map_values(. + ["CAP_DAC_READ_SEARCH"])'
    runs 0 oci run --bundle "$bundle" "$id"
    says_not "open_by_handle_at EPERM"
    docker_like
    # Without a filter some work: the test sees a difference.
    command_is attack calls
    runs 0 oci run --bundle "$bundle" "$id"
    says "add_key done"
    # With one, the rest, too, whatever the capabilities.
    all_capabilities
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
        {names: ["keyctl", "add_key", "bpf", "userfaultfd", "mount", "umount2", "kexec_load", "open_by_handle_at", "ptrace", "setns", "unshare", "init_module", "reboot", "swapon"], action: "SCMP_ACT_ERRNO", errnoRet: 1},
        {names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38}]}'
    command_is attack calls
    runs 0 oci run --bundle "$bundle" "$id"
    says "clone3 ENOSYS"
    equals "$(grep -c EPERM <<< "$output")" 14
}

@test "24: a fork bomb stays in its group" {
    config '.linux.resources.pids = {limit: 64}'
    command_is sh -c 'bomb() { bomb & bomb & wait; }; bomb & exec sleep 99'
    start
    local peak
    peak=$(limit pids.max pids.max)
    equals "$peak" 64
    refused() { [ "$(awk '/^max/ {print $2}' "$(group_of_container pids)/pids.events" 2> /dev/null)" -gt 0 ] 2> /dev/null || ! is_now running; }
    until_true refused
    timeout 5 true
    oci delete --force "$id"
    # Eighty are too many only with the limit: the test sees a difference.
    local eighty='for i in $(seq 80); do sleep 9 & done; echo started'
    inside 2 "$eighty"
    says "can't fork"
    config 'del(.linux.resources.pids)'
    inside 0 "$eighty"
    equals "$output" started
}

@test "25: who takes too much memory is killed, and nobody else" {
    config '.linux.resources.memory = {limit: 33554432, swap: 33554432}'
    command_is sh -c 'x=a; while :; do x=$x$x; done'
    runs 137 oci run --bundle "$bundle" "$id"
    leaves_nothing
    # Fifty megabytes are too many only with the limit: the test sees a difference.
    local fifty='x=$(head -c 50000000 /dev/zero | tr "\0" a); echo ${#x}'
    inside 137 "$fifty"
    config 'del(.linux.resources.memory)'
    inside 0 "$fifty"
    equals "$output" 50000000
}

@test "26: signals reach the container's own processes only" {
    docker_like
    sleep 99 3>&- & others+=($!)
    inside 0 'kill -KILL '$!'; kill -KILL -1; echo alive'
    kill -0 "${others[0]}"
    # Of all that could be hit, only this shell is left to say so.
    says alive
    # In the host's pid namespace it is in reach: the test sees a difference.
    config '.linux.namespaces |= map(select(.type != "pid"))'
    inside 0 'kill -KILL '"${others[0]}"
    until_true eval '! kill -0 "${others[0]}" 2> /dev/null'
}

@test "27 CVE-2020-15257: an abstract socket of the host's, from its own network" {
    docker_like
    local name=slipway-test-$id
    python3 - "$name" "$BATS_TEST_TMPDIR/ready" 3>&- <<'END' & others+=($!)
import socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind("\0" + sys.argv[1])
server.listen()
open(sys.argv[2], "w").close()
time.sleep(20)
END
    until_true test -e "$BATS_TEST_TMPDIR/ready"
    command_is attack abstract "$name"
    runs 0 oci run --bundle "$bundle" "$id"
    equals "$output" "connect ECONNREFUSED"
    # With the host's network it is in reach: the test sees a difference.
    config '.linux.namespaces |= map(select(.type != "network")) | .mounts |= map(select(.type != "sysfs" and .type != "cgroup"))'
    runs 0 oci run --bundle "$bundle" "$id"
    equals "$output" "connect done"
    # A container that waits has none of its own.
    create
    [ "$(grep -a "@.*$id" /proc/net/unix | grep -cv "$name")" -eq 0 ]
}

@test "28: ids that are paths make nothing, anywhere" {
    only_ours "they take some, and crun 1.8 removes a folder outside"
    local odd
    for odd in .. ../x ../victim a/b a/../../victim '' "$(printf 'a%.0s' {1..300})" /tmp/x; do
        tries create --bundle "$bundle" "$odd"
        [ "$status" -ne 0 ]
        run oci delete --force "$odd"
        victim_is_whole
    done
    tries create --bundle "$bundle" -- -x
    [ "$status" -ne 0 ]
    [ ! -e "$BATS_TEST_TMPDIR/x" ]
    # A link in place of a container's folder.
    mkdir -p "$states"
    ln -s "$victim" "$states/$id"
    run oci delete --force "$id"
    rm "$states/$id"
    victim_is_whole
}

@test "29: --pid-file and --log, where somebody else has put a link" {
    only_ours "they follow it, unless the kernel does not (fs.protected_symlinks)"
    local sticky=$BATS_TEST_TMPDIR/sticky
    mkdir -m 1777 "$sticky"
    ln -s "$victim/file" "$sticky/pid"
    ln -s "$victim/file" "$sticky/log"
    ln -s "$victim/new" "$sticky/new"
    chown -h 1000 "$sticky"/*
    create --pid-file "$sticky/pid"
    oci --log "$sticky/log" start nosuchid || true
    oci --log "$sticky/new" start nosuchid || true
    victim_is_whole
    # Nor where the kernel does not help, which it does in sticky folders only.
    chmod 0777 "$sticky"
    oci delete --force "$id"
    create --pid-file "$sticky/pid"
    oci --log "$sticky/log" start nosuchid || true
    victim_is_whole
    # Without that care the link is followed: the test sees a difference.
    ln -s "$BATS_TEST_TMPDIR/other" "$sticky/other"
    chown -h 1000 "$sticky/other"
    echo 1 > "$sticky/other"
    equals "$(cat "$BATS_TEST_TMPDIR/other")" 1
    # A link of root's is meant: /dev/stderr is one.
    run oci --log /dev/stderr start nosuchid
    says "level=error"
}

@test "30: config.json: unknown, twice, too deep, too long, cut off: an error, no crash" {
    only_ours "we only know of us"
    local deep
    python3 - "$bundle" <<'END'
import json, sys
folder = sys.argv[1]
text = open(folder + "/config.json").read()
def write(name, text):
    open(f"{folder}/{name}", "w").write(text)
write("deep", text.rstrip()[:-1] + ', "x": ' + "[" * 10000 + "]" * 10000 + "}")
write("deeper", "[" * 10_000_000)
write("half", text[:len(text) // 2])
open(folder + "/bytes", "wb").write(text.encode().replace(b'"hostname"', b'"host\xffname"'))
write("behind", text + "\0{}")
write("empty", "")
write("null", "null")
write("twice", text.rstrip()[:-1] + ', "root": {"path": "/"}}')
write("nul", text.replace('"sleep"', '"sl\\u0000eep"'))
END
    for deep in deep deeper half bytes behind empty null twice nul; do
        cp "$bundle/$deep" "$bundle/config.json"
        tries create --bundle "$bundle" "$id"
        [ "$status" -eq 1 ] || { echo "$deep: $status $output"; return 1; }
        oci delete --force "$id"
        leaves_nothing
    done
    # A parser without a limit crashes: the test sees a difference.
    (ulimit -c 0; runs 139 attack nested < "$bundle/deeper")
    rm "$bundle/config.json"
    mkfifo "$bundle/config.json"
    run timeout 3 "$RUNTIME" --root "$states" create --bundle "$bundle" "$id" 3>&-
    [ "$status" -ne 0 ]
    rm "$bundle/config.json"
    ln -s /dev/zero "$bundle/config.json"
    refuses config.json
}

@test "own: what a created container holds open is of no use to one that comes in" {
    only_ours "they hold more"
    create
    local open=("/proc/$(init_pid)/fd/"*)
    equals ${#open[@]} 5  # stdio, two fifos
    tries exec "$id" sh -c 'for f in /proc/1/fd/*; do ls $f/../../../..; done'
    says_not "$(basename "$SLIPWAY_SOURCE")"
    tries exec "$id" sh -c 'cat /proc/1/fd/5 && echo followed'
    says_not followed
}
