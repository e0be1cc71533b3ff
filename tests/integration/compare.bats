#!/usr/bin/env bats
# compare: the whole matrix against what is known, a probe that lies, and a judge
# that is killed.
# shellcheck disable=SC2016,SC2030,SC2031 # each test has a TMPDIR of its own

load helpers
load runtime

setup() { requires_root; remember_host; }
teardown() { compare_host; }

golden() { python3 "$SLIPWAY_SOURCE/tests/isolation/golden.py" "$@"; }

@test "each step and each mechanism closes what it is known to close" {
    runs 0 compare --quiet --rounds 0 --columns step,engine,only,without,oci \
        --save "$BATS_TEST_TMPDIR/matrix.json" --html "$BATS_TEST_TMPDIR/page.html"
    says "open a host file by its path"
    runs 0 golden check "$BATS_TEST_TMPDIR/matrix.json"
    grep -q '</html>' "$BATS_TEST_TMPDIR/page.html"
    runs 0 compare --from "$BATS_TEST_TMPDIR/matrix.json" --diff 1 2
    says "share the host's process numbers"
    runs 0 compare --from "$BATS_TEST_TMPDIR/matrix.json" K8
    says "closed by: read-only /proc/sys"
    # What is closed by a mechanism that no option of the engine leaves out.
    runs 0 compare --from "$BATS_TEST_TMPDIR/matrix.json" --diff oci oci-without-close_range
    equals "$(grep -o '^F4.*open' <<<"$output")" "$output"
    runs 0 compare --from "$BATS_TEST_TMPDIR/matrix.json" --diff oci oci-without-keyring
    says "I5 "
    runs 0 compare --from "$BATS_TEST_TMPDIR/matrix.json" --diff oci oci-with-CAP_SYS_ADMIN
    says "K11 "
    # For an ordinary user: no limits, for want of a group; another root.
    runs 0 compare --from "$BATS_TEST_TMPDIR/matrix.json" --diff 6 rootless
    says "R1 "
    says "C1 "
}

@test "a container without a mount namespace is none: nothing else hides the host's files" {
    slipway-oci spec --bundle "$BATS_TEST_TMPDIR"
    mkdir "$BATS_TEST_TMPDIR/rootfs"
    jq 'del(.linux.namespaces[] | select(.type == "mount"))' "$BATS_TEST_TMPDIR/config.json" \
        > "$BATS_TEST_TMPDIR/changed"
    mv "$BATS_TEST_TMPDIR/changed" "$BATS_TEST_TMPDIR/config.json"
    runs 1 slipway-oci --root "$BATS_TEST_TMPDIR/states" run --bundle "$BATS_TEST_TMPDIR" box
    says "needs a mount namespace"
}

@test "where no ordinary user can have more ids, the column says so" {
    runs 0 unshare -m bash -c 'mount --bind /dev/null /usr/bin/newuidmap
        compare --quiet --rounds 0 --columns rootless'
    says "no column rootless: "
    says newuidmap
}

@test "a changed cell is found" {
    compare --quiet --rounds 0 --columns 1 --save "$BATS_TEST_TMPDIR/matrix.json" >/dev/null
    runs 0 golden check "$BATS_TEST_TMPDIR/matrix.json"
    jq '(.columns[] | select(.name == "1") | .cells.F1.verdict) = "open"' \
        "$BATS_TEST_TMPDIR/matrix.json" > "$BATS_TEST_TMPDIR/changed.json"
    runs 1 golden check "$BATS_TEST_TMPDIR/changed.json"
    says "1 F1: open, was closed"
}

# What a lying probe would like to be believed: a file that was not read, and a
# signal that was not sent.
@test "a probe that lies is caught" {
    cat > "$BATS_TEST_TMPDIR/liar" <<END
#!/bin/bash
if [ "\$1" != run ]; then exec -a "\$0" "$SLIPWAY_BIN/compare-probe" "\$@"; fi
"$SLIPWAY_BIN/compare-probe" "\$@" | sed \
    -e '/"row": "F1"/s/"proof": "[^"]*"/"proof": "secret-made-up"/' \
    -e '/"row": "P3"/s/"outcome": "open"/"outcome": "closed"/' \
    -e '/"row": "I3"/s/"outcome": "open"/"outcome": "absent"/'
END
    runs 0 compare --quiet --rounds 0 --columns host --probe "$BATS_TEST_TMPDIR/liar" F1 P3 I3
    says "the probe says open, and cannot prove it"
    says "the probe says it failed; the host saw it happen"
    [ "$(grep -c 'the host saw it happen' <<<"$output")" -eq 2 ]
}

# wait_for_subject PID: until the judge below it has started something.
wait_for_subject() {
    local tries=0
    while ! pgrep -P "$(pgrep -P "$1" 2>/dev/null || echo 0)" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.05
    done
}

