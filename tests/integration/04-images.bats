#!/usr/bin/env bats
# step4-images, from a root filesystem to images, archives and a registry.
# shellcheck disable=SC2154,SC2016 # images.bash assigns it; scripts for the shell inside

load helpers
load images

setup_file() {
    requires_root
    make_busybox_tar
    start_registry plain
}
teardown_file() { stop_registries plain; }
setup() { remember_host; }
teardown() { compare_host; }

@test "a newcomer's walk: import, look, run, save, load, remove" {
    ours import --change 'CMD ["sh"]' --change 'ENV GREETING=hello' --message "by hand" \
        "$BUSYBOX" mine:1
    runs 0 ours images
    says "REPOSITORY"
    [[ $output =~ mine\ +1\ +[0-9a-f]{12} ]]
    [ "$(ours inspect -f '{{json .Config.Cmd}}' mine:1)" = '["sh"]' ]
    runs 0 ours history mine:1
    says "by hand"

    runs 0 ours run mine:1 sh -c 'echo $GREETING; cat /etc/os-release'
    says hello
    says "Slipway lab"
    runs 7 ours run mine:1 sh -c 'exit 7'
    runs 127 ours run mine:1 nothing-here
    echo 'echo by the default command' | ours run mine:1 | grep "by the default command"

    ours tag mine:1 other:2
    [ "$(id_of mine:1)" = "$(id_of other:2)" ]
    ours save -o "$BATS_TEST_TMPDIR/archive.tar" mine:1 other:2
    runs 0 ours rmi mine:1
    says "Untagged: mine:1"
    says_not "Deleted"
    runs 0 ours rmi other:2
    says "Deleted: sha256:"
    [ "$(ours images -q)" = "" ]
    runs 0 ours load -i "$BATS_TEST_TMPDIR/archive.tar"
    says "Loaded image: mine:1"
    says "Loaded image: other:2"
    runs 0 ours run other:2 true
    runs 0 ours fsck
    says "all is well"
    ours rmi mine:1 other:2
    runs 0 ours prune
    run find "$BATS_TEST_TMPDIR/store/snapshots" "$BATS_TEST_TMPDIR/store/images/blobs" -regex '.*/[0-9a-f]\{64\}'
    [ -z "$output" ]
}

@test "the program says what is wrong with names, images, files" {
    runs 125 ours inspect nothing
    says "nothing"
    runs 125 ours run nothing true
    runs 125 ours import "$BATS_TEST_TMPDIR/none.tar" mine
    says "none.tar"
    runs 125 ours load -i "$BATS_TEST_TMPDIR/none.tar"
    says "none.tar"
    runs 125 ours no-such-verb
    echo "no tar at all" > "$BATS_TEST_TMPDIR/text"
    runs 125 ours import "$BATS_TEST_TMPDIR/text" mine
    runs 125 ours load -i "$BATS_TEST_TMPDIR/text"
    [ -z "$(ours images -q)" ]
    runs 0 ours fsck
}

@test "a damaged image is removed by its name" {
    mkdir -p "$BATS_TEST_TMPDIR/tree/etc"
    tar -cf - -C "$BATS_TEST_TMPDIR/tree" . | ours import - bad:1
    tar -cf - -C "$BATS_TEST_TMPDIR/tree" etc | ours import - good:1
    local manifest
    manifest=$(jq -r '.manifests[] | select(.annotations[] | contains("bad:1")).digest' \
        "$BATS_TEST_TMPDIR/store/images/index.json" | head -1)
    echo '{' > "$BATS_TEST_TMPDIR/store/images/blobs/sha256/${manifest#sha256:}"
    runs 125 ours inspect bad:1
    runs 0 ours inspect "$(id_of good:1)"
    runs 0 ours rmi bad:1
    says "Untagged: bad:1"
    runs 0 ours rmi good:1
}

@test "the same file imported twice is one image; a pipe is as good as a file" {
    import_busybox one
    ours import --change 'CMD ["sh"]' - two < "$BUSYBOX" >/dev/null
    [ "$(ours inspect one | jq -r '.[0].RootFS.Layers[]')" = "$(ours inspect two | jq -r '.[0].RootFS.Layers[]')" ]
    gzip -c "$BUSYBOX" | ours import - three >/dev/null
    [ "$(ours inspect one | jq -r '.[0].RootFS.Layers[]')" = "$(ours inspect three | jq -r '.[0].RootFS.Layers[]')" ]
    [ "$(find "$BATS_TEST_TMPDIR/store/snapshots" -mindepth 1 -maxdepth 1 -name '[!.]*' | wc -l)" -eq 1 ]
}

@test "what a container changed: diff, commit, export" {
    import_busybox
    runs 0 ours run --name box busybox sh -c 'echo new > /new; rm /etc/group; chmod 700 /home'
    runs 0 ours diff box
    says "A /new"
    says "D /etc/group"
    says "C /home"
    ours commit box changed
    [ "$(ours run changed cat /new)" = new ]
    runs 1 ours run changed test -e /etc/group
    ours export box | tar -tf - > "$BATS_TEST_TMPDIR/names"
    grep -qx './\?new\|new' "$BATS_TEST_TMPDIR/names"
    [ "$(grep -c 'etc/group$' "$BATS_TEST_TMPDIR/names")" -eq 0 ]
    ours rm box
    runs 0 ours fsck
}

