#!/usr/bin/env bats
# step5-build beside Docker's BuildKit and Buildah, where they are installed: the same
# Dockerfile, the same config, history and files.
#
# Where they are not the same, on purpose:
# - PATH: BuildKit writes the usual one into an image that has none, and so do we for
#   FROM scratch; for other bases we leave the image as it is, and containers get
#   PATH when they are started. Buildah adds it nowhere.
# - WorkingDir: "" and "/" mean the same; Buildah writes "/".
# - Labels: Buildah adds its version.
# - ARG in history: we tell the value, BuildKit in Debian's version too, Buildah its
#   own notes (/bin/sh -c #(nop)): not compared.
# - HEALTHCHECK, EXPOSE, SHELL, CMD and ENTRYPOINT in history: BuildKit prints Go's
#   structures, we print JSON; ONBUILD is not in BuildKit's at all.
# - Mount points: BuildKit leaves the empty folders on which a RUN had mounts; in our
#   layers there is nothing of mounts.
# - Buildah leaves files in /etc that a RUN needs, and /run; it drops folders' setgid.
# - Buildah makes WORKDIR for root, BuildKit and we for the USER.
# - Buildah (1.28) leaves EXPOSE 8000-8002 as it is, and CMD does not use SHELL.
# - A wildcard that meets a dangling symlink is an error for both; see 05-copy.bats.
# - Times of what a RUN or WORKDIR makes are those of the build.
# shellcheck disable=SC2030,SC2031,SC2154,SC2016 # builds.bash assigns it; scripts for the shell inside

load helpers
load builds

# Debian's client, which speaks to BuildKit without a plug-in.
docker_program() { if [ -x /usr/bin/docker ]; then echo /usr/bin/docker; else command -v docker; fi; }
beside_buildah() {
    env -u DOCKER_CONFIG HOME="$BATS_FILE_TMPDIR" "$helpers/beside" buildah --root "$BATS_FILE_TMPDIR/buildah" \
        --runroot /run/buildah --storage-driver overlay "$@"
}
peer_docker() { DOCKER_BUILDKIT=1 "$(docker_program)" "$@"; }

setup_file() {
    requires_root
    use_memory
    make_busybox_tar
    export STORE=$BATS_FILE_TMPDIR/base
    import_busybox
    ours save -o "$BATS_FILE_TMPDIR/base.tar" busybox
    if command -v dockerd >/dev/null && docker_program >/dev/null; then
        local words
        words=$("$helpers/dockerd" start "$BATS_FILE_TMPDIR/docker")
        eval "export ${words//$'\n'/ }"
        peer_docker load -q -i "$BATS_FILE_TMPDIR/base.tar" >/dev/null
        # Its cgroups come with the first build, and stay.
        find /sys/fs/cgroup -type d -path '*/docker*' | sort > "$BATS_FILE_TMPDIR/cgroups"
        peer_docker build -q --network none - <<< $'FROM busybox\nRUN true' >/dev/null
    fi
    if command -v buildah >/dev/null; then
        beside_buildah pull -q "docker-archive:$BATS_FILE_TMPDIR/base.tar" >/dev/null
    fi
}
teardown_file() {
    if [ -n "${docker_pid-}" ]; then
        "$helpers/dockerd" stop "$docker_pid"
        find /sys/fs/cgroup -type d -path '*/docker*' | sort | comm -23 - "$BATS_FILE_TMPDIR/cgroups" |
            sort -r | xargs -r rmdir
    fi
    release_memory
}
setup() {
    remember_host
    STORE=$memory/$BATS_TEST_NUMBER
    export STORE
    ours load -i "$BATS_FILE_TMPDIR/base.tar" >/dev/null
}
teardown() { teardown_builds; }

needs_docker() { [ -n "${docker_pid-}" ] || skip "docker.io is not installed"; }

# by_docker [OPTION…], by_buildah: the context, built by them, as `theirs` in our
# store. The exit status is theirs.
by_docker() {
    peer_docker build --network none -t theirs "$@" "$context" > "$BATS_TEST_TMPDIR/peer" 2>&1 ||
        { cat "$BATS_TEST_TMPDIR/peer"; return 1; }
    peer_docker save theirs | ours load >/dev/null
}
by_buildah() {
    beside_buildah bud --format docker --isolation chroot --pull-never --layers -t theirs "$context" > "$BATS_TEST_TMPDIR/peer" 2>&1 ||
        { cat "$BATS_TEST_TMPDIR/peer"; return 1; }
    rm -f "$BATS_TEST_TMPDIR/theirs.tar"
    beside_buildah push -q theirs "docker-archive:$BATS_TEST_TMPDIR/theirs.tar:docker.io/library/theirs:latest"
    ours load -i "$BATS_TEST_TMPDIR/theirs.tar" >/dev/null
}