# kill_both PROGRAM JUDGE: returns when the judge has gone, too, and with it its
# claim to the folder.
kill_both() {
    kill -STOP "$1"  # or it would clean up between the two signals
    kill -9 "$2" "$1"
    until_true gone "$2"
}
gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }

@test "killed at any time, the host is as before" {
    local whom delay
    for whom in judge program; do
        for delay in 0.3 1.5; do
            compare --quiet --rounds 0 --columns 1,2,3,4,6 >/dev/null 2>&1 &
            local program=$!
            wait_for_subject $program
            sleep $delay
            if [ $whom = judge ]; then
                kill -9 "$(pgrep -P $program)"
            else
                kill -9 $program
            fi
            wait $program || true
            compare_host
            # shellcheck disable=SC2016 # the inner shell expands it
            # (the one that lives takes its time to clean up)
            timeout 10 sh -c 'while ls -d "$0"/slipway-compare-* >/dev/null 2>&1; do sleep 0.1; done' \
                "${TMPDIR:-/tmp}"
        done
    done
}

# engine_group RUNS: that of a container of the engine that the judge has started,
# noted below the folder of runs.
engine_group() {
    local note
    for note in "$1"/slipway-compare-*/state/oci/*; do
        [ -e "$note" ] || continue
        find /sys/fs/cgroup -maxdepth 2 -name "slipway-${note##*/}" 2>/dev/null | grep -m 1 . && return
    done
    return 1
}

@test "killed while a container of the engine has groups, these go, too" {
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    local whom program judge
    for whom in program judge both; do
        mkdir "$TMPDIR"
        compare --quiet --rounds 0 --columns 6 >/dev/null 2>&1 3>&- &
        program=$!
        until_true engine_group "$TMPDIR"
        judge=$(pgrep -P $program)
        case $whom in
            program) kill -9 $program ;;
            judge) kill -9 "$judge" ;;
            # (stopped, or it would clean up between the two signals)
            both) kill_both $program "$judge" ;;
        esac
        wait $program || true
        [ $whom != both ] || compare --quiet --rounds 0 --columns host >/dev/null
        # (the one that lives takes its time to clean up)
        until_true rmdir "$TMPDIR"
        compare_host
    done
}

@test "what a run leaves of which both processes were killed, the next one takes away" {
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir "$TMPDIR"
    compare --quiet --rounds 0 --columns 6,engine >/dev/null 2>&1 &
    local program=$! judge
    wait_for_subject $program
    sleep 1
    judge=$(pgrep -P $program)
    kill_both $program "$judge"
    wait $program || true
    [ "$(find "$TMPDIR" -maxdepth 1 -name 'slipway-compare-*' | wc -l)" -eq 1 ]
    # Not ours to take: nobody has claimed it.
    mkdir "$TMPDIR/slipway-compare-other"
    runs 0 compare --quiet --rounds 0 --columns 3
    [ "$(ls "$TMPDIR")" = slipway-compare-other ]
    rmdir "$TMPDIR/slipway-compare-other"
}

@test "a machine of its own has nothing in common with the host, its kernel included" {
    [ "$(uname -m)" = x86_64 ] || skip "tests/vm/prepare knows x86_64 only"
    local kernel
    kernel=$(python3 "$SLIPWAY_SOURCE/tests/vm/prepare" "$SLIPWAY_SOURCE/build/vm")/vmlinux
    runs 0 compare --quiet --rounds 1 --columns 2 --vm --kernel "$kernel" \
        --save "$BATS_TEST_TMPDIR/matrix.json"
    says "start to end"
    runs 0 jq -e '.columns[] | select(.name == "vm") | .failure == ""
        and .cells.K13.verdict == "closed" and .cells.C1.verdict == "limited"
        and .milliseconds[0] > 100 and all(.cells[]; .verdict != "open" and .verdict != "error")' \
        "$BATS_TEST_TMPDIR/matrix.json"
}

@test "where there is no kernel to boot, it says so" {
    runs 0 compare --quiet --rounds 0 --columns host --vm --kernel /no/such/kernel
    says "no column vm: "
    says "/no/such/kernel"
}

