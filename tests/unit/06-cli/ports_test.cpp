#include "06-engine/cli/ports.hpp"

#include "unit/06-cli/refusal.hpp"

using namespace slipway;

TEST_CASE("option -p: what it means") {
    struct Row {
        std::string text;
        std::vector<PortBinding> ports;
    };
    Row row = GENERATE(
        Row{"80", {{80}}}, Row{"8080:80", {{80, "tcp", "", 8080}}},
        Row{":80", {{80}}}, Row{"0:80", {{80}}},
        Row{"8080:80/udp", {{80, "udp", "", 8080}}},
        Row{"8080:80/TCP", {{80, "tcp", "", 8080}}},
        Row{"127.0.0.1:8080:80", {{80, "tcp", "127.0.0.1", 8080}}},
        Row{"127.0.0.1::80", {{80, "tcp", "127.0.0.1"}}},
        Row{"[::1]:90:90", {{90, "tcp", "::1", 90}}},
        Row{"::1:90:90", {{90, "tcp", "::1", 90}}},
        Row{"[2001:db8::1]::53/udp", {{53, "udp", "2001:db8::1"}}},
        Row{"8000-8001:80-81", {{80, "tcp", "", 8000}, {81, "tcp", "", 8001}}},
        Row{"80-81", {{80}, {81}}},
        Row{"8000-8010:80", {{80, "tcp", "", 8000, 8010}}},
        Row{"65535:65535", {{65535, "tcp", "", 65535}}},
        Row{"target=80,published=8080,protocol=udp", {{80, "udp", "", 8080}}},
        Row{"target=80,mode=host", {{80}}});
    CHECK(parse_publish(row.text) == row.ports);
}

TEST_CASE("option -p: what is refused, and why") {
    struct Row {
        std::string text, reason;
    };
    Row row = GENERATE(
        Row{"", "container's port is missing"}, Row{"80:", "port is missing"},
        Row{"x", "\"x\" is no port"}, Row{"x:80", "\"x\" is no port"},
        Row{"65536", "\"65536\" is no port"}, Row{"-1", "is no port"},
        Row{"80-", "is no port"}, Row{"81-80", "ends before it begins"},
        Row{"0", "no port 0"}, Row{"8080:0", "no port 0"},
        Row{"8000-8002:80-81", "ranges of 3 and 2"},
        Row{"8000:80-81", "ranges of 1 and 2"},
        Row{"localhost:80:80", "\"localhost\" is no IP address"},
        Row{"1.2.3:80:80", "is no IP address"},
        Row{"[::1:80:80", "is no IP address"}, Row{"80/icmp", "is no protocol"},
        Row{"80/", "is no protocol"}, Row{"80/sctp", "not published"},
        Row{"80/tcp/udp", "is no protocol"},
        Row{"target=80,publish=8", "unknown field"}, Row{"a=b", "unknown"},
        Row{"published=80", "port is missing"}, Row{" 80", "is no port"},
        Row{"0x50", "is no port"});
    CHECK_THAT(refusal([&] { parse_publish(row.text); }),
               ContainsSubstring(row.reason));
}

TEST_CASE("option --expose takes ports and ranges, but no address") {
    std::set<std::string> ports;
    for (std::string text : {"80", "53/UDP", "8000-8002/tcp", "9/sctp"})
        add_exposed(ports, text);
    CHECK(ports == std::set<std::string>{"80/tcp", "53/udp", "8000/tcp",
                                         "8001/tcp", "8002/tcp", "9/sctp"});
    for (std::string text : {"", "0", "x", "80:80", "81-80", "80/icmp"})
        CHECK_THAT(refusal([&] { add_exposed(ports, text); }),
                   ContainsSubstring("--expose"));
}
