#include "06-engine/network/name_files.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

Endpoint endpoint() {
    Endpoint one;
    one.ip = "172.18.0.2";
    one.gateway = "172.18.0.1";
    return one;
}

const Network bridge{.id = "1", .name = "bridge"};
const Network blue{.id = "2",
                   .name = "blue",
                   .subnet = "172.18.0.0/16",
                   .gateway = "172.18.0.1"};
const Network host{.id = "3", .name = "host", .driver = "host"};

constexpr char host_file[] =
    "# comment\nnameserver 127.0.0.53\nnameserver 192.0.2.1\n"
    "nameserver fe80::1%eth0\nsearch example.org\toffice\noptions edns0\n";

}  // namespace

TEST_CASE("/etc/hosts has the container and what was added") {
    std::string text =
        hosts_file({endpoint()}, "web", "example.org",
                   {"db:10.0.0.7", "me=host-gateway", "six:[fd00::7]"});
    CHECK(text.starts_with("127.0.0.1\tlocalhost\n::1\tlocalhost"));
    CHECK(text.find("10.0.0.7\tdb\n") != std::string::npos);
    CHECK(text.find("172.18.0.1\tme\n") != std::string::npos);
    CHECK(text.find("fd00::7\tsix\n") != std::string::npos);
    CHECK(text.ends_with("172.18.0.2\tweb.example.org web\n"));
    CHECK(hosts_file({endpoint()}, "a.b", "", {})
              .ends_with("172.18.0.2\ta.b a\n"));
    for (const char* bad : {"db", "db:", ":1.2.3.4", "db:1.2.3", "a b:1.2.3.4"})
        CHECK_THROWS_AS(hosts_file({}, "web", "", {bad}), Error);
}

TEST_CASE("/etc/resolv.conf: the host's servers, but not its loopback") {
    CHECK(resolv_conf({bridge}, host_file, {}) ==
          "nameserver 192.0.2.1\nsearch example.org office\noptions edns0\n");
    CHECK(resolv_conf({host}, host_file, {}) == host_file);
    CHECK(resolv_conf({bridge}, "nameserver 127.0.0.1\n", {}) ==
          "nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
    CHECK(
        resolv_conf({bridge}, host_file, {{"127.0.0.9"}, {"."}, {"ndots:3"}}) ==
        "nameserver 127.0.0.9\noptions ndots:3\n");
}

TEST_CASE("/etc/resolv.conf: a network with names has a server of its own") {
    CHECK(resolv_conf({bridge, blue}, host_file, {{"192.0.2.9"}, {}, {}}) ==
          "nameserver 172.18.0.1\nsearch example.org office\n"
          "options edns0 ndots:0\n");
}
