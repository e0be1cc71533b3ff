#!/usr/bin/env bats
# step1-chroot, seen from outside.

load helpers

setup_file() { make_shared_root; }
setup() { requires_root; remember_host; }
teardown() { compare_host; }

@test "the command runs in the root and its output comes out" {
    runs 0 step1-chroot "$ROOT" cat /etc/os-release
    says 'NAME="Slipway lab"'
}

@test "the exit status is the command's own" {
    for code in 0 1 42 255; do
        runs "$code" step1-chroot "$ROOT" sh -c "exit $code"
    done
}

@test "a command killed by signal n gives 128 + n" {
    runs 137 step1-chroot "$ROOT" sh -c 'kill -9 $$'
    runs 143 step1-chroot "$ROOT" sh -c 'kill -TERM $$'
}

@test "root and working directory are inside, seen from the host" {
    step1-chroot "$ROOT" sleep 99 & local step=$!
    local child=
    until child=$(pgrep -P "$step" -x sleep); do :; done
    [ "$(readlink "/proc/$child/root")" = "$ROOT" ]
    [ "$(readlink "/proc/$child/cwd")" = "$ROOT" ]
    # Nothing else is confined: the namespaces are the host's.
    for kind in mnt pid net uts ipc user cgroup; do
        [ "$(readlink "/proc/$child/ns/$kind")" = "$(readlink "/proc/self/ns/$kind")" ]
    done
    kill "$step"
    local ended=0
    wait "$step" || ended=$?
    [ "$ended" -eq 143 ]
}

@test "arguments, environment, ids, signals and descriptors are as asked" {
    export SECRET=hidden PASSED=on
    TERM=dumb runs 0 step1-chroot --user 1000:1001 --workdir /home \
        --env A=1 --env A=2 --env PASSED --env NOT_SET --env EMPTY= \
        "$ROOT" -- show-process --user '' "two words"
    local nothing=
    [ "$output" = "arg --user
arg $nothing
arg two words
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOME=/
env TERM=dumb
env A=2
env PASSED=on
env EMPTY=
cwd /home
uid 1000 1000 1000
gid 1001 1001 1001
groups 0
$(fds_we_pass_on)
pdeathsig 9" ]
}

# bats itself has descriptors open without close-on-exec: those pass through.
fds_we_pass_on() { "$SLIPWAY_BIN/show-process" | grep '^fd '; }

@test "ROOTFS missing, no folder, empty or not given" {
    runs 125 step1-chroot "$BATS_TEST_TMPDIR/none" ls
    says "$BATS_TEST_TMPDIR/none: No such file or directory"
    says "./dev rootfs"
    runs 125 step1-chroot "$ROOT/etc/passwd" ls
    says "is no folder"
    runs 125 step1-chroot "" ls
    runs 125 step1-chroot
    says "no ROOTFS given"
    runs 125 step1-chroot "$ROOT"
    says "no COMMAND given"
}

@test "command not found is 127, with the nearest name" {
    runs 127 step1-chroot "$ROOT" /bin/tru
    says 'command not found: "/bin/tru"'
    says "did you mean /bin/true?"
    runs 127 step1-chroot "$ROOT" tru
    says "did you mean true?"
    runs 127 step1-chroot "$ROOT" ""
    runs 127 step1-chroot "$ROOT" --user 1000 id
    says "options of ours go before"
}

@test "a command that cannot be run is 126" {
    runs 126 step1-chroot "$ROOT" /etc/passwd
    says "chmod +x"
    runs 126 step1-chroot "$ROOT" /tmp
    says "it is a folder"
    mkfifo "$ROOT/bin/fifo"
    runs 126 timeout 10 step1-chroot "$ROOT" fifo
    says "it is no regular file"
    rm "$ROOT/bin/fifo"
    runs 126 step1-chroot --user 1000 "$ROOT" /root/x
    says "Permission denied"
}

@test "a missing dynamic loader is named" {
    cp "$(command -v env)" "$ROOT/bin/dynamic"
    runs 127 step1-chroot "$ROOT" dynamic
    says "its dynamic loader, \"/lib"
    says "ldd"
    rm "$ROOT/bin/dynamic"
}

@test "a missing interpreter of a script is named" {
    printf '#!/usr/bin/python3\n' > "$ROOT/bin/script"
    chmod +x "$ROOT/bin/script"
    runs 127 step1-chroot "$ROOT" script
    says '"/usr/bin/python3"'
    printf '#!/bin/sh\r\necho\r\n' > "$ROOT/bin/script"
    runs 127 step1-chroot "$ROOT" script
    says "carriage return"
    rm "$ROOT/bin/script"
}

@test "without privilege the user-namespace way is told, and works" {
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$TMPDIR"
    cp "$SLIPWAY_BIN/step1-chroot" "$ROOT/bin/step1"
    runs 125 setpriv --reuid 65534 --regid 65534 --clear-groups "$ROOT/bin/step1" "$ROOT" id
    says 'chroot("'
    says "Operation not permitted"
    says "unshare --map-root-user"
    runs 0 setpriv --reuid 65534 --regid 65534 --clear-groups \
        unshare --map-root-user "$ROOT/bin/step1" "$ROOT" cat /etc/os-release
    says "Slipway lab"
    rm "$ROOT/bin/step1"
}

@test "bad options are 125 and explained" {
    runs 125 step1-chroot --usr 1 "$ROOT" ls
    says "did you mean --user?"
    runs 125 step1-chroot --user root "$ROOT" ls
    says "UID or UID:GID"
    runs 125 step1-chroot --user 4294967295 "$ROOT" ls
    runs 125 step1-chroot --env =x "$ROOT" ls
    says "the name is empty"
    runs 125 step1-chroot --workdir /nowhere "$ROOT" ls
    says "mkdir -p ROOTFS/nowhere"
    runs 125 step1-chroot --explain=xml "$ROOT" ls
}

@test "signals reach the command, and its answer comes back" {
    step1-chroot "$ROOT" sh -c 'trap "exit 7" TERM; echo ready > /tmp/ready; while :; do sleep 0.01; done' &
    local step=$!
    until [ -s "$ROOT/tmp/ready" ]; do :; done
    kill -TERM "$step"
    local ended=0
    wait "$step" || ended=$?
    [ "$ended" -eq 7 ]
    rm "$ROOT/tmp/ready"
}

@test "Ctrl-C on a terminal reaches the command once" {
    # script(1) gives us a terminal; the command counts the interrupts it sees.
    cat > "$ROOT/tmp/count" <<'END'
n=0
trap 'n=$((n+1))' INT
trap 'echo "interrupts: $n"; exit 0' TERM
echo ready
while :; do sleep 0.05; done
END
    run python3 - "$SLIPWAY_BIN/step1-chroot" "$ROOT" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], sys.argv[2], "sh", "/tmp/count"])
