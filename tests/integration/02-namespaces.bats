#!/usr/bin/env bats
# step2-namespaces, seen from inside and from outside.
# shellcheck disable=SC2016,SC2030,SC2031 # scripts for the shell inside are in single quotes

load helpers

setup_file() {
    make_shared_root
    # For an ordinary user: the way to the root, and a program it may run.
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" ${TMPDIR:+"$TMPDIR"}
    cp "$SLIPWAY_BIN/${SLIPWAY_STEP2:-step2-namespaces}" "$BATS_FILE_TMPDIR/step2"
    # The same tests for a later step's program, in the place of step 2's.
    if [ -n "${SLIPWAY_STEP2-}" ]; then
        mkdir "$BATS_FILE_TMPDIR/bin"
        ln -s "$SLIPWAY_BIN/$SLIPWAY_STEP2" "$BATS_FILE_TMPDIR/bin/step2-namespaces"
    fi
}
setup() {
    requires_root
    [ -z "${SLIPWAY_STEP2-}" ] || PATH=$BATS_FILE_TMPDIR/bin:$PATH
    remember_host
}
teardown() { compare_host; }

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

# Starts step 2 with a command that sleeps; sets step and child.
start_sleeper() {
    step2-namespaces "$@" "$ROOT" sh -c 'echo >/tmp/up; exec sleep 99' & step=$!
    until [ -e "$ROOT/tmp/up" ]; do :; done
    rm "$ROOT/tmp/up"
    child=$(pgrep -P "$step")
}
stop_sleeper() {
    kill -KILL "$child"
    local ended=0
    wait "$step" || ended=$?
    [ "$ended" -eq 137 ]
}

@test "a world of its own: name, processes, links, mounts" {
    runs 0 step2-namespaces --hostname box "$ROOT" sh -c 'hostname; echo $$; ls /sys/class/net; wc -l < /proc/mounts'
    [ "${lines[0]}" = box ] && [ "${lines[1]}" = 1 ] && [ "${lines[2]}" = lo ]
    [ "$(hostname)" != box ]
}

@test "from outside: six namespaces differ, two are the host's" {
    start_sleeper
    for kind in mnt pid uts ipc net cgroup; do
        [ "$(readlink "/proc/$child/ns/$kind")" != "$(readlink "/proc/self/ns/$kind")" ]
    done
    for kind in user time; do
        [ "$(readlink "/proc/$child/ns/$kind")" = "$(readlink "/proc/self/ns/$kind")" ]
    done
    # pivot_root: no mount of the host is left in its table.
    run ! grep -q " $BATS_RUN_TMPDIR " "/proc/$child/mountinfo"
    [ "$(awk '$5 == "/"' "/proc/$child/mountinfo" | wc -l)" -eq 1 ]
    stop_sleeper
}

@test "--only and --without choose exactly" {
    for kind in mnt pid uts ipc net cgroup time; do
        start_sleeper --only="$kind"
        for other in mnt pid uts ipc net cgroup; do
            local mine theirs
            mine=$(readlink "/proc/self/ns/$other")
            theirs=$(readlink "/proc/$child/ns/$other")
            if [ "$other" = "$kind" ]; then
                [ "$mine" != "$theirs" ]
            else
                [ "$mine" = "$theirs" ]
            fi
        done
        stop_sleeper
    done
    start_sleeper --without=net,uts
    [ "$(readlink "/proc/$child/ns/net")" = "$(readlink /proc/self/ns/net)" ]
    [ "$(readlink "/proc/$child/ns/pid")" != "$(readlink /proc/self/ns/pid)" ]
    stop_sleeper
}

@test "exit statuses are step 1's" {
    runs 42 step2-namespaces "$ROOT" sh -c 'exit 42'
    runs 137 step2-namespaces --init "$ROOT" sh -c 'kill -9 $$'
    runs 127 step2-namespaces "$ROOT" tru
    says "did you mean true?"
    runs 126 step2-namespaces "$ROOT" /etc/passwd
    runs 127 step2-namespaces --init "$ROOT" tru
}

@test "step 1's escapes are closed" {
    runs 0 step2-namespaces "$ROOT" break-out cat /etc/os-release
    says "Slipway lab"
    run step2-namespaces "$ROOT" sh -c 'ls /proc/$PPID/root 2>&1; ls -d /proc/[0-9]* | wc -l'
    says_not "boot"
    sleep 99 & local victim=$!
    run step2-namespaces "$ROOT" kill "$victim"
    [ "$status" -ne 0 ]
    kill "$victim"
}

@test "mounts made inside do not appear outside" {
    runs 0 step2-namespaces "$ROOT" mount -t tmpfs tmpfs /tmp
    run ! grep -q "$ROOT/tmp" /proc/self/mountinfo
}