# plain_config IMAGE: without what differs on purpose.
plain_config() {
    ours inspect "$1" | jq -S '.[0].Config
        | .Env = [.Env // [] | .[] | select(. != "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]
        | .Labels |= (. // {} | del(."io.buildah.version"))
        | {Env, Cmd, Entrypoint, WorkingDir, User, ExposedPorts, Volumes, Labels, StopSignal, Healthcheck, OnBuild, Shell}
        | .WorkingDir |= if . == "" or . == null then "/" else . end
        | with_entries(select(.value | . != null and . != "" and . != [] and . != {}))'
}
same_config() {
    plain_config it > "$BATS_TEST_TMPDIR/config.ours"
    plain_config theirs > "$BATS_TEST_TMPDIR/config.theirs"
    diff "$BATS_TEST_TMPDIR/config.ours" "$BATS_TEST_TMPDIR/config.theirs"
}
# same_files [PEER]: of both images, but for times.
same_files() {
    local image tree
    for image in it theirs; do
        tree=$BATS_TEST_TMPDIR/tree-$image
        rm -rf "$tree"
        ours build -q -o "$tree" - <<< "FROM $image" >/dev/null
        [ "${1-}" != Buildah ] || {
            (cd "$tree" && rm -rf fourteen etc/hosts etc/hostname etc/resolv.conf run)
            find "$tree" -type d -exec chmod g-s {} +
        }
    done
    run "$helpers/same_tree" --ignore time "$BATS_TEST_TMPDIR/tree-it" "$BATS_TEST_TMPDIR/tree-theirs"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}
plain_history() { told "$1" | sed 's/ # buildkit$//' | grep -E '^(ENV|LABEL|USER|VOLUME|STOPSIGNAL|MAINTAINER|WORKDIR) '; }

config_dockerfile() {
    dockerfile <<'EOF'
FROM busybox AS base
ENV inherited=1
CMD ["of the base"]
FROM base
ARG v=1
ARG ports="81 82/udp"
MAINTAINER Somebody <some@body>
ENV k=v k2="v 2" k3=a\ b k4= k5=${v:-x} k6=${none:+x} k7='$v' k8="\$v"
ENV old form  of it
LABEL a=1 b="two words" c='x "y"'
LABEL a=2
EXPOSE 80 80/udp 8000-8002
EXPOSE 90/TCP 8080:91
VOLUME /data /more
VOLUME ["/json"]
STOPSIGNAL SIGINT
WORKDIR /srv
WORKDIR app/../other
USER 1000:100
HEALTHCHECK --interval=5s --timeout=1.5s --start-period=1m --retries=4 CMD wget -q localhost
SHELL ["/bin/sh", "-ec"]
ENTRYPOINT ["/entry", "$v"]
CMD and more $v
ONBUILD RUN echo "$x" 'y'
ONBUILD COPY . /x
EOF
}

tree_dockerfile() {
    mkdir -p "$context/d/sub" "$context/empty/within"
    echo f > "$context/f"
    echo g > "$context/d/g"
    echo h > "$context/d/sub/h"
    ln -s g "$context/d/link"
    ln -s nowhere "$context/d/sub/dangling"
    chmod 640 "$context/f"
    chmod 2750 "$context/d/sub"
    chown 1234:1234 "$context/f"
    tar -C "$context" --owner=7 --group=8 -czf "$context/archive.tgz" d
    printf '%s\n' 'ignored' '**/*.log' '!keep.log' '.dockerignore' > "$context/.dockerignore"
    touch "$context/ignored" "$context/a.log" "$context/keep.log" "$context/d/b.log"
    dockerfile <<'EOF'
FROM busybox AS stage
RUN mkdir /s && echo s > /s/f && chown 7:8 /s/f && chmod 4711 /s/f && ln /s/f /s/hard && ln -s f /s/soft
FROM busybox
COPY . /all/
COPY f /one
COPY f d /two/
COPY d/* /three/
COPY --chown=5:6 d /four
COPY --chown=student f /five/
COPY d/link /six
COPY ../f /seven
COPY --from=stage /s /eight
COPY --from=stage /s/f /nine
COPY --from=0 --chown=1 /s/soft /ten
ADD archive.tgz /eleven/
WORKDIR /twelve/deep
COPY f .
USER student
WORKDIR /fourteen/mine
USER 7:8
WORKDIR more
USER root
RUN ln -s /two /thirteen && mkdir /opaque && echo x > /opaque/x
COPY f /thirteen/through
RUN rm -r /opaque && mkdir /opaque && touch /opaque/new && rm /etc/group && chmod 700 /home
COPY d /opaque
EOF
}

@test "BuildKit: the same config and history" {
    needs_docker
    config_dockerfile
    runs 0 build
    by_docker
    same_config
    diff <(plain_history it) <(plain_history theirs)
}

@test "BuildKit: the same files" {
    needs_docker
    tree_dockerfile
    runs 0 build
    by_docker
    same_files
    equals "$(layers it | wc -l)" "$(layers theirs | wc -l)"
}

@test "BuildKit: the same mounts and arguments" {
    needs_docker
    dockerfile <<'EOF'
FROM busybox
RUN mkdir /c /m /ctx
ARG v=1
ARG w
ENV w=env
RUN --mount=type=cache,target=/c echo x >> /c/log; cat /c/log > /cache
RUN --mount=type=tmpfs,target=/m touch /m/x
RUN --mount=target=/ctx cp /ctx/Dockerfile /bound
RUN --mount=type=secret,id=none ls /run/secrets > /secrets 2>&1 || true
RUN echo "$v $w $PWD $(id -u) $HOME $HOSTNAME" | cut -d' ' -f1-5 > /args
EOF
    runs 0 build --build-arg v=2
    by_docker --build-arg v=2
    same_files
}

@test "Buildah: the same config" {
    needs_peer buildah
    config_dockerfile
    sed -i 's/ 8000-8002//; /^SHELL/d; / 8080:91/d' "$context/Dockerfile"
    runs 0 build
    by_buildah
    same_config
}

@test "Buildah: the same files" {
    needs_peer buildah
    tree_dockerfile
    runs 0 build
    by_buildah
    same_files Buildah
}

@test "the images of Dockerfiles/ that need nothing but busybox: the same everywhere" {
    local name
    for name in hello web instructions; do
        rm -rf "$context"
        cp -r "$SLIPWAY_SOURCE/Dockerfiles/$name" "$context"
        runs 0 build
        if [ -n "${docker_pid-}" ]; then
            by_docker
            same_config
            same_files
        fi
        if command -v buildah >/dev/null; then
            by_buildah
            same_config
            same_files Buildah
        fi
    done
}
