#!/usr/bin/env bats
# step5-build: files from the context and from elsewhere: COPY, ADD, contexts,
# .dockerignore.
# shellcheck disable=SC2030,SC2031,SC2154,SC2016,SC2034 # builds.bash assigns it; scripts for the shell inside

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
    stop_web
    stop_git
    teardown_builds
}

# A server of repositories: `start_git DIR` sets git_pid and $git_url.
start_git() {
    local port
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$(git --exec-path)/git-daemon" --listen=127.0.0.1 --port="$port" --reuseaddr --export-all --verbose \
        --base-path="$1" > "$BATS_TEST_TMPDIR/git.log" 2>&1 3>&- &
    git_pid=$!
    git_url=git://127.0.0.1:$port
    for _ in $(seq 100); do
        ! grep -q 'Ready to rumble' "$BATS_TEST_TMPDIR/git.log" || return 0
        sleep 0.05
    done
    return 1
}
stop_git() {
    [ -z "${git_pid-}" ] || { kill "$git_pid"; wait "$git_pid" || true; }
}

# files NAME…: in the context, each with its name as its text.
files() {
    local name
    for name in "$@"; do
        mkdir -p "$context/$(dirname "$name")"
        echo "$name" > "$context/$name"
    done
}
# What is below /out of the image, one name a line.
out() { ours run --entrypoint '' it sh -c 'cd /out && find . -mindepth 1 | sort' | sed 's|^\./||' | tr '\n' ' ' | sed 's/ $//'; }
# repository DIR: of git, with a commit on main, a branch and a tag.
repository() {
    export HOME=$BATS_TEST_TMPDIR GIT_CONFIG_NOSYSTEM=1
    git config --global user.name tests
    git config --global user.email tests@example.com
    git config --global init.defaultBranch main
    git init -q "$1"
    mkdir "$1/sub"
    echo main > "$1/file"
    echo sub > "$1/sub/file"
    printf 'FROM busybox\nCOPY . /out/\n' | tee "$1/Dockerfile" > "$1/sub/Dockerfile"
    git -C "$1" add .
    git -C "$1" commit -qm one
    git -C "$1" tag v1
    git -C "$1" checkout -q -b branch
    echo branch > "$1/file"
    git -C "$1" commit -qam two
    git -C "$1" checkout -q main
}

@test "COPY: where files and folders go, and what their parents are like" {
    files one two dir/a dir/sub/b dir2/a
    ln -s one "$context/link"
    chmod 750 "$context/dir/sub"
    builds <<'EOF'
FROM busybox
WORKDIR /out
COPY one /out/file
COPY one two new/deep/
COPY one existing/
COPY two existing
COPY dir /out/dir/
COPY dir dir2 merged/
COPY ["one", "with blank"]
COPY link linked
COPY ../../one ../out/from-outside
COPY /two .
EOF
    equals "$(out)" "dir dir/a dir/sub dir/sub/b existing existing/one existing/two file from-outside linked merged merged/a merged/sub merged/sub/b new new/deep new/deep/one new/deep/two two with blank"
    in_it_says 'cat merged/a file linked; stat -c "%a %u:%g" new/deep dir/sub file' $'dir2/a\none\none\n755 0:0\n750 0:0\n644 0:0'
    refuses "/" <<< $'FROM busybox\nCOPY one two /out'
    refuses "dir" <<< $'FROM busybox\nCOPY one /x\nCOPY dir /x/'
    refuses '"/none" is not in the build context' <<< $'FROM busybox\nCOPY none /'
    refuses 'matches "none*"' <<< $'FROM busybox\nCOPY none* /'
}

@test "COPY: patterns" {
    files a1.txt a2.txt ab.txt 'we[i]rd.txt' sub/a3.txt
    builds <<'EOF'
FROM busybox
COPY a?.txt /out/question/
COPY a[0-9].txt /out/class/
COPY *.txt /out/star/
COPY we[[]i]rd.txt /out/literal/
COPY */a*.txt /out/below/
EOF
    equals "$(out)" "below below/a3.txt class class/a1.txt class/a2.txt literal literal/we[i]rd.txt question question/a1.txt question/a2.txt question/ab.txt star star/a1.txt star/a2.txt star/ab.txt star/we[i]rd.txt"
    refuses "/" <<< $'FROM busybox\nCOPY a*.txt /out'
}