@test "the kernel's own files are masked or read-only" {
    runs 0 step2-namespaces "$ROOT" sh -c 'for f in /proc/keys /proc/timer_list /proc/interrupts; do [ ! -e $f ] || cat $f; done; ls /sys/firmware'
    [ -z "$output" ]
    runs 1 step2-namespaces "$ROOT" sh -c 'echo 1 > /proc/sys/kernel/panic'
    says "Read-only file system"
    runs 1 step2-namespaces "$ROOT" touch /sys/x
}

@test "/dev holds the harmless nodes, usable by all" {
    runs 0 step2-namespaces --user 1000 "$ROOT" sh -c 'echo x > /dev/null; head -c 4 /dev/zero | wc -c; echo y > /dev/shm/f; cat /dev/shm/f; ls /dev'
    says "4"
    [ "${lines[*]:2}" = "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero" ]
}

@test "volumes: shown, written, read-only with all that is below" {
    local data=$BATS_TEST_TMPDIR/data
    mkdir -p "$data/sub"
    mount -t tmpfs tmpfs "$data/sub"
    echo here > "$data/file"
    runs 0 step2-namespaces -v "$data:/mnt/data" "$ROOT" sh -c 'cat /mnt/data/file; echo new > /mnt/data/new'
    says here
    [ "$(cat "$data/new")" = new ]
    for target in file sub/x; do
        runs 1 step2-namespaces -v "$data:/mnt/data:ro" "$ROOT" sh -c "echo x > /mnt/data/$target"
        says "Read-only file system"
    done
    runs 0 step2-namespaces -v "$data/file:/etc/one-file:ro" "$ROOT" cat /etc/one-file
    umount "$data/sub"
    rm -rf "${ROOT:?}/mnt" "$ROOT/etc/one-file"
}

@test "links in the image do not lead mounts out" {
    local outside=$BATS_TEST_TMPDIR/outside
    mkdir "$outside"
    ln -s "$outside" "$ROOT/escape"
    ln -s "../../../../../../../..$outside" "$ROOT/climb"
    # The link means a path inside, which is created there.
    runs 0 step2-namespaces -v "/etc:$outside/x" "$ROOT" true
    run step2-namespaces -v /etc:/escape/made "$ROOT" true
    run step2-namespaces -v /etc:/climb/made "$ROOT" true
    [ -z "$(ls -A "$outside")" ]
    rm -rf "$ROOT/escape" "$ROOT/climb" "${ROOT:?}/$(echo "$outside" | cut -d/ -f2)"
    mkdir -p "$ROOT/tmp"; chmod 1777 "$ROOT/tmp"
}

@test "an image whose /proc or /dev is a link is refused" {
    for folder in proc dev sys; do
        mv "$ROOT/$folder" "$ROOT/$folder.real"
        ln -s /etc "$ROOT/$folder"
        runs 125 step2-namespaces "$ROOT" true
        says "/$folder"
        rm "$ROOT/$folder"
        mv "$ROOT/$folder.real" "$ROOT/$folder"
    done
}

@test "--read-only and --tmpfs" {
    runs 1 step2-namespaces --read-only "$ROOT" touch /x
    says "Read-only file system"
    runs 0 step2-namespaces --read-only --tmpfs /tmp "$ROOT" sh -c 'echo x > /tmp/x && cat /tmp/x'
    [ ! -e "$ROOT/tmp/x" ]
}

@test "--init reaps orphans and lets SIGTERM work" {
    runs 0 step2-namespaces --init "$ROOT" sh -c '(sh -c "exit 0" &) ; (true &); sleep 0.2; ps -o pid,stat | grep -c Z || true'
    says 0
    step2-namespaces --init "$ROOT" sh -c 'echo > /tmp/up; exec sleep 99' & local step=$!
    until [ -e "$ROOT/tmp/up" ]; do :; done
    rm "$ROOT/tmp/up"
    kill -TERM "$step"
    local ended=0
    wait "$step" || ended=$?
    [ "$ended" -eq 143 ]
}

@test "--init: Ctrl-C once, and nothing outlives step 2" {
    # On a terminal that is not the command's own, which gets it directly.
    run -0 timeout 20 python3 - "$SLIPWAY_BIN/step2-namespaces" <<'END'
import os, pty, sys
COUNT = """
import signal, sys
seen = []
signal.signal(signal.SIGINT, lambda *_: seen.append(1))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(f"interrupts: {len(seen)}"))
print("ready", flush=True)
while True: signal.pause()
"""
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "--only=pid", "--init", "/", "python3", "-c", COUNT])
text = b""
while b"ready" not in text: text += os.read(fd, 1000)
os.write(fd, b"\x03")
while b"^C" not in text: text += os.read(fd, 1000)
os.kill(pid, 15)
while b"interrupts" not in text: text += os.read(fd, 1000)
print(text.decode())
os.waitpid(pid, 0)
END
    says "interrupts: 1"
    # Ids that change undo what makes number 1 die with step 2.
    start_sleeper --init --uid-map 0:100000:65536 --gid-map 0:100000:65536
    kill -KILL "$step"
    tail --pid="$child" -f /dev/null  # returns when it is gone
    run -3 timeout 20 env --ignore-signal=CHLD step2-namespaces --init "$ROOT" sh -c 'exit 3'
}

