#!/usr/bin/env bats
# Every folder of Dockerfiles/ is built and run. Those that install Debian's packages
# share a base that knows what apt has to offer, for that is what takes long.
# shellcheck disable=SC2030,SC2031,SC2154,SC2016 # builds.bash assigns it; scripts for the shell inside

load helpers
load builds

setup_file() {
    requires_root
    export STORE=$BATS_FILE_TMPDIR/store
    # As `./dev images` left them.
    export FOLDER_OF_IMAGES=$SLIPWAY_SOURCE/build/images
    if [ -e "$FOLDER_OF_IMAGES/busybox.tar" ]; then
        ours import --change 'CMD ["sh"]' "$FOLDER_OF_IMAGES/busybox.tar" busybox >/dev/null
    else
        make_busybox_tar
        import_busybox
    fi
    local debian
    for debian in "$FOLDER_OF_IMAGES"/debian-*.tar; do
        [ -e "$debian" ] || continue
        ours import --change 'CMD ["bash"]' "$debian" debian-plain >/dev/null
        # Their apt-get update has nothing left to do.
        timeout 100 "$IMAGES" --root "$STORE" build -q --network host -t debian - \
            > "$BATS_FILE_TMPDIR/debian" 2>&1 <<< $'FROM debian-plain\nRUN apt-get update' ||
            ours rmi debian-plain >/dev/null
    done
}
setup() { remember_host; }
teardown() {
    ours fsck >/dev/null
    compare_host
}

needs_debian() {
    [ -e "$BATS_FILE_TMPDIR/debian" ] || skip "there is no debian base: ./dev images"
    ours inspect debian >/dev/null 2>&1 || skip "apt reaches no mirror: $(tail -n 1 "$BATS_FILE_TMPDIR/debian")"
}
# built NAME [OPTION…]: Dockerfiles/NAME, as an image of that name.
built() {
    local name=$1
    shift
    run ours build --progress plain -t "$name" "$@" "$SLIPWAY_SOURCE/Dockerfiles/$name"
    [ "$status" -eq 0 ] || { printf '%s\n' "$output"; return 1; }
}
@test "every folder has its test here" {
    local folder
    for folder in "$SLIPWAY_SOURCE"/Dockerfiles/*/; do
        grep -q "built $(basename "$folder")" "$BATS_TEST_FILENAME"
    done
}

@test "hello" {
    built hello
    equals "$(ours run hello)" "hello, world"
    equals "$(ours run hello other words)" "other words"
    equals "$(layers hello | wc -l)" 1
}

@test "web" {
    built web
    equals "$(config .ExposedPorts web)" '{"80/tcp":{}}'
    equals "$(config .Healthcheck.Test web)" '["CMD-SHELL","wget -q -O /dev/null http://127.0.0.1/"]'
    # In a network of its own, asked from inside.
    equals "$(ours run web sh -c 'httpd -p 80 -h /www; wget -q -O - http://127.0.0.1/')" "$(cat "$SLIPWAY_SOURCE/Dockerfiles/web/site/index.html")"
}

@test "instructions" {
    built instructions --build-arg VERSION=7
    run ours run instructions
    [ "$status" -eq 0 ]
    says hello
    says world
    equals "$(ours run --entrypoint '' instructions cat /app/version /begun)" $'7\nthis stage began with tools'
    equals "$(config .StopSignal instructions) $(config .User instructions)" '"SIGINT" "65534:65534"'
}

@test "cpp" {
    needs_debian
    built cpp --network host
    run ours run cpp
    says 29
    equals "$(layers cpp | wc -l)" 1
}

@test "python" {
    needs_debian
    built python --network host
    run ours run python sh -c 'python3 app.py & for i in 1 2 3 4 5 6 7 8 9; do
        python3 -c "import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8000/\").read().decode())" 2>/dev/null && break
        sleep 0.3; done'
    says "You are visitor 1."
    equals "$(config .User python)" '"65534:65534"'
    # The cache mounts are not in it.
    equals "$(ours run python sh -c 'ls /var/cache/apt | grep -c deb' || true)" 0
}

@test "nginx" {
    needs_debian
    built nginx --network host
    run ours run nginx nginx -t
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run ours run nginx sh -c '/docker-entrypoint.sh nginx; for i in 1 2 3 4 5 6 7 8 9; do [ -e /run/nginx.pid ] && break; sleep 0.2; done; bash -c "exec 3<>/dev/tcp/127.0.0.1/80; printf \"GET / HTTP/1.0\r\n\r\n\" >&3; cat <&3"'
    says "200 OK"
}
