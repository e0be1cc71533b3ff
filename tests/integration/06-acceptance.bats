#!/usr/bin/env bats
# What lecture notes on Docker ask of it, line by line, without a daemon. The
# numbers are those of the list.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # scripts for the shell inside; bats.bash assigns

load helpers
load runtime
load images
load engine

setup_file() {
    setup_engine_file
    start_registry registry
    make_web_image
}
teardown_file() {
    stop_registries registry
    teardown_engine_file
}
teardown() { remove_containers; }

# A web server of busybox under nginx's name: what counts here is around it.
make_web_image() {
    mkdir "$BATS_FILE_TMPDIR/web"
    cat > "$BATS_FILE_TMPDIR/web/Dockerfile" <<'EOF'
FROM busybox
ARG GREETING=hello
ENV PORT=80
WORKDIR /srv/www
RUN echo "$GREETING from the container" > index.html
COPY about.html .
EXPOSE 80/tcp
ENTRYPOINT ["httpd", "-f", "-h", "/srv/www", "-p"]
CMD ["80"]
EOF
    echo about > "$BATS_FILE_TMPDIR/web/about.html"
    slipway build -q -t nginx:latest "$BATS_FILE_TMPDIR/web" > "$BATS_FILE_TMPDIR/web.id"
}
web() { printf %s "$BATS_FILE_TMPDIR/web"; }
page() { on_machine curl -sS --max-time 5 "http://$1/${2-}"; }
answers() { page "$@" > /dev/null 2>&1; }

@test "1: build -t, and the second time nothing is done" {
    runs 0 slipway build -t name --progress plain "$(web)"
    says "CACHED"
    says_not "DONE 0.0s RUN"
    runs 0 slipway image inspect -f '{{.Config.ExposedPorts}}' name
    says "80/tcp"
    runs 0 slipway build -q "$(web)"
    equals "$output" "$(cat "$BATS_FILE_TMPDIR/web.id")"
}

@test "2: buildx build --tag gives the same image" {
    runs 0 slipway buildx build -q --tag other "$(web)"
    equals "$output" "$(cat "$BATS_FILE_TMPDIR/web.id")"
}

@test "3, 16: push to a registry, pull from it" {
    local name=127.0.0.1:${registry##*:}/team/web:1
    slipway() { command slipway "$@" 3>&-; }  # the registry is on this machine
    slipway tag nginx "$name"
    runs 0 slipway push "$name"
    runs 0 slipway rmi "$name"
    runs 0 slipway pull "$name"
    runs 0 slipway image inspect -f '{{.Id}}' "$name"
    equals "$output" "$(cat "$BATS_FILE_TMPDIR/web.id")"
}

@test "4: run: output, and the exit code of the process" {
    runs 7 slipway run --rm busybox sh -c 'echo out; echo err >&2; exit 7'
    says out
    says err
    runs 125 slipway run --pull never nothing-here
    says 'nothing-here'
    runs 127 slipway run --rm busybox no-such-command
    runs 126 slipway run --rm busybox /etc
    slipway run -d --name killed busybox sleep 99
    slipway kill killed
    runs 0 slipway wait killed
    equals "$output" 137
}

@test "5: run -p 8080:80, reached by every address of the host" {
    slipway run -d --name web -p 8080:80 nginx:latest
    until_true answers 127.0.0.1:8080
    equals "$(page 127.0.0.1:8080)" "hello from the container"
    equals "$(page '[::1]:8080' about.html)" about
    equals "$(page "$(slipway network inspect -f '{{(index .IPAM.Config 0).Gateway}}' bridge):8080")" \
        "hello from the container"
    runs 0 slipway port web
    says "80/tcp -> 0.0.0.0:8080"
    runs 125 slipway run --name second -p 8080:80 nginx
    says "port is already allocated"
    says "web"
}

@test "6: stop, start: the same container with what it wrote" {
    slipway run -d --name kept busybox sh -c 'echo $$ >> /count; exec sleep 99'
    runs 0 slipway stop -t 1 kept
    runs 0 slipway ps -a --format '{{.Names}} {{.Status}}'
    says "kept Exited (137)"
    runs 0 slipway start kept
    two_lines() { [ "$(slipway exec kept cat /count | wc -l)" = 2 ]; }
    until_true two_lines
}

@test "7: ps, ps --all" {
    slipway run -d --name up -p 8090:80 nginx
    slipway run --name over busybox true
    runs 0 slipway ps
    [[ ${lines[0]} == "CONTAINER ID"*IMAGE*COMMAND*CREATED*STATUS*PORTS*NAMES ]]
    says up
    says "0.0.0.0:8090->80/tcp"
    says_not over
    runs 0 slipway ps --all
    says "Exited (0)"
    says over
}

@test "8: rm refuses what runs, without -f" {
    slipway run -d --name busy busybox sleep 99
    runs 1 slipway rm busy
    says "is running"
    runs 0 slipway rm -f busy
    runs 0 slipway ps -aq
    equals "$output" ""
}

@test "9: image ls, image rm" {
    slipway tag nginx spare
    runs 0 slipway image ls
    [[ ${lines[0]} == REPOSITORY*TAG*"IMAGE ID"*CREATED*SIZE ]]
    says spare
    runs 0 slipway image rm spare
    says "Untagged: spare:latest"
    slipway build -q -t single --build-arg GREETING=single "$(web)"
    slipway create --name uses single
    runs 1 slipway image rm single  # its only name
    says uses
}

@test "10: exec -it: a terminal, and its own exit code" {
    slipway run -d --name box busybox sleep 99
    runs 3 on_machine "$helpers/type_into.py" 'tty; hostname; echo $((6 * 7))|exit 3' \
        "$SLIPWAY_BIN/slipway" exec -it box sh
    says /dev/pts/0
    says 42
    says "$(slipway ps -q)"
    runs 5 on_machine "$helpers/type_into.py" 'exit 5' "$SLIPWAY_BIN/slipway" run -it --rm busybox
    runs 1 slipway exec -it box sh < /dev/null
    says "not a TTY"
}

@test "11: names are made up: an adjective and a surname" {
    slipway create busybox
    runs 0 slipway ps -a --format '{{.Names}}'
    [[ $output =~ ^[a-z]+_[a-z]+$ ]]
}

@test "12: layers are deltas" {
    runs 0 slipway history --format '{{.Size}} {{.CreatedBy}}' nginx
    says "6B COPY"
    says "0B ENV PORT=80"
}

@test "13: build arguments; EXPOSE; CMD is the entry point's arguments" {
    runs 0 slipway build -q --build-arg GREETING=moin -t moin "$(web)"
    runs 0 slipway run --rm --entrypoint cat moin index.html
    equals "$output" "moin from the container"
    slipway run -d --name other moin 81
    runs 0 slipway exec other sh -c 'until wget -qO- http://127.0.0.1:81/; do :; done'
    runs 0 slipway ps --format '{{.Ports}}'
    equals "$output" "80/tcp"
    slipway run -d --name all -P moin
    runs 0 slipway port all 80
    [[ $output =~ ^0\.0\.0\.0:[0-9]+ ]]
}

@test "15: the same image at each step of the course" {
    for level in chroot namespaces cgroups full; do
        runs 0 slipway run --rm --isolation "$level" busybox cat /etc/passwd
        says "root:x:0:0"
    done
}
