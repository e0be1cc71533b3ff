#!/usr/bin/env bats
# step5-build: what a Dockerfile says, and the image that it makes. The numbers
# are those of the Dockerfile reference's sections.
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
teardown() { teardown_builds; }

# --- The file -----------------------------------------------------------------

@test "a file by hand: lower case, a mark, CRLF, comments, continuations, quotes" {
    mkdir -p "$context"
    printf '\xef\xbb\xbf# Escape = `\r\n# a comment\r\nfrom busybox\r\nrun echo one `  \r\n# dropped\r\n  two # kept > /a\r\nenv a=1 `\r\n\r\n    b=2\r\ncmd ['\''a'\'']\r\n' > "$context/Dockerfile"
    again
    says "NoEmptyContinuation"
    equals "$(config .Env)" '["a=1","b=2"]'
    equals "$(config .Cmd)" '["/bin/sh","-c","['"'a'"']"]'
    builds <<'EOF'
# syntax=docker/dockerfile:1.99
# escape=\
FROM busybox
RUN echo one \
    # not this
    two  '#three' > /a
  RUN printf '%s' "x\
    y" > /b
EOF
    in_it_says 'cat /a' "one two #three"
    in_it_says 'cat /b' "x    y"
}

@test "what is wrong with a file, and where" {
    refuses 'did you mean RUN?' <<< $'FROM busybox\nRUNN x'
    says "Dockerfile:2:1"
    refuses "the first instruction must be FROM" <<< "RUN x"
    refuses "no instructions" <<< "# nothing"
    refuses "no instructions" < /dev/null
    refuses "escape" <<< $'# escape=x\nFROM busybox'
    refuses "escape" <<< $'# escape=`\n# escape=`\nFROM busybox'
    refuses "EOF" <<< $'FROM busybox\nRUN <<EOF\ntrue'
    refuses "FROM" <<< "FROM"
    refuses "FROM" <<< "FROM busybox b c"
    refuses "nowhere" <<< $'FROM busybox\nCOPY --from=nowhere:1 /a /b'
    refuses "no-such-stage" --target no-such-stage <<< "FROM busybox"
    refuses "--shm-size: a RUN is limited by" --shm-size 1m <<< "FROM busybox"
    refuses "no statements are made" --sbom=true <<< "FROM busybox"
    refuses "with numbers" --add-host web:host-gateway <<< "FROM busybox"
}

@test "a line of 200 kB is a line" {
    { printf 'FROM busybox\nRUN : '; head -c 200000 /dev/zero | tr '\0' x; printf '; echo done > /a\n'; } | dockerfile
    run build
    # The kernel takes no more than 128 KiB in one argument; the parser does.
    says "Argument list too long"
    { printf 'FROM busybox\nLABEL a='; head -c 200000 /dev/zero | tr '\0' x; } | builds
    equals "$(config .Labels.a | wc -c)" 200003
}

# --- Variables ----------------------------------------------------------------

