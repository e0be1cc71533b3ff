#!/usr/bin/env bats
# step4-images beside Docker and Podman, where they are installed: what one
# pushes or saves, the other pulls or loads, with the same digests.
# shellcheck disable=SC2154 # images.bash and start_registry assign it

load helpers
load images

setup_file() {
    requires_root
    make_busybox_tar
    start_registry plain
    "$helpers/odd_image" --unnamed "$BATS_FILE_TMPDIR/layout"
    skopeo copy -q --dest-tls-verify=false "oci:$BATS_FILE_TMPDIR/layout:latest" "docker://$plain/odd:1"
    if command -v dockerd >/dev/null && command -v docker >/dev/null; then
        local words
        words=$("$helpers/dockerd" start "$BATS_FILE_TMPDIR/docker")
        eval "export ${words//$'\n'/ }"
    fi
}
teardown_file() {
    stop_registries plain
    [ -z "${docker_pid-}" ] || "$helpers/dockerd" stop "$docker_pid"
}
setup() { remember_host; }
teardown() { compare_host; }

layers_of() { ours inspect "$1" | jq -r '.[0].RootFS.Layers[]'; }
needs_docker() { [ -n "${docker_pid-}" ] || skip "docker.io is not installed"; }
docker_layers_of() { docker image inspect "$1" | jq -r '.[0].RootFS.Layers[]'; }
podman_layers_of() { peer_podman image inspect "$1" | jq -r '.[0].RootFS.Layers[]'; }

@test "docker pulls what we pushed" {
    needs_docker
    import_busybox "$plain/ours/docker:1"
    ours push "$plain/ours/docker:1"
    docker pull -q "$plain/ours/docker:1"
    [ "$(docker image inspect -f '{{.Id}}' "$plain/ours/docker:1")" = "$(id_of "$plain/ours/docker:1")" ]
    [[ $(docker image inspect -f '{{.RepoDigests}}' "$plain/ours/docker:1") == *"$(digest_of "$plain/ours/docker:1")"* ]]
}

@test "we pull what docker pushed" {
    needs_docker
    docker import -c 'CMD ["sh"]' "$BUSYBOX" "$plain/docker/ours:1" >/dev/null
    docker push -q "$plain/docker/ours:1"
    ours pull "$plain/docker/ours:1"
    [ "$(docker image inspect -f '{{.Id}}' "$plain/docker/ours:1")" = "$(id_of "$plain/docker/ours:1")" ]
    [ "$(digest_there "docker://$plain/docker/ours:1")" = "$(digest_of "$plain/docker/ours:1")" ]
    [ "$(ours run "$plain/docker/ours:1" echo here)" = here ]
}

@test "docker load takes our archives, and we take docker's" {
    needs_docker
    import_busybox archived:1
    ours save -o "$BATS_TEST_TMPDIR/ours.tar" archived:1
    docker load -q -i "$BATS_TEST_TMPDIR/ours.tar"
    [ "$(docker image inspect -f '{{.Id}}' archived:1)" = "$(id_of archived:1)" ]
    docker tag archived:1 back:1
    docker save -o "$BATS_TEST_TMPDIR/theirs.tar" back:1
    ours load -i "$BATS_TEST_TMPDIR/theirs.tar"
    [ "$(id_of back:1)" = "$(id_of archived:1)" ]
    # Three layers with everything in them, by way of both.
    ours pull "$plain/odd:1"
    ours save -o "$BATS_TEST_TMPDIR/odd.tar" "$plain/odd:1"
    docker load -q -i "$BATS_TEST_TMPDIR/odd.tar"
    [ "$(docker_layers_of "$plain/odd:1")" = "$(layers_of "$plain/odd:1")" ]
    docker save "$plain/odd:1" | STORE=$BATS_TEST_TMPDIR/second ours load
    [ "$(STORE=$BATS_TEST_TMPDIR/second layers_of "$plain/odd:1")" = "$(layers_of "$plain/odd:1")" ]
}

@test "podman pulls what we pushed" {
    needs_peer podman
    import_busybox "$plain/ours/podman:1"
    ours push "$plain/ours/podman:1"
    peer_podman pull -q --tls-verify=false "$plain/ours/podman:1"
    [ "sha256:$(peer_podman image inspect -f '{{.Id}}' "$plain/ours/podman:1")" = "$(id_of "$plain/ours/podman:1")" ]
    [ "$(peer_podman image inspect -f '{{.Digest}}' "$plain/ours/podman:1")" = "$(digest_of "$plain/ours/podman:1")" ]
}

@test "we pull what podman pushed, as Docker's and as OCI" {
    needs_peer podman
    peer_podman import -q -c 'CMD ["sh"]' "$BUSYBOX" "$plain/podman/ours:1" >/dev/null
    local format
    for format in oci v2s2; do
        peer_podman push -q --tls-verify=false --format "$format" "$plain/podman/ours:1" "$plain/podman/ours:$format"
        ours pull "$plain/podman/ours:$format"
        [ "$(digest_there "docker://$plain/podman/ours:$format")" = "$(digest_of "$plain/podman/ours:$format")" ]
        [ "$(ours run "$plain/podman/ours:$format" echo here)" = here ]
    done
}

@test "podman load takes our archives, and we take podman's" {
    needs_peer podman
    ours pull "$plain/odd:1"
    ours tag "$plain/odd:1" odd:9
    ours save -o "$BATS_TEST_TMPDIR/ours.tar" odd:9
    peer_podman load -q -i "$BATS_TEST_TMPDIR/ours.tar"
    [ "$(podman_layers_of odd:9)" = "$(layers_of odd:9)" ]
    local format
    for format in docker-archive oci-archive; do
        peer_podman save -q --format "$format" -o "$BATS_TEST_TMPDIR/theirs.tar" odd:9
        STORE=$BATS_TEST_TMPDIR/$format ours load -i "$BATS_TEST_TMPDIR/theirs.tar"
        [ "$(STORE=$BATS_TEST_TMPDIR/$format ours images -q | wc -l)" -eq 1 ]
        local id
        id=$(STORE=$BATS_TEST_TMPDIR/$format ours images -q)
        [ "$(STORE=$BATS_TEST_TMPDIR/$format layers_of "$id")" = "$(layers_of odd:9)" ]
        rm "$BATS_TEST_TMPDIR/theirs.tar"
    done
}

@test "docker's tree is ours, file by file" {
    needs_docker
    docker pull -q "$plain/odd:1"
    ours pull "$plain/odd:1"
    mkdir "$BATS_TEST_TMPDIR/docker"
    # Folders that a layer does not name get the time of the pull from docker.
    # shellcheck disable=SC2016 # the inner bash expands these
    runs 0 with_tree "$plain/odd:1" "$BATS_TEST_TMPDIR/tree" bash -euc '
        mount -t overlay -o "ro,lowerdir=$1" overlay "$2"
        "$3" --ignore time "$2" "$4"' compare \
        "$(docker image inspect -f '{{.GraphDriver.Data.UpperDir}}:{{.GraphDriver.Data.LowerDir}}' "$plain/odd:1")" \
        "$BATS_TEST_TMPDIR/docker" "$helpers/same_tree" "$BATS_TEST_TMPDIR/tree"
    says "103 names, the same"
}