@test "COPY: --chown, --chmod, and owners from elsewhere" {
    files f d/f
    chown -R 1234:1234 "$context"
    builds <<'EOF'
FROM busybox AS stage
RUN mkdir /s && touch /s/f && chown 7:8 /s/f && chmod 4711 /s/f
FROM busybox
ARG mode=0640
COPY f /out/plain
COPY --chown=student f /out/student
COPY --chown=student:0 f /out/group
COPY --chown=7 f /out/number
COPY --chown=7:student f /out/mixed
COPY --chmod=$mode f /out/mode
COPY --chmod=u=rwX,go=rX d /out/symbolic/
COPY --from=stage /s/f /out/kept
COPY --from=0 --chown=1:2 --chmod=755 /s/f /out/changed
USER student
COPY f /out/as-root
EOF
    in_it_says 'cd /out; stat -c "%n %a %u:%g" *' "as-root 644 0:0
changed 755 1:2
group 644 1000:0
kept 4711 7:8
mixed 644 7:1000
mode 640 0:0
number 644 7:7
plain 644 0:0
student 644 1000:1000
symbolic 755 0:0"
    refuses "nobody-here" <<< $'FROM busybox\nCOPY --chown=nobody-here f /'
    refuses "chmod" <<< $'FROM busybox\nCOPY --chmod=u=q f /'
}

@test "COPY: --from an image, a stage by number, a named context; --parents, --exclude, --link" {
    files a/b/c.txt a/b/d.log a/e.txt x.log
    mkdir "$BATS_TEST_TMPDIR/other"
    echo other > "$BATS_TEST_TMPDIR/other/file"
    builds --build-context more="$BATS_TEST_TMPDIR/other" --build-context img=docker-image://busybox <<'EOF'
FROM busybox AS s
RUN ln -s /elsewhere /link && mkdir /elsewhere
FROM s
COPY --from=busybox /etc/os-release /out/release
COPY --from=more file /out/more
COPY --from=img /etc/passwd /out/img
COPY --parents a/b/c.txt a/*.txt /out/parents/
COPY --parents ./a/./b/c.txt /out/pivot/
COPY --parents **/*.log /out/deep/
COPY --exclude=*.log --exclude=e.txt a /out/excluded/
COPY a/e.txt /link/followed
COPY --link a/e.txt /linked/file
EOF
    equals "$(out)" "deep deep/a deep/a/b deep/a/b/d.log deep/x.log excluded excluded/b excluded/b/c.txt excluded/b/d.log img more parents parents/a parents/a/b parents/a/b/c.txt parents/a/e.txt pivot pivot/b pivot/b/c.txt release"
    in_it_says 'cat /elsewhere/followed /linked/file; cat /out/more' $'a/e.txt\na/e.txt\nother'
    # A context takes the place of a base image or a stage, too.
    builds --build-context busybox=docker-image://it <<< $'FROM busybox\nRUN test -e /out/more'
    builds --build-context s="$BATS_TEST_TMPDIR/other" <<< $'FROM busybox\nCOPY --from=s / /out/'
    equals "$(out)" file
}

@test "COPY and ADD: heredocs" {
    sed 's/\\t/\t/g' <<'END' | builds
FROM busybox
ENV v=value
COPY <<EOF /out/expanded
v is $v, \$v, "quoted"
EOF
COPY <<"EOF" /out/literal
v is $v
EOF
COPY <<-EOF /out/tabs
\tone
\t\ttwo
\tEOF
COPY --chmod=755 <<first <<second /out/several/
1
first
2
second
ADD <<EOF /out/added
added
EOF
END
    in_it_says 'cd /out; cat expanded literal tabs several/first several/second added; stat -c %a several/first' $'v is value, $v, "quoted"\nv is $v\none\ntwo\n1\n2\nadded\n755'
}