@test "Ctrl-Z stops number 1, too" {
    run -0 timeout 20 python3 - "$SLIPWAY_BIN/step2-namespaces" "$ROOT" <<'END'
import os, pty, signal, sys
pid, fd = pty.fork()
if pid == 0:  # a shell with job control
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(sys.argv[1], [sys.argv[1], sys.argv[2], "sh", "-c", "echo ready; read x; exit 7"])
    os.waitpid(job, os.WUNTRACED)
    command = open(f"/proc/{job}/task/{job}/children").read().split()[0]
    while open(f"/proc/{command}/stat").read().rpartition(")")[2].split()[0] != "T": pass
    print("both stopped", flush=True)
    os.killpg(job, signal.SIGCONT)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]))
seen = b""
while b"ready" not in seen: seen += os.read(fd, 1000)
# Number 1 runs before step 2 has its handler for Ctrl-Z.
job = open(f"/proc/{pid}/task/{pid}/children").read().split()[0]
def caught():
    status = open(f"/proc/{job}/status").read()
    return int(status.partition("SigCgt:")[2].split()[0], 16)
while not caught() >> (signal.SIGTSTP - 1) & 1: pass
os.write(fd, b"\x1a")
while b"both stopped" not in seen: seen += os.read(fd, 1000)
os.write(fd, b"go on\n")
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
    [ "$output" = 7 ]
}

@test "--tty: a terminal of its own, the user's put back" {
    runs 0 python3 "$SLIPWAY_SOURCE/tests/helpers/terminal.py" "$SLIPWAY_BIN/step2-namespaces" -t "$ROOT" sh
    says "all well"
    runs 125 step2-namespaces -t "$ROOT" true
    says "no terminal"
}

@test "user namespaces: root inside, somebody else outside" {
    runs 0 step2-namespaces --uid-map 0:100000:1000 --gid-map 0:100000:1000 "$ROOT" sh -c 'id -u; cat /proc/self/uid_map'
    says "100000"
    start_sleeper --map-root --tmpfs /run
    [ "$(readlink "/proc/$child/ns/user")" != "$(readlink /proc/self/ns/user)" ]
    stop_sleeper
    rm -rf "$ROOT/run"
}

@test "an ordinary user runs it with no privilege at all" {
    runs 0 as_nobody "$BATS_FILE_TMPDIR/step2" --hostname box "$ROOT" sh -c 'hostname; id -u; echo $$; ls /sys/class/net; echo x > /dev/null; echo ok'
    [ "${lines[*]}" = "box 0 1 lo ok" ]
    runs 125 as_nobody "$BATS_FILE_TMPDIR/step2" --without=user "$ROOT" true
    says "CAP_SYS_ADMIN"
    runs 125 as_nobody "$BATS_FILE_TMPDIR/step2" --user 1000 "$ROOT" true
    says "/etc/subuid"
}

@test "root of a user namespace that is there already" {
    runs 0 unshare --map-root-user step2-namespaces "$ROOT" sh -c 'echo x > /dev/null; echo $$'
    [ "$output" = 1 ]
    start_sleeper --map-root
    runs 0 step2-namespaces --join-ns "user=$child" "$ROOT" sh -c 'echo x > /dev/null; echo $$'
    [ "$output" = 1 ]
    stop_sleeper
}

@test "an ordinary user with subordinate ids: newuidmap maps them" {
    local user=slipwaytest
    for file in passwd subuid subgid; do
        { cat "/etc/$file" 2>/dev/null || true; } > "$BATS_TEST_TMPDIR/$file"
    done
    echo "$user:x:64999:64999::/:/bin/sh" >> "$BATS_TEST_TMPDIR/passwd"
    echo "$user:300000:65536" | tee -a "$BATS_TEST_TMPDIR/subuid" >> "$BATS_TEST_TMPDIR/subgid"
    runs 0 env DATA="$BATS_TEST_TMPDIR" STEP2="$BATS_FILE_TMPDIR/step2" ROOT="$ROOT" unshare -m --propagation private bash -ec '
        for file in passwd subuid subgid; do
            [ -e /etc/$file ] || continue
            mount --bind "$DATA/$file" /etc/$file
        done
        exec setpriv --reuid 64999 --regid 64999 --clear-groups "$STEP2" --tmpfs /tmp "$ROOT" \
            sh -c "cat /proc/self/uid_map; touch /tmp/f; chown 7:7 /tmp/f; stat -c %u:%g /tmp/f"'
    [[ ${lines[0]} =~ 0\ +64999\ +1 ]] && [[ ${lines[1]} =~ 1\ +300000\ +65536 ]]
    [ "${lines[2]}" = 7:7 ]
}

