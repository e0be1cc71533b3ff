#!/usr/bin/env bats
# step5-build when things go wrong: killed, in a crowd, on a full disk, given up.
# Whatever happens, the store is whole, nothing is left of it once somebody builds
# again, and that build is right.
# shellcheck disable=SC2030,SC2031,SC2154,SC2016 # builds.bash assigns it; scripts for the shell inside

load helpers
load builds

setup_file() {
    requires_root
    use_memory
    make_busybox_tar
}
teardown_file() { release_memory; }
setup() { setup_builds; }
teardown() {
    ! mountpoint -q "$STORE" || umount "$STORE"
    teardown_builds
}

# Several stages at once, every kind of step, files of some size.
big_dockerfile() {
    mkdir -p "$context/many"
    local number
    for number in $(seq 40); do head -c 20000 /dev/urandom > "$context/many/$number"; done
    tar -C "$context/many" -cf "$context/many.tar" .
    dockerfile <<'EOF'
FROM busybox AS one
WORKDIR /one/deep
COPY many /one/many/
RUN --mount=type=tmpfs,target=/m --mount=target=/context cat /context/many/* > /m/all && sha256sum < /m/all > /one/sum
FROM busybox AS two
ADD many.tar /two/
RUN --mount=type=cache,target=/c,sharing=locked echo line >> /c/log; cat /two/* | wc -c > /two/size
RUN --mount=type=secret,id=s sleep 0.05; rm /two/1 /etc/group
FROM busybox
COPY --from=one /one /one
COPY --from=two /two /two
RUN cat /one/sum /two/size > /result; ls /two | wc -l >> /result
CMD ["cat", "/result"]
EOF
}
# What an image of it must say.
big_result() {
    printf '%s\n%s\n%s\n' "$(cd "$context" && cat many/* | sha256sum)" \
        "$(cat "$context"/many/* | wc -c)" 40
}
is_whole() {
    ours fsck > "$BATS_TEST_TMPDIR/fsck" 2>&1 || {
        cat "$BATS_TEST_TMPDIR/fsck"
        return 1
    }
}
# nothing_left: no folders of work. Processes, mounts and cgroups that were left
# are found by compare_host.
nothing_left() {
    [ -z "$(ls -A "$STORE/build/work" 2>/dev/null)" ] || { ls -A "$STORE/build/work"; return 1; }
}
build_in() { exec "$IMAGES" --root "$STORE" build -q -t it --secret id=s,src=/etc/os-release "$context"; }

@test "SIGKILL at 100 random moments of a build: the store is whole, the next build is right" {
    big_dockerfile
    local begun=${EPOCHREALTIME/./} took round finished=0
    build_in_child() { (build_in) }
    build_in_child >/dev/null
    took=$((${EPOCHREALTIME/./} - begun))
    rm -rf "$STORE"
    import_busybox
    for round in $(seq 100); do
        kill_sometime "$took" build_in
        [ $((round % 5)) -ne 0 ] || is_whole
        [ "$ended" -eq 0 ] || continue
        finished=$((finished + 1))
        equals "$(ours run it)" "$(big_result)"
        is_whole
        ours rmi it >/dev/null  # begin anew, or all would be there soon
        ours builder prune -af >/dev/null
    done
    runs 0 ours build -t it --secret id=s,src=/etc/os-release "$context"
    equals "$(ours run it)" "$(big_result)"
    is_whole
    nothing_left
    echo "# a build takes $((took / 1000)) ms, $finished of 100 were finished" >&3
    [ $finished -lt 90 ]
    # Folders of its work are only the last build's.
    runs 0 ours prune
    nothing_left
}

@test "8 builds at once on one store: of the same Dockerfile, and of different ones" {
    big_dockerfile
    local number pids=() pid
    for number in $(seq 8); do
        ours build -q -t "same$number" "$context" >/dev/null 2>"$BATS_TEST_TMPDIR/error$number" & pids+=($!)
    done
    for number in $(seq 8); do
        wait "${pids[number - 1]}" || { cat "$BATS_TEST_TMPDIR/error$number"; return 1; }
    done
    for number in $(seq 8); do equals "$(ours run "same$number")" "$(big_result)"; done
    is_whole
    nothing_left
    pids=()
    for number in $(seq 8); do
        mkdir "$BATS_TEST_TMPDIR/different$number"
        echo "$number" > "$BATS_TEST_TMPDIR/different$number/f"
        sed "s/^RUN cat/COPY f \/f\nRUN cat \/f/" "$context/Dockerfile" > "$BATS_TEST_TMPDIR/different$number/Dockerfile"
        cp -r "$context/many" "$context/many.tar" "$BATS_TEST_TMPDIR/different$number/"
        ours build -q -t "different$number" "$BATS_TEST_TMPDIR/different$number" >/dev/null 2>"$BATS_TEST_TMPDIR/error$number" & pids+=($!)
    done
    # Meanwhile others tidy up.
    ours prune >/dev/null & pids+=($!)
    ours builder prune -f >/dev/null & pids+=($!)
    for pid in "${pids[@]}"; do
        wait "$pid" || { cat "$BATS_TEST_TMPDIR"/error*; return 1; }
    done
    for number in $(seq 8); do
        equals "$(ours run "different$number")" "$number"$'\n'"$(big_result)"
    done
    is_whole
    nothing_left
}

@test "a full disk: the reason, nothing left of it, and then it goes on" {
    big_dockerfile
    ours save busybox > "$BATS_TEST_TMPDIR/base.tar"
    local size refused=0
    for size in 6m 7m 8m 10m 12m 14m; do
        rm -rf "${STORE:?}"/*
        mount -t tmpfs -o "mode=0755,size=$size" tmpfs "$STORE"
        ours load -i "$BATS_TEST_TMPDIR/base.tar" >/dev/null
        if ours build -q -t it "$context" > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/error"; then
            equals "$(ours run it)" "$(big_result)"
            umount "$STORE"
            continue
        fi
        refused=$((refused + 1))
        grep -q "No space left on device" "$BATS_TEST_TMPDIR/error" || { cat "$BATS_TEST_TMPDIR/error"; return 1; }
        runs 125 ours inspect it
        [ -z "$(ls -A "$STORE/build/work" 2>/dev/null)" ]
        mount -o remount,size=200m "$STORE"
        is_whole
        ours build -q -t it "$context" >/dev/null
        equals "$(ours run it)" "$(big_result)"
        is_whole
        nothing_left
        umount "$STORE"
    done
    import_busybox
    echo "# $refused of 6 were too small" >&3
    [ $refused -ge 3 ]
}

@test "Ctrl-C during a RUN: over at once, nothing is left; the second one kills" {
    dockerfile <<< $'FROM busybox\nRUN echo before > /before\nRUN echo started; trap "" INT TERM; sleep 1000 & sleep 2000'
    local signal pid begun
    for signal in INT TERM HUP; do
        # Background commands of a shell ignore SIGINT: env puts it back.
        env --default-signal=INT "$IMAGES" --root "$STORE" build --progress plain -t it "$context" > "$BATS_TEST_TMPDIR/out" 2>&1 &
        pid=$!
        for _ in $(seq 100); do
            grep -q ' started' "$BATS_TEST_TMPDIR/out" && break
            sleep 0.05
        done
        begun=${EPOCHREALTIME/./}
        kill -"$signal" "$pid"
        ended=0
        wait "$pid" || ended=$?
        [ $((${EPOCHREALTIME/./} - begun)) -lt 3000000 ]
        [ "$ended" -ne 0 ]
        runs 1 pgrep -f '^sleep (1|2)000$'
        nothing_left
        grep -q "given up" "$BATS_TEST_TMPDIR/out" || { cat "$BATS_TEST_TMPDIR/out"; return 1; }
    done
    # What was done before is kept.
    dockerfile <<< $'FROM busybox\nRUN echo before > /before\nRUN true'
    again
    says "#2 CACHED"
}

@test "a stage that fails ends the others" {
    dockerfile <<< $'FROM busybox AS slow\nRUN sleep 1000\nFROM busybox AS bad\nRUN sleep 0.3; exit 9\nFROM busybox\nCOPY --from=slow / /a\nCOPY --from=bad / /b'
    local begun=$SECONDS
    runs 1 build
    says "returned a non-zero code: 9"
    [ $((SECONDS - begun)) -lt 10 ]
    nothing_left
}

@test "processes that a RUN leaves behind end with it" {
    builds <<< $'FROM busybox\nRUN (sleep 1234 &) ; setsid sleep 1235 >/dev/null 2>&1 & echo over > /x'
    runs 1 pgrep -f '^sleep 123[45]$'
    in_it_says 'cat /x' over
}

@test "hostile: mounts through symlinks, a raced target, names of layers, devices (case 49)" {
    mkdir -p "$BATS_TEST_TMPDIR/outside"
    echo of-the-host > "$BATS_TEST_TMPDIR/outside/file"
    # CVE-2024-23652: what is removed after a mount is the stub, not what a link means.
    dockerfile <<EOF
FROM busybox
RUN --mount=type=tmpfs,target=/m/stub rm -rf /other; ln -s $BATS_TEST_TMPDIR/outside /other
RUN ln -s $BATS_TEST_TMPDIR/outside /link
RUN --mount=type=cache,target=/link/cache touch /link/cache/x
RUN --mount=type=tmpfs,target=/m2/stub umount /m2/stub 2>/dev/null; rmdir /m2/stub 2>/dev/null; mv /m2 /m3 2>/dev/null; ln -s $BATS_TEST_TMPDIR /m2; true
RUN --mount=type=bind,source=.,target=/link/bound true
RUN --mount=type=secret,id=s,target=/link/secret true
EOF
    runs 0 build --secret id=s,src=/etc/os-release
    equals "$(ls "$BATS_TEST_TMPDIR/outside")" file
    equals "$(cat "$BATS_TEST_TMPDIR/outside/file")" of-the-host
    # CVE-2024-23651: a cache whose source is a link to outside.
    dockerfile <<EOF
FROM busybox AS evil
RUN ln -s $BATS_TEST_TMPDIR/outside /source
FROM busybox
RUN --mount=type=cache,id=c,target=/c ln -sfn $BATS_TEST_TMPDIR/outside /c/link
RUN --mount=type=bind,from=evil,source=/source,target=/s cat /s/file
EOF
    run build
    [ "$status" -ne 0 ]
    says_not of-the-host
    dockerfile <<< $'FROM busybox\nRUN --mount=type=cache,id=c,source=link,target=/s cat /s/file'
    run build
    [ "$status" -ne 0 ] || says_not of-the-host
    # Inside, a RUN is nobody's root of the host.
    refuses "non-zero code" <<< $'FROM busybox\nRUN mknod /disk b 8 0 && head -c 1 /disk'
    refuses "non-zero code" <<< $'FROM busybox\nRUN mount -t tmpfs tmpfs /mnt'
    refuses "non-zero code" <<< $'FROM busybox\nRUN echo x > /proc/sys/kernel/core_pattern'
    refuses "layer" <<< $'FROM busybox\nCOPY <<EOF /.wh.bin\nEOF'
    [ -e "$BATS_TEST_TMPDIR/outside/file" ]
}

@test "secrets and proxies are nowhere in what is kept or said (case 50)" {
    local value=correct-horse-battery
    echo "$value" > "$BATS_TEST_TMPDIR/secret"
    dockerfile <<< $'FROM busybox\nRUN --mount=type=secret,id=s,env=S --mount=type=secret,id=s,target=/s test -n "$S" && test -s /s\nRUN env | grep -v https_proxy > /env\nRUN --mount=type=secret,id=s exit 4'
    run ours build --progress json --secret id=s,src="$BATS_TEST_TMPDIR/secret" --build-arg https_proxy="http://$value:1" --cache-to "type=local,dest=$BATS_TEST_TMPDIR/cache" "$context"
    [ "$status" -eq 1 ]
    says_not "$value"
    sed -i '$d' "$context/Dockerfile"
    runs 0 build --secret id=s,src="$BATS_TEST_TMPDIR/secret" --build-arg https_proxy="http://$value:1" --cache-to "type=local,dest=$BATS_TEST_TMPDIR/cache"
    says_not "$value"
    runs 1 grep -r "$value" "$STORE" "$BATS_TEST_TMPDIR/cache"
    runs 0 ours history it
    says_not "$value"
    ours save it | gzip -dcf | { ! grep -a -q "$value"; }
    in_it_says 'grep -c horse /env' 0
}
