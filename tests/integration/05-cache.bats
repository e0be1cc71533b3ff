#!/usr/bin/env bats
# step5-build: what is found in the cache and why not, caches from elsewhere, what
# comes out besides the image, and the same image twice.
# shellcheck disable=SC2030,SC2031,SC2154,SC2016,SC2034 # builds.bash assigns it; scripts for the shell inside

load helpers
load builds

setup_file() {
    requires_root
    use_memory
    make_busybox_tar
    registry_home=$memory start_registry plain
}
teardown_file() {
    stop_registries plain
    release_memory
}
setup() { setup_builds; }
teardown() { teardown_builds; }

# misses EXPECTED: what of the build was not cached, and why, one line each.
misses() { equals "$(not_cached)" "$1"; }
digest() { digest_of "${1:-it}"; }
refused_options() { run build "$@"; [ "$status" -eq 125 ]; }

# --- What is found ------------------------------------------------------------------

@test "the command, ENV, used ARGs, USER, WORKDIR and SHELL count; LABEL and CMD do not" {
    echo one > "$BATS_TEST_TMPDIR/file"
    builds <<'EOF'
FROM busybox
ARG v=1
ENV e=1
RUN echo first > /first
RUN echo second > /second
EOF
    again
    misses ""
    says "#4 CACHED"
    builds --explain-cache <<'EOF'
FROM busybox
ARG v=1
ENV e=1
LABEL new=label
EXPOSE 80
CMD ["new"]
RUN echo first > /first
RUN echo second > /second
EOF
    misses ""
    again --build-arg v=2
    misses 'RUN echo first > /first: ARG v is "2", it was "1"
RUN echo second > /second: ARG v is "2", it was "1"'
    builds --explain-cache <<< $'FROM busybox\nARG v=1\nENV e=2\nRUN echo first > /first\nRUN echo second > /second'
    [[ $(not_cached | head -1) == 'RUN echo first > /first: ENV e is "2", it was "1"' ]]
    builds --explain-cache <<< $'FROM busybox\nARG v=1\nENV e=2\nRUN echo other > /first\nRUN echo second > /second'
    [[ $(not_cached | head -1) == 'RUN echo other > /first: the instruction has changed, it was "RUN echo first > /first"' ]]
    [[ $(not_cached | tail -1) == 'RUN echo second > /second: layer 2 below it '* ]]
    builds --explain-cache <<< $'FROM busybox\nARG v=1\nENV e=2\nUSER 7\nRUN echo other > /tmp/x\nUSER 0\nRUN echo other > /first'
    builds --explain-cache <<< $'FROM busybox\nARG v=1\nENV e=2\nUSER 8\nRUN echo other > /tmp/x\nUSER 0\nRUN echo other > /first'
    [[ $(not_cached | head -1) == 'RUN echo other > /tmp/x: the user is "8", it was "7"' ]]
}

@test "an ARG misses at its first use, not where it is declared; COPY does not use it" {
    echo x > "$BATS_TEST_TMPDIR/x"
    builds --build-arg v=1 <<'EOF'
FROM busybox
RUN echo before > /before
COPY Dockerfile /file
ARG v
COPY Dockerfile /file2
RUN echo after > /after
EOF
    again --build-arg v=2
    misses 'RUN echo after > /after: ARG v is "2", it was "1"'
}

@test "of COPY: content, mode, link target; not times, not what is beside it" {
    mkdir -p "$context/src"
    echo a > "$context/src/a"
    echo b > "$context/src/b"
    ln -s a "$context/src/link"
    echo beside > "$context/beside"
    builds <<'EOF'
FROM busybox
COPY src /src/
RUN cat /src/a > /a
EOF
    touch -d @1 "$context/src/a" "$context/src"
    echo changed > "$context/beside"
    again
    misses ""
    echo changed > "$context/src/b"
    again
    [[ $(not_cached | head -1) == "COPY src /src/: file /src/b has changed" ]]
    chmod 600 "$context/src/a"
    again
    [[ $(not_cached | head -1) == "COPY src /src/: file /src/a has changed" ]]
    ln -sfn b "$context/src/link"
    again
    [[ $(not_cached | head -1) == "COPY src /src/: file /src/link has changed" ]]
    touch "$context/src/new"
    again
    [[ $(not_cached | head -1) == *"/src/new"* ]]
    rm "$context/src/new"
    # As it was two builds ago: still there.
    again
    misses ""
}

