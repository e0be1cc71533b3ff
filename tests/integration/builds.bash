# What the tests of step 5 share: a context, a Dockerfile in it, what comes of it.
# shellcheck shell=bash disable=SC2034,SC2154 # for images.bash; bats sets output

IMAGES=step5-build
load images

# The context of a test: $context, with the Dockerfile of stdin.
context=${BATS_TEST_TMPDIR-}/context
dockerfile() {
    mkdir -p "$context"
    cat > "$context/Dockerfile"
}
# build [OPTION…]: the context as the image `it`.
build() { ours build --progress plain -t it "$@" "$context"; }
# builds [OPTION…] < Dockerfile: both; it must be built.
builds() {
    dockerfile
    run build "$@"
    [ "$status" -eq 0 ] || { printf '%s\n' "$output"; return 1; }
}
# again [OPTION…]: the same context once more.
again() {
    run build --explain-cache "$@"
    [ "$status" -eq 0 ] || { printf '%s\n' "$output"; return 1; }
}
# refuses TEXT [OPTION…] < Dockerfile: it must not be built, and says why. There
# is no image then.
refuses() {
    local text=$1
    shift
    dockerfile
    run ours build --progress plain -t refused "$@" "$context"
    [ "$status" -ne 0 ] || { echo "was built: $output"; return 1; }
    says "$text"
    ! ours inspect refused >/dev/null 2>&1
}

# config .Cmd: of the image, as JSON.
config() { ours inspect "${2:-it}" | jq -cS ".[0].Config$1"; }
layers() { ours inspect "${1:-it}" | jq -r '.[0].RootFS.Layers[]'; }
# What is told of it, one instruction a line, the last one first.
told() {
    local name
    name=$(ours save "${1:-it}" | tar -xOf - manifest.json | jq -r '.[0].Config')
    ours save "${1:-it}" | tar -xOf - "$name" | jq -r '.history | reverse | .[].created_by'
}
in_it() { ours run it "$@"; }
# in_it_says COMMAND TEXT: what the shell of the image prints.
in_it_says() {
    local found
    found=$(ours run --entrypoint '' it sh -c "$1" 2>&1) || true
    [ "$found" = "$2" ] || {
        printf '%s\n  printed: %q\n  and not: %q\n' "$1" "$found" "$2"
        return 1
    }
}
# equals FOUND EXPECTED, and shows both when they differ.
equals() {
    [ "$1" = "$2" ] || {
        printf 'found:    %s\nexpected: %s\n' "$1" "$2"
        return 1
    }
}
# A store with busybox for each test, in memory.
setup_builds() {
    remember_host
    STORE=$memory/$BATS_TEST_NUMBER
    export STORE
    import_busybox
}
teardown_builds() {
    ours fsck > "$BATS_TEST_TMPDIR/fsck" || { cat "$BATS_TEST_TMPDIR/fsck"; return 1; }
    [ -z "$(ls -A "$STORE/build/work" 2>/dev/null)" ]
    rm -rf "$STORE"
    compare_host
}

# What is not cached of the last build's output, by its instruction, and why.
not_cached() {
    awk '{ number = $1 }
        / not cached: / { sub(/^#[0-9]+ not cached: /, ""); print titles[number] ": " $0 }
        /^#[0-9]+ \[/ { sub(/^#[0-9]+ \[[^]]*\] /, ""); titles[number] = $0 }' <<< "$output"
}
# A server for ADD: `start_web DIR` sets web_pid and $web, its URL.
start_web() {
    python3 -u -m http.server --bind 127.0.0.1 -d "$1" 0 > "$BATS_TEST_TMPDIR/web.log" 2>&1 3>&- &
    web_pid=$!
    for _ in $(seq 100); do
        ! web=$(grep -o 'http://127.0.0.1:[0-9]*' "$BATS_TEST_TMPDIR/web.log") || return 0
        sleep 0.05
    done
    return 1
}
stop_web() {
    [ -z "${web_pid-}" ] || { kill "$web_pid"; wait "$web_pid" || true; }
}