@test "nothing is copied from or to outside: dots, symlinks, --from (CVE-2024-1753 and others)" {
    files f
    ln -s /etc/passwd "$context/passwd"
    ln -s / "$context/root"
    ln -s ../../../../../.. "$context/up"
    echo secret-of-the-host > "$BATS_TEST_TMPDIR/secret"
    chmod 600 "$BATS_TEST_TMPDIR/secret"
    refuses "not in the build context" <<< $'FROM busybox\nCOPY passwd /'
    refuses "not in the build context" <<< $'FROM busybox\nCOPY root/etc/passwd /'
    refuses "not in the build context" <<< "FROM busybox"$'\n'"COPY up$BATS_TEST_TMPDIR/secret /"
    refuses "not in the build context" <<< "FROM busybox"$'\n'"COPY ../secret /"
    refuses "not in" <<< "FROM busybox"$'\n'"RUN --mount=source=up$BATS_TEST_TMPDIR,target=/m cat /m/secret"
    dockerfile <<EOF
FROM busybox AS bad
RUN ln -s $BATS_TEST_TMPDIR /evil && ln -s ../../../../../../../../../../..$BATS_TEST_TMPDIR /evil2
FROM busybox
COPY --from=bad /evil/secret /
EOF
    run build
    [ "$status" -ne 0 ]
    says "not in"
    # To outside: into the image's own folder of that name.
    builds <<EOF
FROM busybox
RUN ln -s ../../../../../../../../../../..$BATS_TEST_TMPDIR /evil && mkdir -p $BATS_TEST_TMPDIR
COPY f /evil/planted
WORKDIR /evil/work
RUN --mount=type=tmpfs,target=/evil/mounted true
EOF
    in_it_says "ls $BATS_TEST_TMPDIR" $'planted\nwork'
    [ ! -e "$BATS_TEST_TMPDIR/planted" ]
    [ ! -e "$BATS_TEST_TMPDIR/work" ]
    [ ! -e "$BATS_TEST_TMPDIR/mounted" ]
    # An archive with such names.
    python3 - "$context/evil.tar" "$BATS_TEST_TMPDIR" <<'EOF'
import io, sys, tarfile
with tarfile.open(sys.argv[1], "w") as tar:
    link = tarfile.TarInfo("out"); link.type = tarfile.SYMTYPE; link.linkname = sys.argv[2]
    tar.addfile(link)
    for name in ("out/planted", "../../../../.." + sys.argv[2] + "/planted", sys.argv[2] + "/planted"):
        member = tarfile.TarInfo(name); member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))
EOF
    dockerfile <<< $'FROM busybox\nADD evil.tar /x/'
    run build
    [ ! -e "$BATS_TEST_TMPDIR/planted" ]
}

@test "ADD: archives, packed in every way, known by their content" {
    mkdir -p "$BATS_TEST_TMPDIR/tree/dir" "$context"
    echo in > "$BATS_TEST_TMPDIR/tree/dir/file"
    ln -s dir/file "$BATS_TEST_TMPDIR/tree/link"
    local name
    tar -C "$BATS_TEST_TMPDIR/tree" --owner=7 --group=8 -cf "$context/plain" .
    gzip -k -c "$context/plain" > "$context/gz"
    bzip2 -k -c "$context/plain" > "$context/bz2"
    xz -k -c "$context/plain" > "$context/xz"
    zstd -q -c "$context/plain" > "$context/zst"
    echo "no archive" > "$context/text.tar.gz"
    builds <<'EOF'
FROM busybox
ADD plain /out/plain/
ADD gz /out/gz/
ADD bz2 /out/bz2/
ADD xz /out/xz/
ADD zst /out/zst/
ADD --chown=1:1 gz /out/owned/
ADD text.tar.gz /out/text
ADD --unpack=false gz /out/packed
COPY gz /out/copied
EOF
    in_it_says 'cd /out; cat */link; stat -c "%u:%g" gz/dir/file owned/dir/file; cat text; stat -c %s packed copied | uniq | wc -l' \
        $'in\nin\nin\nin\nin\nin\n7:8\n1:1\nno archive\n1'
}