@test "only what depends on a miss misses; what is the same is found at any place" {
    mkdir -p "$context"
    echo a > "$context/a"
    dockerfile <<'EOF'
FROM busybox AS one
COPY a /a
RUN tr a-z A-Z < /a | head -c 1 > /result
FROM busybox AS two
RUN echo two > /two
FROM busybox
COPY --from=one /result /
COPY --from=two /two /
RUN cat /result /two > /all
EOF
    runs 0 build
    echo apple > "$context/a"
    again
    # What the last stage takes is what it was.
    equals "$(not_cached | cut -d: -f1)" 'COPY a /a
RUN tr a-z A-Z < /a | head -c 1 > /result'
    echo b > "$context/a"
    again
    equals "$(not_cached | cut -d: -f1 | tail -2)" 'COPY --from=one /result /
RUN cat /result /two > /all'
    # Another Dockerfile, other names, the same steps.
    builds --explain-cache <<< $'FROM busybox\nLABEL x=y\nRUN echo two > /two'
    misses ""
}

@test "the base has moved: by its layers, not by its name" {
    builds <<< $'FROM busybox\nRUN echo x > /x'
    ours tag busybox other
    builds --explain-cache <<< $'FROM other\nRUN echo x > /x'
    misses ""
    printf 'FROM busybox\nRUN echo new > /new\n' | ours build -q -t other - >/dev/null
    again
    equals "$(not_cached | cut -d: -f1)" "RUN echo x > /x"
    not_cached | grep -q "layer 2 below it"
}

@test "--no-cache, --no-cache-filter, a layer that has gone" {
    builds <<< $'FROM busybox AS one\nRUN echo x > /x\nFROM busybox AS two\nCOPY --from=one /x /x\nRUN date +%N > /y'
    again --no-cache
    equals "$(not_cached | sort -u)" 'COPY --from=one /x /x: --no-cache was given
RUN date +%N > /y: --no-cache was given
RUN echo x > /x: --no-cache was given'
    again --no-cache-filter one
    equals "$(not_cached | cut -d: -f1)" "RUN echo x > /x"
    runs 0 ours rmi it
    again
    misses ""
    runs 0 ours rmi it
    runs 0 ours builder prune -f
    again
    not_cached | grep -q "its layer is not in the store any more"
}

@test "builder du and prune: all, by age, down to a size; images stay" {
    builds <<< $'FROM busybox\nRUN head -c 300000 /dev/urandom > /big\nRUN echo small > /small'
    runs 0 ours builder du
    says "RUN head -c 300000"
    says "RUN echo small"
    [[ ${lines[-1]} =~ ^Total:\ (29[0-9]|30[0-9])\.[0-9]\ KiB$ ]] || { echo "${lines[-1]}"; return 1; }
    runs 0 ours builder prune -f --filter until=24h
    says "Steps forgotten: 0"
    touch -d '2 days ago' "$STORE"/pins/build-*
    again  # used now
    runs 0 ours builder prune -f --filter until=24h
    says "Steps forgotten: 0"
    printf 'FROM busybox\nRUN echo other > /other' | ours build -q - > "$BATS_TEST_TMPDIR/id"
    touch -d '2 days ago' "$(grep -l 'echo other' "$STORE"/pins/build-*)"
    runs 0 ours builder prune -f --filter until=24h
    says "Steps forgotten: 1"
    runs 0 ours builder prune -f --keep-storage 200k
    runs 0 ours builder du
    says_not "RUN head"
    runs 0 ours buildx prune -f
    runs 0 ours builder du
    says "Total: 0 B"
    in_it_says 'cat /small' small
    refused_options --filter
    run ours builder prune --filter nonsense
    [ "$status" -eq 125 ]
}

# --- Caches from elsewhere ----------------------------------------------------------

