#!/usr/bin/env bats
# step4-images and registries: in the clear, with TLS, with passwords, with
# tokens. The registry is Debian's, the second opinion skopeo's.
# shellcheck disable=SC2154 # images.bash and start_registry assign it

load helpers
load images

setup_file() {
    requires_root
    make_busybox_tar
    start_registry tls --tls
    start_registry basic --auth basic
    start_registry token --auth token
    start_registry both --tls --auth token
}
teardown_file() { stop_registries tls basic token both; }
setup() {
    remember_host
    export DOCKER_CONFIG=$BATS_TEST_TMPDIR/docker XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
    logins=$XDG_CONFIG_HOME/slipway/auth.json
}
teardown() { compare_host; }

# certs NAME: the folder with what registry NAME needs.
certs() { echo "$BATS_FILE_TMPDIR/$1/certs.d"; }
login() { # NAME [OPTION…]
    local name=$1 user=$1_user password=$1_password
    shift
    ours login "$@" -u "${!user}" --password-stdin "${!name}" <<< "${!password}"
}

# there_and_back IMAGE [OPTION…]: push it, pull it into another store, run it.
there_and_back() {
    local image=$1 digest
    shift
    ours push "$@" "$image"
    digest=$(digest_of "$image")
    local -x STORE=$BATS_TEST_TMPDIR/second
    ours pull "$@" "$image"
    [ "$(digest_of "$image")" = "$digest" ]
    [ "$(ours run "$image" echo here)" = here ]
}

@test "TLS: only with the authority's certificate" {
    import_busybox "$tls/app:1"
    runs 125 ours push "$tls/app:1"
    says "certificate"
    there_and_back "$tls/app:1" --certs "$(certs tls)"
    [ "$(digest_there --cert-dir "${tls_ca%/*}" "docker://$tls/app:1")" = "$(digest_of "$tls/app:1")" ]
}

@test "a password: none, a wrong one, the right one, forgotten" {
    import_busybox "$basic/app:1"
    runs 125 ours push "$basic/app:1"
    says "log in to $basic first"
    runs 125 ours login -u student --password-stdin "$basic" <<< wrong
    runs 0 login basic
    says "Login Succeeded"
    [ "$(stat -c %a "$logins")" = 600 ]
    there_and_back "$basic/app:1"
    [ "$(digest_there --creds "$basic_user:$basic_password" "docker://$basic/app:1")" = "$(digest_of "$basic/app:1")" ]
    # skopeo reads what our login wrote.
    skopeo inspect --tls-verify=false --authfile "$logins" "docker://$basic/app:1"
    runs 0 ours logout "$basic"
    runs 125 ours pull "$basic/app:1"
    runs 0 ours logout "$basic"
    says "Not logged in"
}

@test "our login reads what skopeo's wrote" {
    import_busybox "$basic/theirs:1"
    mkdir "$DOCKER_CONFIG"
    skopeo login --tls-verify=false --authfile "$DOCKER_CONFIG/config.json" \
        -u "$basic_user" -p "$basic_password" "$basic"
    ours push "$basic/theirs:1"
}

@test "tokens: what is public for all, the rest with a login" {
    import_busybox "$token/public/app:1"
    ours tag "$token/public/app:1" "$token/private/app:1"
    runs 125 ours push "$token/public/app:1"
    runs 125 ours push "$token/private/app:1"
    login token
    there_and_back "$token/public/app:1"
    there_and_back "$token/private/app:1"
    [ "$(digest_there "docker://$token/public/app:1")" = "$(digest_of "$token/public/app:1")" ]
    ours logout "$token"
    STORE=$BATS_TEST_TMPDIR/third ours pull "$token/public/app:1"
    STORE=$BATS_TEST_TMPDIR/third runs 125 ours pull "$token/private/app:1"
    says "are you logged in"
    runs 125 ours login -u student --password-stdin "$token" <<< wrong
}

@test "a token is asked for with no more than is needed" {
    import_busybox "$token/private/narrow:1"
    login token
    : > "$BATS_FILE_TMPDIR/token/tokens.log"
    ours push "$token/private/narrow:1"
    STORE=$BATS_TEST_TMPDIR/second ours pull "$token/private/narrow:1"
    local last
    last=$(tail -n 1 "$BATS_FILE_TMPDIR/token/tokens.log")
    [[ $last == *'"private/narrow", "actions": ["pull"]'* ]]
    # Not one for each layer.
    [ "$(wc -l < "$BATS_FILE_TMPDIR/token/tokens.log")" -le 4 ]
}

@test "tokens over TLS" {
    import_busybox "$both/private/app:1"
    login both --certs "$(certs both)"
    there_and_back "$both/private/app:1" --certs "$(certs both)"
    [ "$(digest_there --cert-dir "${both_ca%/*}" --creds "$both_user:$both_password" \
        "docker://$both/private/app:1")" = "$(digest_of "$both/private/app:1")" ]
}

@test "what is not there, and who is not there" {
    login basic
    runs 125 ours pull "$basic/nothing:1"
    says "nothing"
    runs 125 ours pull 127.0.0.1:1/any:1
    says "127.0.0.1:1"
    runs 125 ours push "$basic/never/had:1"
    runs 0 ours fsck
}