@test "sysctls of its own namespaces, and of no others" {
    runs 0 step2-namespaces --sysctl net.ipv4.ip_unprivileged_port_start=7 --sysctl kernel.msgmax=4242 "$ROOT" cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/msgmax
    [ "${lines[*]}" = "7 4242" ]
    [ "$(cat /proc/sys/kernel/msgmax)" != 4242 ]
    runs 125 step2-namespaces --sysctl kernel.panic=1 "$ROOT" true
    says "the whole machine's"
    runs 125 step2-namespaces --without=net --sysctl net.ipv4.ip_forward=1 "$ROOT" true
    says "needs a namespace of its own"
    runs 125 step2-namespaces --sysctl net.no.such=1 "$ROOT" true
    says "sysctl net.no.such"
    for text in net net.x ../x=1 net...x=1 net/x=1 =1; do
        runs 125 step2-namespaces --sysctl "$text" "$ROOT" true
    done
}

@test "older kernels: without clone3, open_tree and mount_setattr" {
    mkdir "$BATS_TEST_TMPDIR/data"
    local missing
    for missing in clone3 open_tree mount_setattr clone3,open_tree,mount_setattr; do
        runs 0 strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e trace="$missing" \
            -e inject="$missing:error=ENOSYS" step2-namespaces --read-only \
            -v "$BATS_TEST_TMPDIR/data:/tmp/data:ro" "$ROOT" sh -c \
            'echo $$; touch /tmp/data/x 2>&1; touch /x 2>&1; echo 1 > /proc/sys/kernel/panic 2>&1; true'
        [ "${lines[0]}" = 1 ]
        [ "$(grep -c "Read-only file system" <<< "$output")" -eq 3 ]
        grep -q INJECTED "$BATS_TEST_TMPDIR/trace"
    done
    rmdir "$ROOT/tmp/data"
}

@test "--join-ns enters the network of another" {
    start_sleeper
    runs 0 step2-namespaces --join-ns "net=$child" "$ROOT" readlink /proc/self/ns/net
    [ "$output" = "$(readlink "/proc/$child/ns/net")" ]
    stop_sleeper
    start_sleeper --hostname box  # all of it: into its mounts, too
    runs 0 step2-namespaces --join-ns "mnt=$child" --join-ns "pid=$child" --join-ns "uts=$child" / \
        sh -c 'hostname; cat /proc/1/comm'
    [ "$output" = "box"$'\n'"sleep" ]
    stop_sleeper
}

@test "bad input is 125 and explained" {
    runs 125 step2-namespaces --only=pdi "$ROOT" true
    says "did you mean pid?"
    runs 125 step2-namespaces --only=pid --hostname x "$ROOT" true
    says "it would rename the host"
    runs 125 step2-namespaces / true
    says "ROOTFS is /"
    runs 125 step2-namespaces -v /none:/mnt "$ROOT" true
    says "/none"
    runs 125 step2-namespaces -v relative "$ROOT" true
    says "SOURCE:TARGET"
    runs 125 step2-namespaces --join-ns net=/etc/passwd "$ROOT" true
    runs 125 step2-namespaces "$BATS_TEST_TMPDIR/none" true
    says "./dev rootfs"
    runs 125 step2-namespaces --uid-map 0:0:1 "$ROOT" true
    says "go together"
    rm -rf "${ROOT:?}/mnt"
}

@test "the ledger is whole: strace sees no privileged call that it lacks" {
    strace -f -qq -o "$BATS_TEST_TMPDIR/trace" \
        -e trace=chroot,setgroups,setresuid,setresgid,mount,umount2,pivot_root,unshare,setns,capset,mknod,mknodat,sethostname,open_tree,move_mount,mount_setattr,fsopen,fsmount,clone3 \
        step2-namespaces --explain=json --explain-to "$BATS_TEST_TMPDIR/ledger" \
        --map-root --hostname x -v /etc:/mnt:ro --tmpfs /tmp --read-only \
        "$ROOT" show-process >/dev/null
    sed -n 's/^[0-9 ]*\([a-z_0-9]*\)(.*/\1/p' "$BATS_TEST_TMPDIR/trace" > "$BATS_TEST_TMPDIR/seen"
    jq -r '.call' "$BATS_TEST_TMPDIR/ledger" | grep -v -e execve -e RTM -e write -e chdir -e mkdir -e rmdir \
        > "$BATS_TEST_TMPDIR/told"
    diff "$BATS_TEST_TMPDIR/seen" "$BATS_TEST_TMPDIR/told"
    rm -rf "${ROOT:?}/mnt"
}
