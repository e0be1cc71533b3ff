#include "06-engine/cli/life_options.hpp"
#include "06-engine/cli/option_text.hpp"
#include "06-engine/cli/security_options.hpp"
#include "common/files.hpp"
#include "unit/06-cli/refusal.hpp"

using namespace slipway;
using Texts = std::vector<std::string>;

TEST_CASE("option --cap-add: one spelling of each name") {
    for (std::string text :
         {"net_admin", "NET_ADMIN", "CAP_NET_ADMIN", "cap_net_admin"})
        CHECK(parse_capability("--cap-add", text) == "CAP_NET_ADMIN");
    CHECK(parse_capability("--cap-drop", "all") == "ALL");
    CHECK_THAT(refusal([] { parse_capability("--cap-add", "NET_ADMN"); }),
               ContainsSubstring("did you mean CAP_NET_ADMIN?"));
    CHECK_FALSE(refusal([] { parse_capability("--cap-add", ""); }).empty());
}

TEST_CASE("option --isolation: a level of the course") {
    for (std::string text : {"", "default", "full", "FULL"})
        CHECK(parse_isolation(text).empty());
    CHECK(parse_isolation("chroot") == "chroot");
    CHECK(parse_isolation("+ns") == "namespaces");
    CHECK(parse_isolation("+cgroups") == "cgroups");
    CHECK_THAT(refusal([] { parse_isolation("chrot"); }),
               ContainsSubstring("did you mean chroot?"));
    CHECK_THAT(refusal([] { parse_isolation("hyperv"); }),
               ContainsSubstring("Windows"));
}

TEST_CASE("words for namespaces") {
    Texts pid = {"host", "container:", "private", ""};
    CHECK(parse_mode("--pid", "host", pid) == "host");
    CHECK(parse_mode("--pid", "container:web", pid) == "container:web");
    CHECK(parse_mode("--pid", "private", pid).empty());
    CHECK(parse_mode("--ipc", "private", {"private"}) == "private");
    for (std::string text : {"container:", "container", "hos"})
        CHECK_THAT(refusal([&] { parse_mode("--pid", text, pid); }),
                   ContainsSubstring("host, container:NAME, private"));
}

TEST_CASE("option --security-opt: what it means") {
    HostConfig host;
    add_security_option(host, "no-new-privileges");
    CHECK(host.security_options == Texts{"no-new-privileges"});
    add_security_option(host, "no-new-privileges:true");
    CHECK(host.security_options == Texts{"no-new-privileges"});
    add_security_option(host, "no-new-privileges=false");
    CHECK(host.security_options.empty());
    add_security_option(host, "systempaths=unconfined");
    CHECK(host.security_options == Texts{"systempaths=unconfined"});
    add_security_option(host, "seccomp=unconfined");
    CHECK(host.seccomp_profile == "unconfined");
    add_security_option(host, "seccomp=builtin");
    CHECK(host.seccomp_profile.empty());
    add_security_option(host, "apparmor=unconfined");
    add_security_option(host, "label:disable");
    CHECK(host.security_options == Texts{"systempaths=unconfined"});
}

TEST_CASE("option --security-opt: a profile is read, and checked") {
    TempDir dir("profile");
    std::string path = dir.path() + "/profile.json";
    write_file_atomic(path, "{ \"defaultAction\": \"SCMP_ACT_ALLOW\" }");
    HostConfig host;
    add_security_option(host, "seccomp=" + path);
    CHECK(host.seccomp_profile == "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
    write_file_atomic(path, "{ \"defaultAction\": \"SCMP_ACT_PERHAPS\" }");
    CHECK_THAT(refusal([&] { add_security_option(host, "seccomp=" + path); }),
               ContainsSubstring("defaultAction"));
    CHECK_THAT(refusal([&] { add_security_option(host, "seccomp=/no/such"); }),
               ContainsSubstring("/no/such"));
}

TEST_CASE("option --security-opt: what is refused") {
    HostConfig host;
    struct Row {
        std::string text, reason;
    };
    Row row =
        GENERATE(Row{"", "no such option"}, Row{"nonewprivileges", "no such"},
                 Row{"seccomp", "no such"}, Row{"seccomp=", "no such"},
                 Row{"systempaths=x", "no such"},
                 Row{"no-new-privileges=x", "neither true"},
                 Row{"apparmor=docker-default", "no AppArmor"},
                 Row{"label=type:x", "no SELinux"},
                 Row{"writable-cgroups=true", "writable"});
    CHECK_THAT(refusal([&] { add_security_option(host, row.text); }),
               ContainsSubstring(row.reason));
}

TEST_CASE("option --restart: policies") {
    CHECK(parse_restart("no") == RestartPolicy{});
    CHECK(parse_restart("") == RestartPolicy{});
    CHECK(parse_restart("always") == RestartPolicy{"always", 0});
    CHECK(parse_restart("on-failure:3") == RestartPolicy{"on-failure", 3});
    struct Row {
        std::string text, reason;
    };
    Row row =
        GENERATE(Row{"allways", "did you mean always?"},
                 Row{"on-failure:", "is no number"},
                 Row{"on-failure:-1", "is no number"},
                 Row{"always:3", "on-failure only"}, Row{":3", "no such"});
    CHECK_THAT(refusal([&] { parse_restart(row.text); }),
               ContainsSubstring(row.reason));
}

TEST_CASE("option --log-driver and --log-opt") {
    HostConfig host;
    host.log_options = {{"max-size", "10m"},
                        {"max-file", "3"},
                        {"compress", "true"},
                        {"labels", "a,b"},
                        {"mode", "non-blocking"}};
    CHECK_NOTHROW(check_log(host));
    struct Row {
        std::string driver, key, value, reason;
    };
    Row row =
        GENERATE(Row{"syslog", "", "", "not supported"},
                 Row{"none", "max-size", "1m", "no options"},
                 Row{"json-file", "max-sise", "1m", "did you mean max-size?"},
                 Row{"json-file", "max-size", "x", "size"},
                 Row{"json-file", "max-size", "0", "it is 0"},
                 Row{"json-file", "max-size", "-1", "size"},
                 Row{"json-file", "max-file", "0", "from 1 on"},
                 Row{"json-file", "compress", "y", "neither"},
                 Row{"json-file", "mode", "fast", "blocking"});
    host.log_driver = row.driver;
    host.log_options.clear();
    if (!row.key.empty()) host.log_options[row.key] = row.value;
    CHECK_THAT(refusal([&] { check_log(host); }),
               ContainsSubstring(row.reason));
}

TEST_CASE("option --attach, times") {
    CHECK(parse_stream("STDIN") == "stdin");
    CHECK_FALSE(refusal([] { parse_stream("out"); }).empty());
    CHECK(parse_span("--x", "1m30.5s") == 90'500'000'000);
    CHECK(parse_span("--x", "0") == 0);
    for (std::string text : {"", "1", "-1s", "1x", "s"})
        CHECK_FALSE(refusal([&] { parse_span("--x", text); }).empty());
}