@test "--cache-to and --cache-from: a folder, a registry, another store" {
    dockerfile <<< $'FROM busybox AS one\nRUN date +%N > /one\nFROM busybox\nCOPY --from=one /one /one\nRUN date +%N > /two\nRUN true'
    runs 0 build --cache-to "type=local,dest=$BATS_TEST_TMPDIR/cache" --cache-to "type=registry,ref=$plain/cache/it:1"
    local first from
    first=$(in_it cat /one /two)
    for from in "type=local,src=$BATS_TEST_TMPDIR/cache" "type=registry,ref=$plain/cache/it:1" "$plain/cache/it:1"; do
        export STORE=$memory/$BATS_TEST_NUMBER-second
        rm -rf "$STORE"
        import_busybox
        again --cache-from "$from"
        misses ""
        equals "$(in_it cat /one /two)" "$first"
        runs 0 ours fsck
        says "all is well"
        rm -rf "$STORE"
    done
    export STORE=$memory/$BATS_TEST_NUMBER
    # One that is not there yet is none, nor is another image; and what has its name here keeps it.
    again --cache-from "type=registry,ref=$plain/cache/none:1" --cache-from "type=local,src=$BATS_TEST_TMPDIR/none"
    says "there is no build cache at $plain/cache/none:1 yet"
    ours tag busybox "$plain/cache/image:1"
    ours push -q "$plain/cache/image:1"
    ours tag it "$plain/cache/image:1"
    ours tag it "$plain/cache/it:1"
    local id
    id=$(digest_of it)
    runs 0 build -t other --cache-from "$plain/cache/image:1" --cache-from "$plain/cache/it:1"
    says "there is no build cache at $plain/cache/image:1 yet"
    equals "$(digest_of "$plain/cache/image:1") $(digest_of "$plain/cache/it:1")" "$id $id"
}

# --- What comes out ---------------------------------------------------------------

@test "outputs: a folder, a tar, archives of OCI and Docker, several at once, stdout" {
    dockerfile <<< $'FROM scratch\nCOPY --chmod=640 Dockerfile /dir/file\nLABEL a=b'
    local to=$BATS_TEST_TMPDIR/to
    mkdir "$to"
    runs 0 build -o "$to/folder" -o "type=local,dest=$to/folder2" -o "type=tar,dest=$to/tar" \
        -o "type=oci,dest=$to/oci" -o "type=docker,dest=$to/docker"
    equals "$(cd "$to" && echo *)" "docker folder folder2 oci tar"
    diff "$context/Dockerfile" "$to/folder/dir/file"
    equals "$(stat -c %a "$to/folder2/dir/file")" 640
    equals "$(tar -tf "$to/tar" | sed 's|^\./||; s|/$||; /^\.*$/d' | tr '\n' ' ')" "dir dir/file "
    ours build -q -o - "$context" | tar -xOf - dir/file | diff - "$context/Dockerfile"
    runs 0 skopeo inspect "docker-archive:$to/docker"
    says '"a": "b"'
    runs 0 skopeo inspect "oci-archive:$to/oci"
    says '"a": "b"'
    equals "$(jq -r .Digest <<< "$output")" "$(digest)"
    # A folder that was there is its owner's, as it was.
    mkdir -m 1777 "$to/theirs"
    chown 7:8 "$to/theirs"
    runs 0 build -o "$to/theirs"
    equals "$(stat -c '%a %u %g' "$to/theirs")" "1777 7 8"
    [ "$(stat -c %Y "$to/theirs")" -gt 1600000000 ]
    refused_options -o type=nonsense,dest=x
    refused_options -o type=tar
}

@test "--iidfile, --metadata-file, -q, --push, --load, several names" {
    dockerfile <<< $'FROM busybox\nRUN echo x > /x'
    local at=$BATS_TEST_TMPDIR
    ours build -q -t "$plain/out/it:1" -t "$plain/out/it:2" --iidfile "$at/id" --metadata-file "$at/metadata" --push "$context" > "$at/out" 2> "$at/err"
    equals "$(cat "$at/out")" "$(cat "$at/id")"
    equals "$(cat "$at/out")" "$(id_of "$plain/out/it:1")"
    [ ! -s "$at/err" ]
    equals "$(jq -r '."containerimage.config.digest"' "$at/metadata")" "$(id_of "$plain/out/it:2")"
    equals "$(jq -r '."containerimage.digest"' "$at/metadata")" "$(digest "$plain/out/it:2")"
    equals "$(digest_there "docker://$plain/out/it:2")" "$(digest "$plain/out/it:1")"
    jq -r '."image.name"' "$at/metadata" | grep -q "$plain/out/it:2"
}

@test "--push goes to the registry, and needs a name" {
    dockerfile <<< $'FROM busybox\nRUN echo x > /x'
    runs 0 ours build -t "$plain/out/pushed:1" --push "$context"
    equals "$(digest_there "docker://$plain/out/pushed:1")" "$(digest "$plain/out/pushed:1")"
    runs 0 ours build -t "$plain/out/pushed:2" -o type=registry "$context"
    equals "$(digest_there "docker://$plain/out/pushed:2")" "$(digest "$plain/out/pushed:2")"
    run ours build --push "$context"
    [ "$status" -eq 125 ]
    says "-t REGISTRY"
    # A base that is only there: pulled, and looked for again with --pull.
    STORE=$BATS_TEST_TMPDIR/other "$IMAGES" --root "$BATS_TEST_TMPDIR/other" build -q - <<< "FROM $plain/out/pushed:1" >/dev/null
}