@test "ADD: from the web, as it is; name, mode, time, checksum" {
    mkdir "$BATS_TEST_TMPDIR/www"
    echo "of the web" > "$BATS_TEST_TMPDIR/www/file"
    touch -d @1600000000 "$BATS_TEST_TMPDIR/www/file"
    tar -C "$BATS_TEST_TMPDIR/www" -czf "$BATS_TEST_TMPDIR/www/packed.tar.gz" file
    start_web "$BATS_TEST_TMPDIR/www"
    local sum
    sum=$(sha256sum < "$BATS_TEST_TMPDIR/www/file")
    builds --build-arg web="$web" --build-arg sum="${sum%% *}" <<'EOF'
FROM busybox
ARG web sum
ADD $web/file /out/named
ADD ${web}/file?query /out/
ADD --checksum=sha256:$sum ${web}/file /out/checked
ADD $web/packed.tar.gz /out/packed/
ADD --unpack $web/packed.tar.gz /out/unpacked/
ADD --chmod=644 --chown=7:8 $web/file /out/changed
EOF
    # A redirect does not name the file: /folder leads on to /folder/.
    mkdir "$BATS_TEST_TMPDIR/www/folder"
    echo redirected > "$BATS_TEST_TMPDIR/www/folder/index.html"
    printf 'FROM busybox\nADD %s/folder /out/\n' "$web" | ours build -q -t redirected - >/dev/null
    equals "$(ours run redirected cat /out/folder)" redirected
    equals "$(out)" "changed checked file named packed packed/packed.tar.gz unpacked unpacked/file"
    in_it_says 'cd /out; stat -c "%a %u:%g %Y" named changed; cat checked unpacked/file' $'600 0:0 1600000000\n644 7:8 1600000000\nof the web\nof the web'
    refuses "--checksum says" <<< "FROM busybox"$'\n'"ADD --checksum=sha256:$(printf '0%.0s' {1..64}) $web/file /out/"
    refuses "not for files of the context" <<< "FROM busybox"$'\n'"ADD --checksum=sha256:${sum%% *} ./Dockerfile /out/"
    refuses "is empty once" <<< "FROM busybox"$'\n'"ARG SUM"$'\n'"ADD --checksum=\$SUM $web/file /out/"
    refuses "404" <<< "FROM busybox"$'\n'"ADD $web/none /out/"
    refuses "name" <<< "FROM busybox"$'\n'"ADD $web/ /out/"
    # It is asked again each time, and found in the cache by what it is.
    builds <<< "FROM busybox"$'\n'"ADD $web/file /out/f"
    again
    says "#2 CACHED"
    echo changed > "$BATS_TEST_TMPDIR/www/file"
    again
    in_it_says 'cat /out/f' changed
}

@test "contexts: a tar on stdin, packed, a Dockerfile on stdin, -f -, -f elsewhere" {
    files file sub/Dockerfile.sub
    dockerfile <<< $'FROM busybox\nCOPY . /out/'
    local pack
    for pack in cat gzip xz; do
        tar -C "$context" -cf - . | $pack | ours build -q -t it - >/dev/null
        equals "$(out)" "Dockerfile file sub sub/Dockerfile.sub"
    done
    tar -C "$context" -cf "$BATS_TEST_TMPDIR/context.tar" .
    printf 'FROM busybox\nCOPY file /out/only\n' > "$context/sub/Dockerfile.sub"
    tar -C "$context" -cf - . | ours build -q -f sub/Dockerfile.sub -t it - >/dev/null
    equals "$(out)" only
    runs 0 ours build -t it -f "$context/sub/Dockerfile.sub" "$context"
    equals "$(out)" only
    printf 'FROM busybox\nCOPY file /out/outside\n' > "$BATS_TEST_TMPDIR/Elsewhere"
    runs 0 ours build -t it -f "$BATS_TEST_TMPDIR/Elsewhere" "$context"
    equals "$(out)" outside
    printf 'FROM busybox\nCOPY file /out/stdin\n' | ours build -q -t it -f - "$context" >/dev/null
    equals "$(out)" stdin
    printf 'FROM busybox\nRUN mkdir /out && touch /out/no-context\n' | ours build -q -t it - >/dev/null
    equals "$(out)" no-context
    printf 'FROM busybox\nCOPY file /out/\n' > "$BATS_TEST_TMPDIR/with-copy"
    run ours build - < "$BATS_TEST_TMPDIR/with-copy"
    [ "$status" -ne 0 ]
    run ours build "$BATS_TEST_TMPDIR/none"
    [ "$status" -ne 0 ]
    says "$BATS_TEST_TMPDIR/none"
    mkdir "$BATS_TEST_TMPDIR/empty"
    run ours build "$BATS_TEST_TMPDIR/empty"
    [ "$status" -ne 0 ]
    says "Dockerfile"
    run ours build
    [ "$status" -ne 0 ]
    says "PATH"
}

@test "contexts and ADD: a repository, its refs and folders" {
    needs_peer git
    repository "$BATS_TEST_TMPDIR/repository"
    local url="file://$BATS_TEST_TMPDIR/repository" commit
    commit=$(git -C "$BATS_TEST_TMPDIR/repository" rev-parse v1)
    runs 0 ours build -t it "$url"
    equals "$(out)" "Dockerfile file sub sub/Dockerfile sub/file"
    runs 0 ours build -t it "$url#branch"
    in_it_says 'cat /out/file' branch
    runs 0 ours build -t it "$url#v1:sub"
    equals "$(out)" "Dockerfile file"
    run ours build "$url#no-such-ref"
    [ "$status" -ne 0 ]
    says "no-such-ref"
    # A Dockerfile does not read the machine's repositories, and has no keys of its own.
    refuses "cannot take files of this machine" <<< "FROM busybox"$'\n'"ADD $url /out/"
    refuses "lend it those of your agent: --ssh default" <<< $'FROM busybox\nADD git@127.0.0.1:a/b /out/'
    start_git "$BATS_TEST_TMPDIR"
    url=$git_url/repository
    builds --build-arg url="$url" --build-arg commit="$commit" <<'EOF'
FROM busybox
ARG url commit
ADD $url#branch /out/branch/
ADD --keep-git-dir=true $url#v1:sub /out/kept/
ADD --checksum=$commit $url#v1 /out/checked/
EOF
    in_it_says 'cat /out/branch/file /out/checked/file; test -d /out/branch/.git || echo none' $'branch\nmain\nnone'
    refuses "--checksum says" <<< "FROM busybox"$'\n'"ADD --checksum=0123456789 $url /out/"
}

