#!/usr/bin/env bats
# The front door and the book's tools, as a reader meets them.

load helpers

setup() { remember_host; }
teardown() { compare_host; }

@test "dev without a command, and with a wrong one" {
    runs 0 "$SLIPWAY_SOURCE/dev"
    says "Usage: ./dev COMMAND"
    runs 2 "$SLIPWAY_SOURCE/dev" tets
    says "unknown command: tets"
}

@test "dev works from another folder and through a link" {
    ln -s "$SLIPWAY_SOURCE/dev" "$BATS_TEST_TMPDIR/dev"
    cd "$BATS_TEST_TMPDIR"
    runs 0 ./dev rootfs new
    says "made new: one program"
    [ -x new/bin/busybox ] && [ -L new/bin/sh ]
}

@test "rootfs refuses a folder that is not empty, and touches nothing" {
    mkdir "$BATS_TEST_TMPDIR/mine"
    echo precious > "$BATS_TEST_TMPDIR/mine/file"
    runs 1 "$SLIPWAY_SOURCE/dev" rootfs "$BATS_TEST_TMPDIR/mine"
    says "is not empty"
    [ "$(ls "$BATS_TEST_TMPDIR/mine")" = file ]
    runs 1 "$SLIPWAY_SOURCE/dev" rootfs
    runs 1 "$SLIPWAY_SOURCE/dev" rootfs ""
}

@test "doctor explains this machine, in JSON too" {
    runs 0 "$SLIPWAY_SOURCE/dev" doctor
    says "Namespaces"
    says "1 chroot"
    "$SLIPWAY_SOURCE/dev" doctor --json | jq -e 'type == "object"'
}

@test "the demo shows the escape, what stops it, limits, and layers" {
    requires_root
    runs 0 "$SLIPWAY_SOURCE/tutorial/tools/demo" "$SLIPWAY_BIN"
    says 'chroot("'
    says "$(head -n 1 /etc/os-release)"
    says 'NAME="Slipway lab"'
    says "--memory 20 MiB was not enough"
    says "/root/key: in layer 2, deleted by layer 3"
    says "did you mean /bin/true?"
}