# program NAME LINES: a student's runtime.
program() {
    printf '#!/bin/bash\n%s\n' "$2" > "$BATS_TEST_TMPDIR/$1"
    chmod +x "$BATS_TEST_TMPDIR/$1"
}
# cell COLUMN ROW: its verdict and note in the matrix.
cell() {
    jq -r --arg column "$1" --arg row "$2" '.columns[] | select(.name == $column)
        | .cells[$row] | .verdict + " " + (.note // "")' "$BATS_TEST_TMPDIR/matrix.json"
}

@test "what could not be tried, or is not there any more, is not called closed" {
    # Signals that are not heard; one that ends whoever runs already; one that takes a
    # canary of the host along.
    program deaf "trap '' TERM ALRM; exec chroot \"\$@\""
    program jealous 'pkill -9 -f "^/probe neighbour $4 "; exec chroot "$@"'
    program thief 'for word; do [[ $word != shared=* ]] || rm -f "/dev/shm/${word#*=}"; done
        exec chroot "$@"'
    # Both start from here.
    cd "$BATS_TEST_TMPDIR"
    runs 0 compare --quiet --rounds 0 --columns host \
        --subject "few=$SLIPWAY_BIN/step3-cgroups --pids-limit 1 {rootfs} {probe}" \
        --subject "deaf=./deaf {rootfs} {probe}" --subject "jealous=bash jealous {rootfs} {probe}" \
        --subject "thief=./thief {rootfs} {probe}" --subject "last=chroot {rootfs} {probe}" \
        --save matrix.json
    equals "$(cell few K1)" "error it could not be tried"
    equals "$(cell deaf P7)" "open "
    equals "$(cell deaf K13)" "open "
    equals "$(cell jealous X1)" "error the other container has ended meanwhile"
    equals "$(cell jealous F1)" "closed "
    equals "$(cell last I4)" "error at the end it did not work on the host either"
    equals "$(cell last F1)" "closed "
}

@test "a folder of the host that a subject leaves mounted keeps its files" {
    mkdir "$BATS_TEST_TMPDIR/precious"
    touch "$BATS_TEST_TMPDIR/precious/file"
    program careless "mkdir \$1/tmp/data
        mount --bind '$BATS_TEST_TMPDIR/precious' \$1/tmp/data
        exec chroot \"\$@\""
    # (a folder with a blank and a link in its name: tables of mounts show neither)
    mkdir "$BATS_TEST_TMPDIR/a place"
    ln -s "$BATS_TEST_TMPDIR/a place" "$BATS_TEST_TMPDIR/link"
    TMPDIR=$BATS_TEST_TMPDIR/link runs 0 compare --quiet --rounds 0 --columns host \
        --subject "careless=$BATS_TEST_TMPDIR/careless {rootfs} {probe}" F1
    says "closed   careless"
    [ -e "$BATS_TEST_TMPDIR/precious/file" ]
    [ -z "$(ls "$BATS_TEST_TMPDIR/a place")" ]
}

@test "a subject that leaves others behind, or fails, is said to" {
    program leaves 'yes & exec chroot "$@"'
    program fails "printf '\\033[31mnot today'; exit 3"
    runs 0 compare --quiet --rounds 0 --columns host \
        --subject "leaves=$BATS_TEST_TMPDIR/leaves {rootfs} {probe}" \
        --subject "fails=$BATS_TEST_TMPDIR/fails {rootfs} {probe}" F1
    says "closed   leaves"
    says "exit status 3: ?[31mnot today"
}

@test "what cannot be shown or written is refused before anything is measured" {
    local started=$SECONDS
    runs 125 compare K99
    says "no row"
    runs 125 compare --columns 1,7
    says 'no column "7"'
    runs 125 compare --diff 1
    runs 125 compare --diff 1 7
    says 'no column "7"'
    runs 125 compare --json --md
    runs 125 compare --json K8
    runs 125 compare --subject "2=chroot {rootfs} {probe}"
    says "there is a column of this name"
    runs 125 compare --save /no/such/folder/matrix.json
    says "write /no/such/folder/matrix.json: No such file or directory"
    runs 125 compare --html /dev/null
    says "it is no file"
    [ -c /dev/null ]
    [ $((SECONDS - started)) -lt 20 ]
}

@test "two at once do not disturb each other" {
    local columns=host,2,2-map-root
    compare --quiet --rounds 0 --columns $columns --save "$BATS_TEST_TMPDIR/other.json" \
        > /dev/null 3>&- &
    local other=$!
    compare --quiet --rounds 0 --columns $columns --save "$BATS_TEST_TMPDIR/matrix.json" > /dev/null
    wait $other
    runs 0 golden check "$BATS_TEST_TMPDIR/matrix.json"
    runs 0 golden check "$BATS_TEST_TMPDIR/other.json"
}

@test "a subject of one's own is one more column; a program that is not there is said" {
    runs 0 compare --quiet --rounds 1 --columns 1,mine,none \
        --subject "mine=chroot {rootfs} {probe}" --subject "none=/no/such/program {probe}"
    says "mine"
    says "no column none: command not found"
    runs 125 compare --subject "mine=chroot {rootfs}"
    says "it starts no {probe}"
    runs 125 compare --from /dev/null
    runs 125 setpriv --reuid 65534 --clear-groups compare --quiet
    says "root's rights"
}