seen = b""
while b"ready" not in seen: seen += os.read(fd, 1000)
os.write(fd, b"\x03")
while b"^C" not in seen: seen += os.read(fd, 1000)
# Both copies, had there been two, were sent before this one.
os.kill(pid, 15)
while b"interrupts" not in seen: seen += os.read(fd, 1000)
print(seen.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
    says "interrupts: 1"
    rm "$ROOT/tmp/count"
}

@test "a terminal that goes away is told, also when nobody else would" {
    # As `ssh -t` and terminal windows start a program: it leads the session.
    run -0 timeout 20 python3 - "$SLIPWAY_BIN/step1-chroot" "$ROOT" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], sys.argv[2], "sh", "-c", "echo ready; exec sleep 99"])
seen = b""
while b"ready" not in seen: seen += os.read(fd, 1000)
os.close(fd)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
    [ "$output" = 129 ]
}

@test "started with SIGCHLD ignored, or without standard files" {
    run -3 env --ignore-signal=CHLD step1-chroot "$ROOT" sh -c 'exit 3'
    run -127 env --ignore-signal=CHLD step1-chroot "$ROOT" nosuch
    says 'command not found: "nosuch"'
    local ledger=$BATS_TEST_TMPDIR/ledger code=0
    step1-chroot --explain=json --explain-to "$ledger" "$ROOT" nosuch 2>&- || code=$?
    [ "$code" -eq 127 ]
    jq -es 'length == 3' "$ledger"  # and no message among the lines
}

@test "the command does not outlive a killed step1-chroot" {
    step1-chroot "$ROOT" sleep 99 & local step=$!
    local child=
    until child=$(pgrep -P "$step" -x sleep); do :; done
    kill -KILL "$step"
    run wait "$step"
    tail --pid="$child" -f /dev/null  # returns when it is gone
}

@test "--explain names every privileged act with its reason" {
    runs 0 step1-chroot --explain --user 1 "$ROOT" true
    for call in 'fork()' "chroot(\"$ROOT\")" 'chdir("/")' 'setgroups(0, NULL)' \
        'setresgid(1, 1, 1)' 'setresuid(1, 1, 1)' 'execve("/bin/true"'; do
        says "$call"
    done
    says 'from here on "/" means the new root'
}

@test "--explain=json is JSON, one object a line" {
    step1-chroot --explain=json "$ROOT" true 2> "$BATS_TEST_TMPDIR/json"
    jq -es 'map(.call) == ["fork", "chroot", "chdir", "execve"]
        and all(.why | length > 10) and .[1].result == 0
        and .[0].process == "parent" and .[1].process == "child"
        and .[0].pid != .[1].pid' "$BATS_TEST_TMPDIR/json"
    step1-chroot --explain=json --explain-to "$BATS_TEST_TMPDIR/file" "$ROOT" true
    [ "$(wc -l < "$BATS_TEST_TMPDIR/file")" -eq 4 ]
}

@test "the ledger is whole: strace sees no privileged call that it lacks" {
    strace -f -qq -o "$BATS_TEST_TMPDIR/trace" \
        -e trace=chroot,chdir,fchdir,setgroups,setresuid,setresgid,setuid,setgid,mount,umount2,pivot_root,unshare,setns,capset,mknod,mknodat,sethostname \
        step1-chroot --explain=json --explain-to "$BATS_TEST_TMPDIR/ledger" \
        --user 1 --workdir /tmp "$ROOT" show-process
    grep -o '[a-z_0-9]*(' "$BATS_TEST_TMPDIR/trace" | tr -d '(' > "$BATS_TEST_TMPDIR/seen"
    jq -r 'select(.call != "fork" and .call != "execve") | .call' \
        "$BATS_TEST_TMPDIR/ledger" > "$BATS_TEST_TMPDIR/told"
    diff "$BATS_TEST_TMPDIR/seen" "$BATS_TEST_TMPDIR/told"
}

@test "the classic escape works for root, and not for a user" {
    runs 0 step1-chroot "$ROOT" break-out cat "$ROOT/etc/os-release"
    says "Slipway lab"
    runs 1 step1-chroot --user 1000 "$ROOT" break-out true
    says "second chroot: Operation not permitted"
}

@test "help and version" {
    runs 0 step1-chroot --help
    says "Usage: step1-chroot [OPTION...] ROOTFS"
    runs 0 step1-chroot --version
}