@test "layers that a power cut took are unpacked again" {
    ours import "$BUSYBOX" mine:1
    local store=$BATS_TEST_TMPDIR/store/snapshots blobs=$BATS_TEST_TMPDIR/store/images/blobs/sha256
    power_cut "$store"
    runs 0 ours fsck
    says "is not unpacked"
    runs 0 ours run mine:1 sh -c 'cat /etc/os-release'
    says "Slipway lab"
    runs 0 ours fsck
    says_not "is not unpacked"
    # Without the blob there is nothing to unpack.
    power_cut "$store"
    local manifest
    manifest=$(digest_of mine:1)
    rm "$blobs/$(jq -r '.layers[0].digest[7:]' "$blobs/${manifest#sha256:}")"
    runs 125 ours run mine:1 true
    says "could not be unpacked again"
    says "pull or load the image again"
}

@test "no working directory through what is open outside (CVE-2024-21626)" {
    ours import --change 'WORKDIR /proc/self/fd/3' --change 'CMD ["ls"]' "$BUSYBOX" escape
    runs 125 ours run escape
    says "/proc/self/fd/3"
    for number in {3..20}; do
        runs 125 ours run -w "/proc/self/fd/$number" escape
        runs 125 ours run -w "/proc/self/fd/$number/planted" escape
    done
    [ -z "$(find "$BATS_TEST_TMPDIR/store" -name planted)" ]
    [ "$(ours run -w /srv/new/.. escape pwd)" = /srv ]
}

@test "push and pull between two stores: the same bytes, and skopeo agrees" {
    import_busybox "$plain/walk/busybox:1"
    ours push "$plain/walk/busybox:1"
    local digest
    digest=$(digest_of "$plain/walk/busybox:1")
    [ "$(digest_there "docker://$plain/walk/busybox:1")" = "$digest" ]
    STORE=$BATS_TEST_TMPDIR/second ours pull "$plain/walk/busybox:1"
    [ "$(STORE=$BATS_TEST_TMPDIR/second digest_of "$plain/walk/busybox:1")" = "$digest" ]
    [ "$(STORE=$BATS_TEST_TMPDIR/second id_of "$plain/walk/busybox:1")" = "$(id_of "$plain/walk/busybox:1")" ]
    [ "$(STORE=$BATS_TEST_TMPDIR/second ours run "$plain/walk/busybox:1" echo here)" = here ]
    runs 0 env STORE="$BATS_TEST_TMPDIR/second" "$IMAGES" --root "$BATS_TEST_TMPDIR/second" \
        pull "$plain/walk/busybox@$digest"
    runs 0 ours pull "$plain/walk/busybox:1"
    says "Image is up to date"
}

@test "a layer that the registry has is not sent again" {
    import_busybox "$plain/twice/one:1"
    ours push "$plain/twice/one:1" >/dev/null
    local before
    before=$(grep -c '"PUT .*/blobs/uploads/' "$BATS_FILE_TMPDIR/plain/access.log")
    ours push "$plain/twice/one:1"
    [ "$(grep -c '"PUT .*/blobs/uploads/' "$BATS_FILE_TMPDIR/plain/access.log")" -eq "$before" ]
}

@test "images by skopeo are ours, and ours are skopeo's" {
    "$helpers/odd_image" "$BATS_TEST_TMPDIR/layout"
    skopeo copy -q --dest-tls-verify=false "oci:$BATS_TEST_TMPDIR/layout:latest" "docker://$plain/odd:1"
    ours pull "$plain/odd:1"
    [ "$(digest_of "$plain/odd:1")" = "$(digest_there "docker://$plain/odd:1")" ]
    skopeo copy -q --src-tls-verify=false --format v2s2 "docker://$plain/odd:1" \
        "docker://$plain/odd:docker" --dest-tls-verify=false
    ours pull "$plain/odd:docker"
    [ "$(digest_of "$plain/odd:docker")" = "$(digest_there "docker://$plain/odd:docker")" ]
    ours tag "$plain/odd:1" "$plain/back:1"
    ours push "$plain/back:1"
    [ "$(digest_there "docker://$plain/back:1")" = "$(digest_of "$plain/odd:1")" ]
    ours save -o "$BATS_TEST_TMPDIR/archive.tar" "$plain/odd:1"
    skopeo copy -q "docker-archive:$BATS_TEST_TMPDIR/archive.tar" "oci:$BATS_TEST_TMPDIR/copy:latest"
    skopeo copy -q "oci:$BATS_TEST_TMPDIR/copy:latest" "docker-archive:$BATS_TEST_TMPDIR/theirs.tar:odd:3"
    ours load -i "$BATS_TEST_TMPDIR/theirs.tar"
    [ "$(ours inspect odd:3 | jq -r '.[0].RootFS.Layers[]')" = "$(ours inspect "$plain/odd:1" | jq -r '.[0].RootFS.Layers[]')" ]
}

@test "the same tree as umoci's, file by file" {
    needs_peer umoci
    "$helpers/odd_image" "$BATS_TEST_TMPDIR/layout"
    skopeo copy -q --dest-tls-verify=false "oci:$BATS_TEST_TMPDIR/layout:latest" "docker://$plain/tree:1"
    umoci unpack --image "$BATS_TEST_TMPDIR/layout:latest" "$BATS_TEST_TMPDIR/bundle"
    ours pull "$plain/tree:1"
    runs 0 with_tree "$plain/tree:1" "$BATS_TEST_TMPDIR/tree" \
        "$helpers/same_tree" "$BATS_TEST_TMPDIR/bundle/rootfs" "$BATS_TEST_TMPDIR/tree"
    says "95 names, the same"
}
