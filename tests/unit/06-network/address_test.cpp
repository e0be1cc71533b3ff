#include "06-engine/network/address.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("an IPv4 address is four decimal numbers and nothing else") {
    CHECK(parse_ipv4("172.17.0.2")->value == 0xac110002);
    CHECK(parse_ipv4("255.255.255.255")->text() == "255.255.255.255");
    for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4",
                             "1.2.3.4 ", "01.2.3.4", "1..3.4", "0x1.2.3.4"}) {
        CAPTURE(text);
        CHECK(!parse_ipv4(text));
    }
    CHECK(is_ipv6("fd00::1"));
    CHECK(!is_ipv6("1.2.3.4"));
}

TEST_CASE("a subnet has its addresses") {
    Subnet subnet = parse_subnet("172.30.9.7/16");
    CHECK(subnet.text() == "172.30.0.0/16");
    CHECK(subnet.last().text() == "172.30.255.255");
    CHECK(subnet.contains(*parse_ipv4("172.30.1.2")));
    CHECK(!subnet.contains(*parse_ipv4("172.31.0.0")));
    CHECK(subnet.overlaps(parse_subnet("172.30.4.0/24")));
    CHECK(parse_subnet("172.30.4.0/24").overlaps(subnet));
    CHECK(!subnet.overlaps(parse_subnet("172.29.0.0/16")));
    CHECK(parse_subnet("0.0.0.0/0").contains({~0U}));
    for (const char* text : {"", "172.30.0.0", "172.30.0.0/33", "x/8", "/8"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_subnet(text), Error);
    }
}