@test "--progress=json is JSON, line by line; plain says each step once" {
    dockerfile <<< $'FROM busybox\nRUN printf "one\\ntwo\\n\\033[31mred\\033[0m\\r\\n"; printf partial'
    ours build --progress json "$context" 2> "$BATS_TEST_TMPDIR/json"
    equals "$(jq -r 'select(.event != "note") | .event' "$BATS_TEST_TMPDIR/json" | sort | uniq -c | awk '{ print $2 }' | tr '\n' ' ')" "done missed output started "
    equals "$(jq -rj 'select(.event == "output") | .text' "$BATS_TEST_TMPDIR/json" | tr -d '\r\033')" $'one\ntwo\n[31mred[0m\npartial'
    runs 0 build --no-cache
    equals "$(grep -c '^#2 ' <<< "$output")" 6
    says "partial"
    # Nothing of it commands the terminal.
    [[ $output != *$'\033'* ]]
    refused_options --progress nonsense
}

@test "a terminal shows what runs, and leaves what is done" {
    dockerfile <<< $'FROM busybox\nRUN echo working; sleep 1; echo done > /x'
    python3 - "$SLIPWAY_BIN/$IMAGES" --root "$STORE" build "$context" > "$BATS_TEST_TMPDIR/screen" <<'EOF'
import os, pty, sys
raise SystemExit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
EOF
    grep -q '✓.*RUN echo working' "$BATS_TEST_TMPDIR/screen"
    grep -q '•.*RUN echo working' "$BATS_TEST_TMPDIR/screen"
    grep -q '| working' "$BATS_TEST_TMPDIR/screen"
}

@test "--check builds nothing; check= directives; buildx build; labels of the command line" {
    dockerfile <<< $'from busybox as A\nMAINTAINER x\nRUN echo x > /x'
    run ours build --check "$context"
    [ "$status" -eq 1 ]
    says StageNameCasing
    says MaintainerDeprecated
    says "warnings found"
    equals "$(ours images -q | wc -l)" 1
    dockerfile <<< $'FROM busybox\nCMD ["x"]'
    runs 0 ours build --check "$context"
    says "no warnings found"
    refuses "check=error=true" <<< $'# check=error=true\nFROM busybox\nMAINTAINER x'
    builds <<< $'# check=skip=MaintainerDeprecated;error=true\nFROM busybox\nMAINTAINER x'
    runs 0 ours buildx build -t it --label a=b --load --rm "$context"
    equals "$(config .Labels)" '{"a":"b"}'
    runs 0 ours --root "$STORE" buildx build -t it "$context"
    run ours build --no-such-option "$context"
    [ "$status" -eq 125 ]
}

@test "--debug-shell: the state before the instruction that failed" {
    dockerfile <<< $'FROM busybox\nRUN echo kept > /kept\nRUN exit 3'
    runs 5 ours build --debug-shell "$context" <<< 'echo it is $(cat /kept); exit 5'
    says "it is kept"
    says "non-zero code: 3"
    ours prune > /dev/null
}

# --- The same image twice -----------------------------------------------------------

@test "SOURCE_DATE_EPOCH: the same digest without the cache, in another store, at another place" {
    mkdir -p "$context/dir"
    echo a > "$context/dir/a"
    dockerfile <<'EOF'
FROM busybox
WORKDIR /srv
COPY dir /dir/
RUN echo b > /b; mkdir /c; touch /c/d; ln /b /e; rm /etc/group
COPY <<END /heredoc
text
END
ENV a=b
EOF
    runs 0 build  # nothing of this is taken for the others
    export SOURCE_DATE_EPOCH=1700000000
    runs 0 build
    local first
    first=$(digest)
    equals "$(ours inspect -f '{{.Created}}' it)" 2023-11-14T22:13:20Z
    sleep 1.1
    touch "$context/dir/a"
    runs 0 build --no-cache
    equals "$(digest)" "$first"
    cp -r "$context" "$BATS_TEST_TMPDIR/elsewhere"
    ours save busybox > "$BATS_TEST_TMPDIR/base.tar"
    export STORE=$memory/$BATS_TEST_NUMBER-second
    ours load -i "$BATS_TEST_TMPDIR/base.tar"
    runs 0 ours build -t it --build-arg SOURCE_DATE_EPOCH=1700000000 "$BATS_TEST_TMPDIR/elsewhere"
    equals "$(digest)" "$first"
    rm -rf "$STORE"
    export STORE=$memory/$BATS_TEST_NUMBER
    in_it_says 'stat -c %Y /b /c /c/d /heredoc' $'1700000000\n1700000000\n1700000000\n1700000000'
    SOURCE_DATE_EPOCH=never run ours build "$context"
    [ "$status" -eq 125 ]
    says SOURCE_DATE_EPOCH
}