@test "variables: one value per instruction, every form, not in RUN and CMD" {
    builds --build-arg file=/a/b.tar.gz <<'EOF'
FROM busybox
ARG file
ENV abc=hello
ENV abc=bye def=$abc
ENV ghi=$abc
ENV one=${none:-${abc}} two=${abc:+set} three=${none+set}. four=${file#*/} five=${file##*/}
ENV six=${file%.*} seven=${file%%.*} eight=${file/a/x} nine=${file//a/x} ten=\$abc eleven='$abc' twelve="\$abc $abc"
RUN echo "$def ${abc}" > /run
CMD ["echo", "$abc"]
LABEL $abc="of $def"
EOF
    equals "$(config .Env)" '["abc=bye","def=hello","ghi=bye","one=bye","two=set","three=.","four=a/b.tar.gz","five=b.tar.gz","six=/a/b.tar","seven=/a/b","eight=/x/b.tar.gz","nine=/x/b.txr.gz","ten=$abc","eleven=$abc","twelve=$abc bye"]'
    equals "$(config .Cmd)" '["echo","$abc"]'
    equals "$(config .Labels)" '{"bye":"of hello"}'
    in_it_says 'cat /run' "hello bye"
    refuses "sorry" <<< $'FROM busybox\nENV a=${none:?sorry}'
    refuses '${' <<< $'FROM busybox\nENV a=${}'
    refuses '${' <<< $'FROM busybox\nENV a=${b'
}

# --- FROM, ARG, stages ----------------------------------------------------------

@test "global ARGs are for FROM, and for stages that ask; ENV beats ARG" {
    builds --build-arg V=given --build-arg E=given <<'EOF'
ARG BASE=busybox
ARG WITH=${BASE}:latest
ARG V=default
FROM ${WITH} AS First
ARG E=default
ENV E=env
ARG local=1 bare
RUN echo "V=$V BASE=$BASE E=$E local=$local bare=$bare" > /first
FROM first AS second
ARG BASE V
RUN echo "V=$V BASE=$BASE E=$E local=$local" > /second
FROM $BASE
ARG V
COPY --from=0 /first /
COPY --from=SECOND /second /
RUN echo "V=$V local=$local E=$E" > /third
EOF
    in_it_says 'cat /first' "V= BASE= E=env local=1 bare="
    in_it_says 'cat /second' "V=given BASE=busybox E=env local=1"
    in_it_says 'cat /third' "V=given local= E="
    equals "$(config .Env)" null
    refuses "none" <<< $'ARG none\nFROM $none'
}

@test "an unused --build-arg is a warning; proxies need no ARG and are told to nobody" {
    builds --build-arg typo=1 --build-arg HTTP_PROXY=http://one:1 --build-arg no_proxy=here <<'EOF'
FROM busybox
RUN echo "$HTTP_PROXY $no_proxy" > /a
EOF
    says "--build-arg typo is not used"
    says_not "HTTP_PROXY is not used"
    in_it_says 'cat /a' "http://one:1 here"
    runs 0 told
    says_not "one:1"
    equals "$(config .Env)" null
    again --build-arg HTTP_PROXY=http://two:2
    says CACHED
    # Declared, it is an ARG like others.
    builds --build-arg HTTP_PROXY=http://one:1 <<< $'FROM busybox\nARG HTTP_PROXY\nRUN echo "$HTTP_PROXY" > /a'
    again --build-arg HTTP_PROXY=http://two:2
    says 'not cached: ARG HTTP_PROXY is "http://two:2", it was "http://one:1"'
}

@test "platforms" {
    builds <<'EOF'
ARG TARGETARCH
FROM --platform=$BUILDPLATFORM busybox
ARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM BUILDOS BUILDARCH
RUN echo "$TARGETPLATFORM $TARGETOS $TARGETARCH [$TARGETVARIANT] $BUILDPLATFORM $BUILDOS $BUILDARCH" > /a
EOF
    local arch
    arch=$(dpkg --print-architecture)
    in_it_says 'cat /a' "linux/$arch linux $arch [] linux/$arch linux $arch"
}

@test "only the stages that the target needs; what comes of it is the last stage's" {
    dockerfile <<'EOF'
FROM busybox AS broken
RUN exit 1
FROM busybox AS files
LABEL from=files
ENV files=1
RUN echo x > /x
FROM scratch AS result
LABEL from=result
COPY --from=files /x /y
FROM result AS last
COPY --from=broken / /
EOF
    again --target result
    equals "$(config .Labels)" '{"from":"result"}'
    equals "$(config .Env)" '["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]'
    equals "$(layers | wc -l)" 1
    says_not broken
    again --target 1
    in_it_says 'cat /x' x
    again --target FILES
    runs 1 build
    runs 0 ours build -o "$BATS_TEST_TMPDIR/out" --target result "$context"
    equals "$(ls "$BATS_TEST_TMPDIR/out")" y
    builds <<< $'FROM scratch\nCMD ["x"]'
    equals "$(layers | wc -l)" 0
}

@test "stages that do not need each other run at the same time" {
    builds <<'EOF'
FROM busybox AS one
RUN --mount=type=cache,target=/meet touch /meet/one; for i in $(seq 100); do [ ! -e /meet/two ] || exit 0; sleep 0.1; done; exit 1
FROM busybox AS two
RUN --mount=type=cache,target=/meet touch /meet/two; for i in $(seq 100); do [ ! -e /meet/one ] || exit 0; sleep 0.1; done; exit 1
FROM scratch
COPY --from=one /bin/busybox /one
COPY --from=two /bin/busybox /two
EOF
}

# --- RUN ------------------------------------------------------------------------

@test "RUN: the shell, the exec form, WORKDIR, USER, ENV; the layer is what changed" {
    builds <<'EOF'
FROM busybox
ENV a=1
ARG b=2
WORKDIR /srv/app
WORKDIR sub
ENV d=dir
WORKDIR $d/../deep
RUN echo "$a $b $(id -u) $PWD" > first
RUN ["sh", "-c", "echo \"$0\" $b > second", "zero"]
USER student
WORKDIR /srv/mine
WORKDIR /srv/app/sub/deep
RUN id -u > /tmp/user; id -g >> /tmp/user; echo $HOME >> /tmp/user
USER 7:8
RUN id -u > /tmp/number; id -g >> /tmp/number
USER root
RUN rm /etc/group && mkdir /new && rmdir /new && chmod 700 /home
SHELL ["/bin/sh", "-euc"]
RUN false || echo caught > /tmp/shell; echo $- > /tmp/flags
EOF
    in_it_says 'cat first second' $'1 2 0 /srv/app/sub/deep\nzero 2'
    in_it_says 'cat /tmp/user' $'1000\n1000\n/home'
    in_it_says 'cat /tmp/number' $'7\n8'
    in_it_says 'ls -d /etc/group /new 2>/dev/null | wc -l; stat -c %a /home; cat /tmp/shell; tr -dc eu < /tmp/flags | grep -c "e.*u\|u.*e"' $'0\n700\ncaught\n1'
    # A folder is made for those who will be in it.
    in_it_says 'stat -c "%u:%g" /srv/mine /srv' $'1000:1000\n0:0'
    equals "$(config .WorkingDir)" '"/srv/app/sub/deep"'
    equals "$(config .User)" '"root"'
    in_it_says 'stat -c "%a %u" /srv /srv/app/sub/deep' $'755 0\n755 0'
    # Nothing of mounts, of /etc/hosts, of what is only there while it runs.
    ours save -o "$BATS_TEST_TMPDIR/it.tar" it
    mkdir "$BATS_TEST_TMPDIR/it"
    tar -xf "$BATS_TEST_TMPDIR/it.tar" -C "$BATS_TEST_TMPDIR/it"
    local layer
    layer=$(jq -r '.[0].Layers[-2]' "$BATS_TEST_TMPDIR/it/manifest.json")
    equals "$(tar -tf "$BATS_TEST_TMPDIR/it/$layer" | sed 's|^\./||; s|/$||; /^\.*$/d' | sort | tr '\n' ' ')" "etc etc/.wh.group home "
}

@test "a RUN that fails: what is said, status 1, no image; the steps before stay" {
    refuses "The command '/bin/sh -c echo so far; exit 7' returned a non-zero code: 7" <<'EOF'
FROM busybox
RUN echo first > /first
RUN echo so far; exit 7
EOF
    says "so far"
    says "Dockerfile:3"
    runs 1 build
    says "#2 CACHED"
    equals "$(ours images -q | wc -l)" 1
    refuses "returned a non-zero code: 137" <<< $'FROM busybox\nRUN sh -c "kill -9 \$\$"; exit $?'
    refuses "non-zero code: 127" <<< $'FROM busybox\nRUN ["nothing-here"]'
    says "nothing-here"
}

@test "RUN --mount=type=bind: of the context, a stage, an image; what is written is lost" {
    mkdir -p "$context/dir"
    echo of-context > "$context/dir/file"
    echo no > "$context/ignored"
    echo ignored > "$context/.dockerignore"
    builds <<'EOF'
FROM busybox AS stage
RUN mkdir /data && echo of-stage > /data/file
FROM busybox
RUN --mount=source=dir,target=/m,rw cat /m/file > /b; echo changed > /m/file; echo more > /m/more; cat /m/file >> /b
RUN --mount=source=dir/file,target=/m/one cat /m/one > /c; cat /m/one >> /c
RUN --mount=from=stage,source=/data,target=/m,readwrite cat /m/file > /d; rm /m/file; ls /m >> /d
RUN --mount=from=busybox,source=/etc/os-release,target=/release grep -c . /release > /e
RUN --mount=from=stage,source=/data,target=rel cat rel/file > /f
RUN --mount=type=bind,target=/m cat /m/dir/file > /a; ls -A /m >> /a; ! touch /m/x
RUN ls -A / > /g; ! ls /m 2>/dev/null
EOF
    in_it_says 'cat /a' $'of-context\n.dockerignore\nDockerfile\ndir'
    in_it_says 'cat /b' $'of-context\nchanged'
    in_it_says 'cat /c' $'of-context\nof-context'
    in_it_says 'cat /d' of-stage
    in_it_says 'cat /f' of-stage
    equals "$(cat "$context/dir/file"; ls "$context/dir")" $'of-context\nfile'
    runs 0 in_it ls -A /
    says_not "m"$'\n'
    # The files count for the cache, what is beside them does not.
    echo other > "$context/new"
    again
    equals "$(not_cached | grep -c 'source=dir')" 0
    not_cached | grep -q 'RUN --mount=type=bind,target=/m cat'
    refuses "target" <<< $'FROM busybox\nRUN --mount=type=bind true'
    refuses "not in the build context" <<< $'FROM busybox\nRUN --mount=source=none,target=/m true'
    refuses "unknown type of mount" <<< $'FROM busybox\nRUN --mount=type=other,target=/m true'
    refuses "no option" <<< $'FROM busybox\nRUN --mount=type=tmpfs,target=/m,sharing=locked true'
}

@test "RUN --mount=type=cache: stays, is in no layer; id, mode, owner, ro; prune" {
    builds <<'EOF'
FROM busybox
RUN --mount=type=cache,target=/var/cache/x echo one >> /var/cache/x/log; cat /var/cache/x/log > /a
RUN --mount=type=cache,target=/var/cache/x,ro cat /var/cache/x/log > /b; ! touch /var/cache/x/new
RUN --mount=type=cache,id=/var/cache/x,target=/else cat /else/log > /c
RUN --mount=type=cache,target=/mine,mode=0750,uid=7,gid=8 stat -c '%a %u %g' /mine > /d
EOF
    in_it_says 'cat /a /b /c /d' $'one\none\none\n750 7 8'
    in_it_says 'ls -A /var/cache/x /else /mine 2>/dev/null | grep -c log' 0
    again --no-cache
    in_it_says 'cat /a' $'one\none'
    # Programs in it, set-uid ones too, are not for other users of this machine.
    chmod 0755 "$STORE/build"
    runs 0 ours builder prune -f
    again
    in_it_says 'cat /a' $'one\none\none'
    equals "$(stat -c %a "$STORE/build")" 700
    runs 0 ours builder prune -af
    again
    in_it_says 'cat /a' one
    refuses "sharing" <<< $'FROM busybox\nRUN --mount=type=cache,target=/m,sharing=no true'
}

@test "RUN --mount=type=cache: shared, private, locked, with two builds at once" {
    local sharing
    for sharing in shared private locked; do
        dockerfile <<EOF
FROM busybox
ARG who
RUN --mount=type=cache,target=/m,id=$sharing,sharing=$sharing echo \$who >> /m/log; touch /m/\$who; sleep 1; ls /m > /seen; rm /m/\$who
EOF
        ours build -q --build-arg who=a -t "$sharing-a" "$context" >/dev/null & pids=($!)
        ours build -q --build-arg who=b -t "$sharing-b" "$context" >/dev/null & pids+=($!)
        wait "${pids[0]}"
        wait "${pids[1]}"
        ours run "$sharing-a" cat /seen > "$BATS_TEST_TMPDIR/$sharing-a"
        ours run "$sharing-b" cat /seen > "$BATS_TEST_TMPDIR/$sharing-b"
    done
    cd "$BATS_TEST_TMPDIR"
    # Both were in the folder of the other one; each in its own; one by one.
    equals "$(sort -u shared-a shared-b | tr '\n' ' ')" "a b log "
    cat shared-a shared-b | sort | uniq -c | grep -q '2 [ab]'
    equals "$(tr '\n' ' ' < private-a; tr '\n' ' ' < private-b)" "a log b log "
    equals "$(tr '\n' ' ' < locked-a; tr '\n' ' ' < locked-b)" "a log b log "
}

@test "RUN --mount: options count for the cache of steps; a new cache takes files from a stage" {
    local mount key=$BATS_TEST_TMPDIR/key
    echo hidden > "$key"
    for mount in type=secret,id=key,target=/run/m type=secret,id=key,target=/run/m,uid=7 type=secret,id=key,target=/run/m,mode=0444 \
        type=tmpfs,target=/run/m type=tmpfs,target=/run/m,size=1m type=bind,target=/run/m type=bind,target=/run/m,rw; do
        dockerfile <<< $'FROM busybox\nRUN --mount='"$mount true"
        again --secret id=key,src="$key"
        says "not cached"
        again --secret id=key,src="$key"
        [[ $output != *"not cached"* ]]
    done
    builds <<'EOF'
FROM busybox AS seed
RUN mkdir -p /x/y && echo seed > /x/y/file
FROM busybox
RUN --mount=type=cache,target=/m,from=seed,source=/x,mode=0711 cat /m/y/file > /a; stat -c %a /m >> /a; echo grown > /m/new
RUN --mount=type=cache,target=/m,from=seed,source=/x,mode=0711 cat /m/new > /b
RUN --mount=type=cache,target=/m ls -A /m > /c
EOF
    in_it_says 'cat /a /b /c' $'seed\n711\ngrown'
}

@test "RUN --mount=type=cache: one id twice, two orders at once, a prune meanwhile" {
    dockerfile <<'EOF'
FROM busybox AS one
RUN --mount=type=cache,id=x,target=/b,sharing=locked --mount=type=cache,id=y,target=/a,sharing=locked sleep 0.5; touch /one
FROM busybox AS two
RUN --mount=type=cache,id=y,target=/b,sharing=locked --mount=type=cache,id=x,target=/a,sharing=locked sleep 0.5; touch /two
FROM busybox
RUN --mount=type=cache,id=z,target=/a,sharing=locked --mount=type=cache,id=z,target=/b,sharing=locked echo z > /a/z; cat /b/z > /z
COPY --from=one /one /
COPY --from=two /two /
EOF
    runs 0 timeout -k 1 30 "$SLIPWAY_BIN/step5-build" --root "$STORE" build -q -t it "$context"
    in_it_says 'cat /z' z
    # What a RUN has is not pruned; the rest is.
    dockerfile <<'EOF'
FROM busybox
RUN --mount=type=cache,id=w,target=/w echo kept > /w/file; echo ready; sleep 2; cat /w/file > /seen
EOF
    : > "$BATS_TEST_TMPDIR/log"
    ours build --progress plain -t it "$context" >> "$BATS_TEST_TMPDIR/log" 2>&1 & local pid=$!
    tail -f --pid="$pid" "$BATS_TEST_TMPDIR/log" | grep -qm1 'ready$'
    runs 0 ours builder prune -af
    wait "$pid"
    in_it_says 'cat /seen' kept
    equals "$(find "$STORE/build/mounts" -mindepth 1 -maxdepth 1 -type d | wc -l)" 1
    runs 0 ours builder prune -af
    equals "$(find "$STORE/build/mounts" -mindepth 1 -maxdepth 1 -type d | wc -l)" 0
}

@test "RUN --mount=type=tmpfs: in memory, of a size, gone afterwards" {
    builds <<'EOF'
FROM busybox
RUN --mount=type=tmpfs,target=/m,size=1m grep ' /m ' /proc/mounts | cut -d' ' -f1-3 > /a; ! dd if=/dev/zero of=/m/f bs=1k count=2048 2>/tmp/error; wc -c < /m/f >> /a
RUN ! test -e /m/f
EOF
    in_it_says 'head -1 /a | cut -d" " -f2,3; tail -1 /a; grep -o "No space left on device" /tmp/error' $'/m tmpfs\n1048576\nNo space left on device'
}

@test "RUN --mount=type=secret: a file, a variable; in no layer, history, cache key, message" {
    echo -n hunter2-of-the-file > "$BATS_TEST_TMPDIR/secret"
    export SECRET_VARIABLE=hunter2-of-the-variable
    dockerfile <<'EOF'
FROM busybox
RUN --mount=type=secret,id=one,required=true sha256sum < /run/secrets/one > /a; stat -c '%a %u' /run/secrets/one >> /a
RUN --mount=type=secret,id=one,target=/etc/key,mode=0444,uid=7,gid=8 stat -c '%a %u %g' /etc/key > /b
RUN --mount=type=secret,id=two,env=TOKEN echo "$TOKEN" | sha256sum > /c; ! test -e /run/secrets/two
RUN --mount=type=secret,id=three ! test -e /run/secrets/three
RUN ls /run/secrets /etc/key > /d 2>&1 || true
EOF
    again --secret id=one,src="$BATS_TEST_TMPDIR/secret" --secret id=two,env=SECRET_VARIABLE
    in_it_says 'head -1 /a; tail -1 /a; cat /b /c' \
        "$(echo -n hunter2-of-the-file | sha256sum)"$'\n400 0\n444 7 8\n'"$(echo hunter2-of-the-variable | sha256sum)"
    runs 1 grep -rl hunter2 "$STORE"
    ours save it > "$BATS_TEST_TMPDIR/saved.tar"
    runs 1 grep -c hunter2 "$BATS_TEST_TMPDIR/saved.tar"
    again --secret id=one,src=/etc/os-release --secret id=two,env=HOME
    equals "$(grep -c CACHED <<< "$output")" 5
    runs 125 build --no-cache
    says 'there is no secret "one"'
    says "--secret id=one"
    # A name alone: of the environment.
    builds --secret id=SECRET_VARIABLE <<< $'FROM busybox\nRUN --mount=type=secret,id=SECRET_VARIABLE wc -c < /run/secrets/SECRET_VARIABLE > /a'
    in_it_says 'cat /a' 23
}

@test "RUN --mount=type=ssh: the socket of an agent" {
    needs_peer ssh-agent
    eval "$(ssh-agent -s -a "$BATS_TEST_TMPDIR/agent" 3>&-)" >/dev/null
    dockerfile <<'EOF'
FROM busybox
RUN --mount=type=ssh,required=true echo "$SSH_AUTH_SOCK" > /a; test -S "$SSH_AUTH_SOCK"; printf '\0\0\0\1\13' | nc -w 1 local:"$SSH_AUTH_SOCK" 2>/dev/null | wc -c >> /a
RUN --mount=type=ssh,id=other ! test -n "$SSH_AUTH_SOCK"
EOF
    again --ssh default
    kill "$SSH_AGENT_PID"
    in_it_says 'head -1 /a' /run/buildkit/ssh_agent.0
    env -u SSH_AUTH_SOCK "$IMAGES" --root "$STORE" build --no-cache "$context" > "$BATS_TEST_TMPDIR/out" 2>&1 && return 1
    grep -q 'no ssh agent "default"' "$BATS_TEST_TMPDIR/out"
}

@test "RUN: heredocs" {
    sed 's/\\t/\t/' <<'EOF' | builds
FROM busybox
ENV v=builder
RUN <<END
v=shell
echo "$v" > /a
END
RUN <<"END" cat > /b
keep $v
END
RUN cat <<-END > /c
\ttabs $v
\tEND
RUN <<END
#!/bin/awk -f
BEGIN { print "awk" > "/d" }
END
RUN cat <<ONE > /e && cat <<TWO > /f
one
ONE
two
TWO
RUN <<EMPTY
EMPTY
EOF
    in_it_says 'cat /a /b /c /d /e /f' $'shell\nkeep $v\ntabs builder\nawk\none\ntwo'
}

@test "RUN: networks, --security, --add-host, limits" {
    builds --add-host db:10.0.0.7 --pids-limit 20 --memory 64m <<'EOF'
FROM busybox
RUN ls /sys/class/net > /a; grep db /etc/hosts > /b
RUN --network=none ls /sys/class/net > /c
EOF
    in_it_says 'cat /a /b /c' $'lo\n10.0.0.7\tdb\nlo'
    in_it_says 'test -e /etc/hosts && grep -c db /etc/hosts' ''
    refuses "network.host" <<< $'FROM busybox\nRUN --network=host true'
    builds --allow network.host <<< $'FROM busybox\nRUN --network=host ls /sys/class/net > /a'
    in_it_says 'cat /a' "$(ls /sys/class/net)"
    builds --network host <<< $'FROM busybox\nRUN ls /sys/class/net > /a\nRUN --network=none ls /sys/class/net > /b'
    in_it_says 'cat /a; cat /b' "$(ls /sys/class/net)"$'\nlo'
    refuses "insecure" <<< $'FROM busybox\nRUN --security=insecure true'
    refuses "device" <<< $'FROM busybox\nRUN --device=x true'
    refuses "non-zero code" --pids-limit 20 <<< $'FROM busybox\nRUN for i in $(seq 50); do sleep 9 & done; wait'
}

# --- What the image is told to be --------------------------------------------------

# shown ENTRYPOINT CMD: what the two lines make of a container's command.
shown() {
    { echo "FROM busybox"; echo 'CMD ["base"]'; echo "FROM busybox"; printf '%s\n%s\n' "$1" "$2"; } | sed '/^$/d' | builds
    echo "$(config .Entrypoint) $(config .Cmd)"
}

@test "ENTRYPOINT and CMD: all nine, and what a container does with them" {
    local sh='/bin/sh","-c'
    equals "$(shown '' 'CMD exec echo c')" "null [\"$sh\",\"exec echo c\"]"
    equals "$(ours run it)" c
    equals "$(shown '' 'CMD ["echo","c"]')" 'null ["echo","c"]'
    equals "$(shown 'ENTRYPOINT exec echo e' '')" "[\"$sh\",\"exec echo e\"] null"
    equals "$(ours run it more)" e
    equals "$(shown 'ENTRYPOINT exec echo e' 'CMD exec echo c')" "[\"$sh\",\"exec echo e\"] [\"$sh\",\"exec echo c\"]"
    equals "$(ours run it)" e
    equals "$(shown 'ENTRYPOINT exec echo e' 'CMD ["c"]')" "[\"$sh\",\"exec echo e\"] [\"c\"]"
    equals "$(ours run it)" e
    equals "$(shown 'ENTRYPOINT ["echo","e"]' '')" '["echo","e"] null'
    equals "$(ours run it)" e
    equals "$(ours run it more)" "e more"
    equals "$(shown 'ENTRYPOINT ["echo","e"]' 'CMD exec echo c')" "[\"echo\",\"e\"] [\"$sh\",\"exec echo c\"]"
    equals "$(ours run it)" "e /bin/sh -c exec echo c"
    equals "$(shown 'ENTRYPOINT ["echo","e"]' 'CMD ["c"]')" '["echo","e"] ["c"]'
    equals "$(ours run it)" "e c"
    equals "$(ours run it other)" "e other"
    # Neither: busybox's own CMD is what is left; of nothing, nothing can be run.
    equals "$(shown '' '')" 'null ["sh"]'
    builds <<< $'FROM scratch\nCOPY Dockerfile /'
    run ours run it
    [ "$status" -eq 125 ]
    says "command"
}

@test "ENTRYPOINT forgets the base's CMD, and not the stage's own; the last one wins" {
    builds <<< $'FROM busybox\nCMD ["old"]\nENTRYPOINT ["one"]\nCMD ["new"]\nENTRYPOINT ["two"]'
    equals "$(config .Entrypoint) $(config .Cmd)" '["two"] ["new"]'
    builds <<< $'FROM busybox\nENTRYPOINT ["one"]'
    equals "$(config .Cmd)" null
    builds <<< $'FROM busybox AS a\nCMD ["of-a"]\nFROM a\nENTRYPOINT ["e"]'
    equals "$(config .Cmd)" null
}

@test "ENV, LABEL, EXPOSE, VOLUME, STOPSIGNAL, HEALTHCHECK, SHELL, MAINTAINER: in the config" {
    builds --label given=too --label two=given <<'EOF'
FROM busybox AS base
ENV inherited=1 PATH=/bin:/sbin
LABEL inherited=1 both=base
FROM base
ARG ports="81 82/udp" from=90
ENV k=v k2="v 2" k3=a\ b k4=
ENV old form of it
LABEL both=child two="with \"quotes\"" three='a b' \
      four=4
EXPOSE 80 80/udp 443/tcp 8000-8002 $ports $from-91
VOLUME /data "/with quote"
VOLUME ["/json", "/more data"]
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s --timeout=1.5s --start-period=1m --start-interval=100ms --retries=4 CMD wget -q localhost
SHELL ["/bin/sh", "-ec"]
CMD done
MAINTAINER Somebody <some@body>
EOF
    says "MaintainerDeprecated"
    says "LegacyKeyValueFormat"
    equals "$(config .Env)" '["inherited=1","PATH=/bin:/sbin","k=v","k2=v 2","k3=a b","k4=","old=form of it"]'
    equals "$(config .Labels)" '{"both":"child","four":"4","given":"too","inherited":"1","three":"a b","two":"given"}'
    equals "$(config .ExposedPorts | jq -c keys)" '["443/tcp","80/tcp","80/udp","8000/tcp","8001/tcp","8002/tcp","81/tcp","82/udp","90/tcp","91/tcp"]'
    equals "$(config .Volumes | jq -c keys)" '["/data","/json","/more data","/with quote"]'
    equals "$(config .StopSignal)" '"SIGINT"'
    equals "$(config .Healthcheck)" '{"Interval":5000000000,"Retries":4,"StartInterval":100000000,"StartPeriod":60000000000,"Test":["CMD-SHELL","wget -q localhost"],"Timeout":1500000000}'
    equals "$(config .Shell)" '["/bin/sh","-ec"]'
    equals "$(config .Cmd)" '["/bin/sh","-ec","done"]'
    equals "$(ours inspect -f '{{.Author}}' it)" "Somebody <some@body>"
    # No layers of their own.
    equals "$(layers | wc -l)" 1
    builds <<< $'FROM busybox\nHEALTHCHECK CMD ["a","b"]\nHEALTHCHECK NONE'
    equals "$(config .Healthcheck)" '{"Test":["NONE"]}'
}

@test "values that no instruction takes" {
    refuses "SIGNOTHING" <<< $'FROM busybox\nSTOPSIGNAL SIGNOTHING'
    refuses "0" <<< $'FROM busybox\nSTOPSIGNAL 0'
    refuses "interval" <<< $'FROM busybox\nHEALTHCHECK --interval=1us CMD x'
    refuses "99999" <<< $'FROM busybox\nEXPOSE 99999'
    refuses "JSON" <<< $'FROM busybox\nSHELL sh -c'
    refuses "ONBUILD" <<< $'FROM busybox\nONBUILD ONBUILD RUN x'
    refuses "FROM" <<< $'FROM busybox\nONBUILD FROM x'
    refuses "MAINTAINER" <<< $'FROM busybox\nONBUILD MAINTAINER x'
    refuses "ENV" <<< $'FROM busybox\nENV'
    refuses "user" <<< $'FROM busybox\nUSER nobody-here\nRUN true'
    local signal
    for signal in SIGTERM TERM term 15; do
        builds <<< "FROM busybox"$'\n'"STOPSIGNAL $signal"
    done
}

@test "VOLUME: what is changed in it later stays; ONBUILD: once, in the child" {
    builds <<< $'FROM busybox\nVOLUME /data\nRUN mkdir -p /data && echo x > /data/x'
    in_it_says 'cat /data/x' x
    echo of-child > "$BATS_TEST_TMPDIR/file"
    dockerfile <<'EOF'
FROM busybox
ONBUILD ARG who=nobody
ONBUILD COPY file /got
ONBUILD RUN echo "for $who" > /ran
ONBUILD ENV triggered=1
EOF
    runs 0 ours build -t parent "$context"
    equals "$(config .OnBuild parent)" '["ARG who=nobody","COPY file /got","RUN echo \"for $who\" > /ran","ENV triggered=1"]'
    cp "$BATS_TEST_TMPDIR/file" "$context/"
    builds --build-arg who=me <<< $'FROM parent\nRUN cat /got /ran > /both'
    in_it_says 'cat /both' $'of-child\nfor me'
    equals "$(config .Env)" '["triggered=1"]'
    equals "$(config .OnBuild)" null
    ours tag it child
    rm "$context/file"
    builds <<< "FROM child"
    # A stage's own triggers run in a stage that is built on it.
    builds <<< $'FROM busybox AS a\nONBUILD RUN echo x > /x\nFROM a\nRUN cat /x'
}

@test "ONBUILD of a base image names a stage: one that is built, one that is not, a circle" {
    printf 'FROM busybox\nONBUILD COPY --from=build /x /x\n' | ours build -q -t onbuild - >/dev/null
    limited() { run timeout -k 1 20 "$SLIPWAY_BIN/step5-build" --root "$STORE" build --progress plain -t it "$context"; }
    dockerfile <<< $'FROM busybox AS build\nRUN echo x > /x\nFROM onbuild\nCOPY --from=build /x /y'
    limited
    [ "$status" -eq 0 ]
    in_it_says 'cat /x /y' $'x\nx'
    dockerfile <<< $'FROM busybox AS build\nRUN echo x > /x\nFROM onbuild'
    limited
    equals "$status" 125
    says "build is not built"
    dockerfile <<< $'FROM onbuild AS one\nRUN true\nFROM busybox AS build\nCOPY --from=one /bin/sh /x\nFROM scratch\nCOPY --from=build /x /'
    limited
    equals "$status" 125
    says "round in a circle"
}

@test "history: one entry an instruction, those without a layer say so" {
    builds --build-arg v=1 <<'EOF'
FROM busybox
ARG v
ENV a=b
RUN echo "$v" > /a
WORKDIR /w
COPY Dockerfile /f
USER student
CMD ["x"]
EOF
    equals "$(told | head -7)" 'CMD ["x"]
USER student
COPY Dockerfile /f
WORKDIR /w
RUN |1 v=1 /bin/sh -c echo "$v" > /a
ENV a=b
ARG v=1'
    equals "$(layers | wc -l)" 4
    runs 0 ours history it
    says "slipway.build"
}
