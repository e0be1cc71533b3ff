# What the tests of step 4 share: stores, registries, peers.
# shellcheck shell=bash disable=SC2154 # what registry and dockerd print is evaluated

: "${IMAGES:=step4-images}"  # the program; later steps do what it does
# Nobody's logins.
export DOCKER_CONFIG=${BATS_RUN_TMPDIR-}/docker XDG_CONFIG_HOME=${BATS_RUN_TMPDIR-}/config
helpers=$SLIPWAY_SOURCE/tests/helpers

# ours COMMAND…: in the store of this test, or in the one that STORE names.
ours() { "$IMAGES" --root "${STORE:-$BATS_TEST_TMPDIR/store}" "$@"; }

# A root filesystem of busybox as a tar, for all tests of a file.
make_busybox_tar() {
    export BUSYBOX=$BATS_FILE_TMPDIR/busybox.tar
    "$SLIPWAY_SOURCE/dev" rootfs "$BATS_FILE_TMPDIR/busybox" >/dev/null
    tar -C "$BATS_FILE_TMPDIR/busybox" --sort=name --numeric-owner --owner=0 --group=0 \
        --mtime=@1700000000 -cf "$BUSYBOX" .
}
import_busybox() { ours import --change 'CMD ["sh"]' "$BUSYBOX" "${1:-busybox}" >/dev/null; }

# A file system in memory for the tests of a file that are many, not about disks:
# $memory. `release_memory` last in teardown_file.
memory=${BATS_FILE_TMPDIR-}/memory
use_memory() {
    mkdir "$memory"
    mount -t tmpfs -o mode=0755 tmpfs "$memory"
}
release_memory() { umount "$memory"; }

# start_registry NAME [OPTION…]: for all tests of a file. Afterwards NAME is its
# address, and NAME_ca, NAME_user, NAME_password what it takes to use it.
start_registry() {
    local name=$1 words
    shift
    words=$("$helpers/registry" start --as "$name" "$@" "${registry_home:-$BATS_FILE_TMPDIR}/$name")
    eval "export ${words//$'\n'/ }"
}
stop_registries() {
    local name
    for name in "$@"; do
        name+=_pid
        [ -z "${!name-}" ] || "$helpers/registry" stop "${!name}"
    done
}

digest_of() { ours inspect -f '{{.Descriptor.digest}}' "$1"; }
id_of() { ours inspect -f '{{.Id}}' "$1"; }
# As after a power cut: nobody brought to the disk what this boot unpacked, and
# the shell of busybox is lost.
power_cut() {
    local mark
    for mark in "$1"/.*; do
        [ ! -f "$mark" ] || echo "7 01234567-0123-0123-0123-0123456789ab" > "$mark"
    done
    rm "$1"/*/bin/sh
}
# What a registry has under a name, by skopeo's word. Options come first.
digest_there() { skopeo inspect --tls-verify=false "$@" | jq -r .Digest; }

# Peers, where they are installed; $2 for the reason to skip.
needs_peer() { command -v "$1" >/dev/null || skip "$1 is not installed${2:+: $2}"; }
peer_podman() {
    env -u DOCKER_CONFIG HOME="$BATS_FILE_TMPDIR" "$helpers/beside" podman --root "$BATS_FILE_TMPDIR/podman" \
        --runroot /run/podman --storage-driver overlay \
        --cgroup-manager cgroupfs --events-backend none "$@"
}

# kill_sometime MICROSECONDS COMMAND…: SIGKILL after a random part of them. Sets
# `ended`: 0 when the command was quicker. Other ends are failures.
kill_sometime() {
    local part=$(((RANDOM * 32768 + RANDOM) % $1)) pid
    shift
    "$@" >/dev/null 2>"$BATS_TEST_TMPDIR/error" &
    pid=$!
    printf -v part '%d.%06d' $((part / 1000000)) $((part % 1000000))
    sleep "$part"
    kill -KILL "$pid" 2>/dev/null || true
    ended=0
    wait "$pid" || ended=$?
    [ $ended -eq 0 ] || [ $ended -eq 137 ] || {
        cat "$BATS_TEST_TMPDIR/error"
        return 1
    }
}

# The image's layers as one tree in DIR, by the kernel, while COMMAND runs.
with_tree() {
    local image=$1 dir=$2 layers
    shift 2
    layers=$(ours inspect "$image" | jq -r '[.[0].RootFS.Layers[] | ltrimstr("sha256:")] | reverse | join(":")')
    mkdir -p "$dir" "$BATS_TEST_TMPDIR/empty"
    # shellcheck disable=SC2016 # the inner bash expands these
    unshare -m --propagation private bash -euc '
        cd "$1/snapshots" && mount -t overlay -o "ro,lowerdir=$2:$3" overlay "$4" && shift 4 && "$@"
        ' with_tree "${STORE:-$BATS_TEST_TMPDIR/store}" "$layers" "$BATS_TEST_TMPDIR/empty" "$dir" "$@"
}
