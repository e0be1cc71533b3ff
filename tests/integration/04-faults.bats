#!/usr/bin/env bats
# step4-images when things go wrong: killed, in a crowd, on a full disk. Whatever
# happens, the store is whole, and what was complete is not fetched again.
# shellcheck disable=SC2154 # images.bash and start_registry assign it

load helpers
load images

setup_file() {
    requires_root
    use_memory
    registry_home=$memory start_registry plain
    "$SLIPWAY_SOURCE/tests/bench/big_image.py" --layers 8 --scale 0.02 "$memory/layout"
    skopeo copy -q --dest-tls-verify=false "oci:$memory/layout:latest" "docker://$plain/big:1"
    DIGEST=$(digest_there "docker://$plain/big:1")
    export DIGEST
}
teardown_file() {
    stop_registries plain
    release_memory
}
setup() {
    remember_host
    store=$memory/$BATS_TEST_NUMBER
    export STORE=$store
}
teardown() {
    stop_registries target  # if this test has started it
    ! mountpoint -q "$store" || umount "$store"
    rm -rf "$store"
    compare_host
}

# another_name NAME: the image under another name of the registry. What is
# fetched for one name can be told from what is fetched for another in its log.
another_name() {
    cp -a "$memory/plain/storage/docker/registry/v2/repositories/"{big,"$1"}
}
# fetched NAME: the blobs that were asked for under it, one a line. The registry
# notes a request when it is through.
fetched() {
    sed -n "s|.*\"GET /v2/$1/blobs/sha256:\([0-9a-f]*\).*|\1|p" "$memory/plain/access.log"
}
complete() { ls "$store/images/blobs/sha256" 2>/dev/null || true; }
# nothing_twice NAME FILE: no blob of FILE was fetched under NAME.
nothing_twice() {
    fetched "$1" | sort | comm -12 - "$2" > "$BATS_TEST_TMPDIR/again"
    [ ! -s "$BATS_TEST_TMPDIR/again" ] || {
        echo "$1: fetched although they were there:"
        cat "$BATS_TEST_TMPDIR/again"
        return 1
    }
}
is_whole() {
    ours fsck > "$BATS_TEST_TMPDIR/fsck" 2>&1 || {
        cat "$BATS_TEST_TMPDIR/fsck"
        return 1
    }
}

# duration COMMAND…: of the middle one of three runs, in microseconds.
duration() {
    local number begun
    for number in 1 2 3; do
        begun=${EPOCHREALTIME/./}
        "$@" >/dev/null
        echo $((${EPOCHREALTIME/./} - begun))
    done | sort -n | sed -n 2p
}
# The program itself, not a shell that waits for it.
pull_into() { exec "$IMAGES" --root "$store" pull -q "$1"; }
push_from() { exec "$IMAGES" --root "$store" push -q "$1"; }
cold_pull() {
    rm -rf "$store"
    ours pull "$plain/big:1"
}

@test "pull: SIGKILL at 100 random moments; the store is whole and the next goes on" {
    local took round name finished=0
    took=$(duration cold_pull)
    rm -rf "$store"
    for round in $(seq 100); do
        name=kill$round
        another_name "$name"
        complete > "$BATS_TEST_TMPDIR/complete.$name"
        kill_sometime "$took" pull_into "$plain/$name:1"
        is_whole
        [ "$ended" -eq 0 ] || continue
        [ "$(digest_of "$plain/$name:1")" = "$DIGEST" ]
        finished=$((finished + 1))
        rm -rf "$store"  # begin anew, or all would be there soon
    done
    another_name last
    complete > "$BATS_TEST_TMPDIR/complete.last"
    ours pull "$plain/last:1"
    [ "$(digest_of "$plain/last:1")" = "$DIGEST" ]
    is_whole
    echo "# a pull takes $((took / 1000)) ms, $finished of 100 were finished" >&3
    [ $finished -lt 80 ]
    for name in "$BATS_TEST_TMPDIR"/complete.*; do
        nothing_twice "${name##*.}" "$name"
    done
}

@test "push: SIGKILL at 100 random moments; the next goes on, the image arrives" {
    local took round number begun times=() name=push0 finished=0
    ours pull -q "$plain/big:1"
    # Elsewhere, so that nothing can be mounted.
    registry_home=$memory start_registry target
    for number in 1 2 3; do
        ours tag "$plain/big:1" "$target/cold$number:1"
        begun=${EPOCHREALTIME/./}
        ours push -q "$target/cold$number:1"
        times+=($((${EPOCHREALTIME/./} - begun)))
    done
    took=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 2p)
    for round in $(seq 100); do
        ours tag "$plain/big:1" "$target/$name:1"
        kill_sometime "$took" push_from "$target/$name:1"
        [ "$ended" -eq 0 ] || continue
        [ "$(digest_there "docker://$target/$name:1")" = "$DIGEST" ]
        finished=$((finished + 1)) name=push$finished
    done
    is_whole
    ours tag "$plain/big:1" "$target/$name:1"
    ours push -q "$target/$name:1"
    skopeo copy -q --src-tls-verify=false "docker://$target/$name:1" "oci:$memory/back:latest"
    rm -rf "$memory/back"
    echo "# a push takes $((took / 1000)) ms, $finished of 100 were finished" >&3
    [ $finished -lt 80 ]
}

@test "two pulls of one image at once, and 4 of 8 images with the same layers" {
    local number pid pids=()
    another_name twice
    ours pull -q "$plain/twice:1" & pids+=($!)
    ours pull -q "$plain/twice:1" & pids+=($!)
    for number in "${pids[@]}"; do wait "$number"; done
    is_whole
    [ "$(digest_of "$plain/twice:1")" = "$DIGEST" ]
    rm -rf "$store"
    for number in $(seq 8); do another_name "crowd$number"; done
    seq 8 | xargs -P 4 -I{} "$IMAGES" --root "$store" pull -q "$plain/crowd{}:1"
    is_whole
    [ "$(ours images -q | sort | uniq -c | awk '{print $1}')" = 8 ]
    # While others pull, remove and prune, nothing that is named may go.
    for number in $(seq 8); do
        ours rmi "$plain/crowd$number:1" >/dev/null & pids=($!)
        ours pull -q "$plain/crowd$number:1" & pids+=($!)
        ours prune >/dev/null & pids+=($!)
        for pid in "${pids[@]}"; do wait "$pid"; done
        is_whole
    done
}

@test "a full disk: the reason, a whole store, and then it goes on" {
    local size name refused=0
    mkdir "$store"
    for size in 256k 1m 3m 6m 9m 12m; do
        mount -t tmpfs -o "mode=0755,size=$size" tmpfs "$store"
        name=full$size
        another_name "$name"
        if ours pull -q "$plain/$name:1" 2>"$BATS_TEST_TMPDIR/error"; then
            umount "$store"
            continue
        fi
        refused=$((refused + 1))
        grep -q "No space left on device" "$BATS_TEST_TMPDIR/error"
        mount -o remount,size=200m "$store"
        is_whole
        complete > "$BATS_TEST_TMPDIR/complete.$name"
        another_name "$name-again"
        ours pull -q "$plain/$name-again:1"
        nothing_twice "$name-again" "$BATS_TEST_TMPDIR/complete.$name"
        [ "$(digest_of "$plain/$name-again:1")" = "$DIGEST" ]
        is_whole
        umount "$store"
    done
    echo "# $refused of 6 were too small" >&3
    [ $refused -ge 4 ]
}
