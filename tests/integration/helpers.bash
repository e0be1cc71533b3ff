# Shared by the bats files. SLIPWAY_BIN and SLIPWAY_SOURCE come from ctest.
# shellcheck shell=bash disable=SC2154 # bats sets status and output

bats_require_minimum_version 1.5.0  # run -N

: "${SLIPWAY_SOURCE:=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}"
: "${SLIPWAY_BIN:=$SLIPWAY_SOURCE/build/dev/bin}"
PATH=$SLIPWAY_BIN:$PATH

host_state() { python3 "$SLIPWAY_SOURCE/tests/house/host_state.py" "$@"; }

requires_root() { [ "$(id -u)" -eq 0 ] || skip "needs root"; }

# A root filesystem shared by the tests of one file, with our helpers in it.
make_shared_root() {
    export ROOT=$BATS_FILE_TMPDIR/root
    "$SLIPWAY_SOURCE/dev" rootfs "$ROOT" >/dev/null
    cp "$SLIPWAY_BIN/show-process" "$SLIPWAY_BIN/break-out" "$ROOT/bin/"
}

# Each test leaves the host as it found it.
remember_host() { host_state print > "$BATS_TEST_TMPDIR/host"; }
compare_host() { host_state compare "$BATS_TEST_TMPDIR/host"; }

# runs CODE COMMAND...: the command ends with CODE; its output is in $output,
# and shown when it ends otherwise.
runs() {
    local expected=$1
    shift
    run "-$expected" "$@" || {
        printf '%s\n' "$output"
        return 1
    }
}

says() {
    [[ $output == *"$1"* ]] || {
        printf 'does not say: %s\n--- but:\n%s\n' "$1" "$output"
        return 1
    }
}

says_not() {
    [[ $output != *"$1"* ]] || {
        printf 'says: %s\n--- in:\n%s\n' "$1" "$output"
        return 1
    }
}