@test "--verify: built twice, and what differs" {
    builds --verify <<< $'FROM busybox\nRUN echo x > /x\nCOPY Dockerfile /'
    # Both are still there, to be compared.
    dockerfile <<< $'FROM busybox\nRUN echo x > /x\nRUN cat /proc/sys/kernel/random/uuid > /y'
    run build --verify
    [ "$status" -ne 0 ]
    says "layer 3 differs"
}

# --- Without root -------------------------------------------------------------------

# rootless COMMAND…: as an ordinary user with subordinate ids, whose home is $mine.
rootless() {
    local file
    for file in passwd subuid subgid; do
        { cat "/etc/$file" 2>/dev/null || true; } > "$BATS_TEST_TMPDIR/$file"
    done
    echo "slipwaytest:x:64999:64999::$mine:/bin/sh" >> "$BATS_TEST_TMPDIR/passwd"
    echo "slipwaytest:300000:65536" | tee -a "$BATS_TEST_TMPDIR/subuid" >> "$BATS_TEST_TMPDIR/subgid"
    DATA="$BATS_TEST_TMPDIR" unshare -m --propagation private bash -ec '
        for file in passwd subuid subgid; do
            [ -e /etc/$file ] || continue
            mount --bind "$DATA/$file" /etc/$file
        done
        exec setpriv --reuid 64999 --regid 64999 --clear-groups env HOME="$0" TMPDIR="$0/tmp" "$@"' "$mine" "$@"
}

@test "an ordinary user builds: RUN, users, mounts, caches, and the same layers as root" {
    mine=$BATS_TEST_TMPDIR/mine
    mkdir -p "$mine/tmp"
    # Where the programs are, nobody else may go.
    cp "$SLIPWAY_BIN"/step{5-build,5-run,4-images,4-transfer} "$mine/"
    cp "$BUSYBOX" "$mine/busybox.tar"
    local dir=$BATS_TEST_TMPDIR
    while [ "$dir" != / ]; do chmod o+x "$dir"; dir=$(dirname "$dir"); done
    mkdir "$mine/context"
    cat > "$mine/context/Dockerfile" <<'EOF'
FROM busybox AS one
RUN id -u > /id; touch /owned; chown 7:8 /owned
USER student
RUN id -u > /tmp/id
FROM busybox
COPY --from=one --chown=1000 /id /tmp/id /owned /out/
COPY --from=one /owned /kept
RUN --mount=type=cache,target=/c echo x >> /c/log; cat /c/log > /out/log
RUN --mount=type=tmpfs,target=/m --mount=from=one,target=/one cp /one/id /m/ && rm /etc/group && mkdir -p /etc/new
EOF
    echo hidden > "$mine/secret"
    chown -R 64999:64999 "$mine"
    export SOURCE_DATE_EPOCH=1700000000
    runs 0 rootless "$mine/step5-build" --root "$mine/store" import --change 'CMD ["sh"]' "$mine/busybox.tar" busybox
    run rootless "$mine/step5-build" --root "$mine/store" build --progress plain -t it "$mine/context"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    runs 0 rootless "$mine/step5-build" --root "$mine/store" build --explain-cache --progress plain -t it "$mine/context"
    says_not "not cached"
    runs 0 rootless "$mine/step5-build" --root "$mine/store" run it sh -c 'cat /out/id /out/log; stat -c %u:%g /kept /out/id; test -e /etc/group || echo gone'
    equals "$output" $'1000\nx\n7:8\n1000:1000\ngone'
    local theirs
    theirs=$(rootless "$mine/step5-build" --root "$mine/store" inspect it | jq -r '.[0].RootFS.Layers[]')
    runs 0 ours build -t it "$mine/context"
    equals "$(layers)" "$theirs"
    runs 0 rootless "$mine/step5-build" --root "$mine/store" fsck
    # Its files belong to subordinate ids.
    rm -rf "$mine"
}