# ignoring PATTERNS: what is left of the files, without Dockerfile.
ignoring() {
    printf '%b' "$1" > "$context/.dockerignore"
    builds <<< $'FROM busybox\nWORKDIR /out\nCOPY . /out/' || return 1
    out
}

@test ".dockerignore: depth, order, exceptions, comments, blanks, marks" {
    files a.log b.txt x/a.log x/b.txt x/y/a.log node_modules/m/f
    local all="x x/b.txt x/y"
    equals "$(ignoring '*.log\nnode_modules\nDockerfile\n.dockerignore\n')" "b.txt x x/a.log x/b.txt x/y x/y/a.log"
    equals "$(ignoring '**/*.log\n/node_modules/\n.*\nDocker*')" "b.txt $all"
    equals "$(ignoring '# comment\n\n  **/*.log  \nno/../node_modules\n.*\nDockerfile\n')" "b.txt $all"
    equals "$(ignoring '\xef\xbb\xbf**/*.log\r\nnode_modules\r\n.*\r\nDockerfile\r\n')" "b.txt $all"
    equals "$(ignoring '*\n!x/y\n')" "x x/y x/y/a.log"
    equals "$(ignoring '*\n!**/*.txt\n')" "b.txt x x/b.txt"
    equals "$(ignoring '**\n!x\nx/*/a.log\n')" "x x/a.log x/b.txt x/y"
    equals "$(ignoring '!b.txt\nb.txt\nx\nnode_modules\n.*\nDockerfile')" "a.log"
    # A comment begins in the first column.
    equals "$(ignoring '  # b.txt\nx\nnode_modules\n.*\nDockerfile')" "a.log b.txt"
    # What is left out cannot be copied, the Dockerfile is read all the same.
    echo b.txt > "$context/.dockerignore"
    refuses "is left out of the build context by .dockerignore" <<< $'FROM busybox\nCOPY b.txt /'
    says ".dockerignore"
    echo '!' > "$context/.dockerignore"
    refuses '!' <<< $'FROM busybox\nCOPY b.txt /'
    # The one beside the Dockerfile wins.
    echo b.txt > "$context/.dockerignore"
    echo 'a.log' > "$context/Dockerfile.dockerignore"
    builds <<< $'FROM busybox\nCOPY b.txt /out/'
}

@test "kinds of files: empty folders, links, fifos, modes, long names" {
    mkdir -p "$context/d/empty"
    local long
    long=$(printf 'n%.0s' {1..255})
    echo long > "$context/d/$long"
    echo one > "$context/d/one"
    ln "$context/d/one" "$context/d/two"
    ln -s nowhere "$context/d/dangling"
    mkfifo "$context/d/fifo"
    chmod 6755 "$context/d/one"
    setfattr -n user.mine -v value "$context/d/one" 2>/dev/null || true
    builds <<< $'FROM busybox\nCOPY d /out/'
    in_it_says 'cd /out; stat -c "%h %a" one two; readlink dangling; test -p fifo && ls -d empty; cat n*' $'2 6755\n2 6755\nnowhere\nempty\nlong'
    # Of symlinks that lead nowhere, one that is named is missing; a pattern does
    # not see them.
    ln -s nowhere "$context/nothing"
    refuses '"/nothing" is not in the build context' <<< $'FROM busybox\nCOPY nothing /out/'
    refuses 'matches "n*"' <<< $'FROM busybox\nCOPY n* /out/'
    builds <<< $'FROM busybox\nCOPY [Dn]* /out/'
    equals "$(out)" Dockerfile
    # A socket is in no layer.
    python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$context/sock"
    refuses socket <<< $'FROM busybox\nCOPY sock /'
}
