#!/usr/bin/env bats
# step3-cgroups when things go wrong: each call refused, killed, in a crowd.

load helpers

setup_file() { make_shared_root; }
setup() { requires_root; remember_host; }
teardown() { compare_host; }

@test "every call of the group, refused once: a reason or no harm, nothing left" {
    local calls=mkdir,fcntl,openat,write,unlinkat
    local everything=(step3-cgroups --memory 64m --cpus 1 --cpuset-cpus 0
        --pids-limit 20 --stats "$ROOT" true)
    # The parent only: the child's calls are step 2's.
    strace -qq -o "$BATS_TEST_TMPDIR/trace" -e trace="$calls" "${everything[@]}"
    local call count number refused=0
    while read -r count call; do
        for number in $(seq "$count"); do
            local status=0
            strace -qq -o "$BATS_TEST_TMPDIR/injected" -e trace="$call" \
                -e inject="$call:error=EIO:when=$number" \
                "${everything[@]}" 2> "$BATS_TEST_TMPDIR/error" || status=$?
            if [ "$status" -eq 125 ]; then
                grep -q "step3-cgroups: .*" "$BATS_TEST_TMPDIR/error"
                refused=$((refused + 1))
            elif [ "$status" -ne 0 ]; then
                echo "$call number $number: status $status"
                cat "$BATS_TEST_TMPDIR/error"
                return 1
            fi
            # A rmdir that failed is made good by the next start.
            step3-cgroups "$ROOT" true
            compare_host
        done
    done < <(sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$BATS_TEST_TMPDIR/trace" | sort | uniq -c)
    echo "# $refused refusals" >&3
    [ "$refused" -gt 30 ]
}

@test "SIGKILL of the program at 200 random moments: nothing, after the next start" {
    local moment step
    for moment in $(seq 200); do
        step3-cgroups --memory 64m --cpus 1 --pids-limit 9 --init "$ROOT" sleep 99 &
        step=$!
        sleep "0.00$((moment % 10))$((RANDOM % 10))"
        kill -KILL "$step"
        wait "$step" || true
    done
    step3-cgroups "$ROOT" true
}

@test "1,000 runs in a row, no failure" {
    local number
    for number in $(seq 1000); do
        step3-cgroups --memory 64m --pids-limit 9 "$ROOT" true || { echo "run $number"; return 1; }
    done
}

@test "200 runs, 8 at a time, no failure" {
    seq 200 | xargs -P 8 -I{} step3-cgroups --memory 64m --cpus 1 --init "$ROOT" true
}
