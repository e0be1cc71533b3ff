#include "06-engine/cli/network_option.hpp"

#include "unit/06-cli/refusal.hpp"

using namespace slipway;
using Texts = std::vector<std::string>;

TEST_CASE("option --network: a name, or fields") {
    struct Row {
        std::string text;
        NetworkRequest network;
    };
    Row row = GENERATE(Row{"front", {.network = "front"}},
                       Row{"default", {.network = "bridge"}},
                       Row{"container:web", {.network = "container:web"}},
                       Row{"name=front", {.network = "front"}},
                       Row{"name=front,alias=a,alias=b,ip=10.0.0.5,ip6=fd00::5,"
                           "mac-address=02-42-AC-11-00-02,driver-opt=k=v=w",
                           {.network = "front",
                            .aliases = {"a", "b"},
                            .ip = "10.0.0.5",
                            .ip6 = "fd00::5",
                            .mac = "02:42:ac:11:00:02",
                            .driver_options = {{"k", "v=w"}}}});
    CHECK(parse_network_option(row.text) == row.network);
    struct Bad {
        std::string text, reason;
    };
    Bad bad = GENERATE(
        Bad{"", "name is missing"}, Bad{"alias=a", "name is missing"},
        Bad{"name=a,b", "no KEY=VALUE"}, Bad{"name=", "no KEY=VALUE"},
        Bad{"name=a,foo=b", "unknown field"}, Bad{"name=a,ip=x", "no IPv4"},
        Bad{"name=a,ip=::1", "no IPv4"}, Bad{"name=a,ip6=1.2.3.4", "no IPv6"},
        Bad{"name=a,driver-opt=k", "KEY=VALUE"}, Bad{"container:", "whose"},
        Bad{"name=a,gw-priority=1", "not supported"});
    CHECK_THAT(refusal([&] { parse_network_option(bad.text); }),
               ContainsSubstring(bad.reason));
}

TEST_CASE("option --add-host: name and address, with : or =") {
    struct Row {
        std::string text, result;
    };
    Row row = GENERATE(Row{"a:1.2.3.4", "a:1.2.3.4"},
                       Row{"a=1.2.3.4", "a:1.2.3.4"}, Row{"a:::1", "a:::1"},
                       Row{"a=::1", "a:::1"}, Row{"a:[::1]", "a:::1"},
                       Row{"a=[2001:db8::1]", "a:2001:db8::1"},
                       Row{"a:host-gateway", "a:host-gateway"});
    CHECK(parse_add_host(row.text) == row.result);
    for (std::string text :
         {"", "a", "a:", ":1.2.3.4", "a:b", "a b:1.2.3.4", "a:1.2.3"})
        CHECK_THAT(refusal([&] { parse_add_host(text); }),
                   ContainsSubstring("--add-host"));
}

TEST_CASE("option --mac-address: all of its spellings") {
    for (std::string text :
         {"02:42:ac:11:00:02", "02-42-AC-11-00-02", "0242.ac11.0002"})
        CHECK(parse_mac(text) == "02:42:ac:11:00:02");
    for (std::string text :
         {"", "02:42:ac:11:00", "02:42:ac:11:00:0g", "02:42-ac:11:00:02",
          "0242ac110002", "02:42:ac:11:00:02:03", "01:00:5e:00:00:01",
          "0242:ac11:0002", "024.2ac.110.02"})
        CHECK_THAT(refusal([&] { parse_mac(text); }),
                   ContainsSubstring("--mac-address"));
}

TEST_CASE("option --dns, --dns-search, --hostname, --link") {
    CHECK(parse_ip_option("--dns", " 1.1.1.1 ") == "1.1.1.1");
    CHECK_FALSE(refusal([] { parse_ip_option("--dns", "one"); }).empty());
    CHECK(parse_dns_search("example.org") == "example.org");
    CHECK(parse_dns_search(".") == ".");
    for (const std::string& text :
         Texts{"", ".a", "a..b", "-a", "a b", "a/b", std::string(256, 'a')})
        CHECK_THAT(refusal([&] { parse_dns_search(text); }),
                   ContainsSubstring("--dns-search"));
    CHECK(parse_host_name("--hostname", "web-1.example") == "web-1.example");
    CHECK(parse_host_name("--hostname", std::string(64, 'a')).size() == 64);
    for (const std::string& text :
         Texts{"-a", ".a", "a b", "a/b", "a\n", std::string(65, 'a')})
        CHECK_THAT(refusal([&] { parse_host_name("--hostname", text); }),
                   ContainsSubstring("--hostname"));
    CHECK(parse_link("db") == "db:db");
    CHECK(parse_link("db:data") == "db:data");
    for (const std::string& text : Texts{"", ":a", "a:", "a:b:c"})
        CHECK_THAT(refusal([&] { parse_link(text); }),
                   ContainsSubstring("--link"));
}
