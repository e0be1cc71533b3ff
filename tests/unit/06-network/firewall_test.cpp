#include "06-engine/network/firewall.hpp"

#include <linux/rtnetlink.h>

#include "06-engine/network/netlink.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("an element has its fields at multiples of four bytes") {
    // As `nft --debug=netlink add element` shows them.
    FirewallElement all =
        port_element({"tcp", "0.0.0.0", 8080, "172.17.0.2", 80});
    CHECK(all.set == "ports");
    CHECK(all.key == std::string("\x06\0\0\0\x1f\x90\0\0", 8));
    CHECK(all.value == std::string("\xac\x11\0\x02\0\x50\0\0", 8));
    FirewallElement one =
        port_element({"udp", "127.0.0.1", 53, "172.17.0.2", 5353});
    CHECK(one.set == "ports_at");
    CHECK(one.key == std::string("\x7f\0\0\1\x11\0\0\0\0\x35\0\0", 12));
    CHECK(port_element({"tcp", "::", 1, "fd00::2", 1}).set == "ports6");
    CHECK(port_element({"tcp", "fd00::1", 1, "fd00::2", 1}).key.size() == 24);
}

TEST_CASE("a network's elements follow what it is") {
    Network network{.id = std::string(64, 'a'),
                    .name = "blue",
                    .subnet = "10.1.0.0/24",
                    .gateway = "10.1.0.1"};
    auto sets = [&] {
        std::string names;
        for (const FirewallElement& each : network_elements(network))
            names += each.set + " ";
        return names;
    };
    CHECK(sets() == "bridges own same masqueraded ");
    network.internal = true;
    CHECK(sets() == "bridges own same internal ");
    network.internal = false;
    network.options = {
        {"com.docker.network.bridge.enable_icc", "false"},
        {"com.docker.network.bridge.enable_ip_masquerade", "false"}};
    network.subnet6 = "fd00:1::/64";
    CHECK(sets() == "bridges own own6 ");
    FirewallElement own6 = network_elements(network)[2];
    CHECK(own6.key_end.substr(0, 16) ==
          std::string("\xfd\0\0\1\0\0\0\0", 8) + std::string(8, '\xff'));
}

TEST_CASE("a host that was no router stays none") {
    CHECK(firewall_rules(false).find("no router") == std::string::npos);
    CHECK(firewall_rules(true).find("no router") != std::string::npos);
}

TEST_CASE("attributes are padded, nested and read back") {
    ifinfomsg link{};
    NetlinkMessage message;
    message.begin(RTM_NEWLINK, NLM_F_ACK, link).add_name(1, "lo").nest(2, [&] {
        message.add_number<std::uint8_t>(3, 7);
    });
    const std::string& bytes = message.bytes();
    REQUIRE(bytes.size() == 16 + sizeof link + 8 + 12);
    CHECK(static_cast<std::size_t>(bytes[0]) == bytes.size());
    auto attributes =
        read_attributes(std::string_view(bytes).substr(16 + sizeof link));
    CHECK(attributes[1] == std::string_view("lo\0", 3));
    auto inner = read_attributes(attributes[2]);
    CHECK(inner[3] == "\7");
    CHECK(read_number(inner, 3) == 7);
    CHECK(read_number(inner, 4) == 0);
    // Lengths that lie.
    CHECK(read_attributes(std::string_view("\xff\xff\1\0", 4)).empty());
    CHECK(read_attributes(std::string_view("\1\0\1\0", 4)).empty());
}
