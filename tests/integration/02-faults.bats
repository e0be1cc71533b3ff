#!/usr/bin/env bats
# step2-namespaces when things go wrong: each call refused, killed, in a crowd.
# Afterwards the host is as it was.

load helpers

setup_file() { make_shared_root; }
setup() { requires_root; remember_host; }
teardown() { compare_host; }

@test "every call of the start, refused once: 125, a reason, nothing left" {
    local calls=socketpair,clone3,mount,umount2,pivot_root,open_tree,move_mount,mount_setattr,mknodat,symlinkat,sethostname,setresuid,setresgid,setgroups,openat2,prctl,sendmsg,recvmsg,fchdir,chdir,signalfd4,pidfd_open,pipe2
    local everything=(step2-namespaces --map-root --hostname x --init --user 0
        -w /tmp -v /etc:/mnt:ro --tmpfs /tmp --read-only "$ROOT" true)
    strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e trace="$calls" "${everything[@]}"
    # strace counts the calls of each process for itself, so does "when".
    sed -n 's/^\([0-9]*\) *\([a-z_0-9]*\)(.*/\1 \2/p' "$BATS_TEST_TMPDIR/trace" |
        sort | uniq -c | awk '{if ($1 > n[$3]) n[$3] = $1} END {for (c in n) print c, n[c]}' \
        > "$BATS_TEST_TMPDIR/counts"
    local call count number tried=0
    while read -r call count; do
        for number in $(seq "$count"); do
            local status=0
            strace -f -qq -o "$BATS_TEST_TMPDIR/injected" -e trace="$call" \
                -e inject="$call:error=ENOSPC:when=$number" \
                "${everything[@]}" 2> "$BATS_TEST_TMPDIR/error" || status=$?
            # Not the command's own calls: busybox asks for its name.
            grep INJECTED "$BATS_TEST_TMPDIR/injected" | grep -qv PR_GET_NAME || continue
            tried=$((tried + 1))
            if [ "$status" -ne 125 ] || ! grep -q "step2-namespaces: .*" "$BATS_TEST_TMPDIR/error"; then
                echo "$call number $number: status $status"
                cat "$BATS_TEST_TMPDIR/error"
                return 1
            fi
        done
    done < "$BATS_TEST_TMPDIR/counts"
    echo "# $tried refusals" >&3
    [ "$tried" -gt 50 ]
    rm -rf "${ROOT:?}/mnt"
}

@test "SIGKILL of the program at 200 random moments leaves nothing" {
    local moment step
    for moment in $(seq 200); do
        step2-namespaces --init "$ROOT" sleep 99 &
        step=$!
        sleep "0.00$((moment % 10))$((RANDOM % 10))"
        kill -KILL "$step"
        wait "$step" || true
    done
}

@test "1,000 runs in a row, no failure" {
    local number
    for number in $(seq 1000); do
        step2-namespaces "$ROOT" true || { echo "run $number"; return 1; }
    done
}

@test "200 runs, 8 at a time, no failure" {
    seq 200 | xargs -P 8 -I{} step2-namespaces --init "$ROOT" true
}

@test "nested: step 2 inside step 2" {
    cp "$SLIPWAY_BIN/step2-namespaces" "$ROOT/bin/step2"
    mkdir "$ROOT/inner"
    cp -a "$ROOT/bin" "$ROOT/inner/"
    runs 0 step2-namespaces --hostname outer "$ROOT" step2 --hostname inner /inner sh -c 'hostname; echo $$'
    [ "${lines[*]}" = "inner 1" ]
    rm -rf "${ROOT:?}/inner" "$ROOT/bin/step2"
}

@test "ROOTFS as a link, relative, on a read-only disk" {
    ln -s "$ROOT" "$BATS_TEST_TMPDIR/link"
    runs 0 step2-namespaces "$BATS_TEST_TMPDIR/link" true
    cd "$ROOT/.."
    runs 0 step2-namespaces root true
    runs 0 unshare -m sh -c "mount --bind '$ROOT' '$ROOT' && mount -o remount,bind,ro '$ROOT' && step2-namespaces '$ROOT' true"
    runs 125 unshare -m sh -c "mount --bind '$ROOT' '$ROOT' && mount -o remount,bind,ro '$ROOT' && step2-namespaces -v /etc:/not/there '$ROOT' true"
    says "create it there first"
}
