#include "06-engine/network/leases.hpp"

#include <filesystem>

#include "06-engine/network/network_store.hpp"
#include "06-engine/network/port_records.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

const Network blue{
    .id = "b", .name = "blue", .subnet = "10.1.0.0/29", .gateway = "10.1.0.1"};

Endpoint endpoint(const std::string& ip) {
    return {.id = "1",
            .network = "blue",
            .network_id = "b",
            .container = "c",
            .name = "web",
            .ip = ip,
            .gateway = "10.1.0.1",
            .prefix = 29,
            .aliases = {"www", "site"},
            .dns_names = {"web", "www", "site"}};
}

}  // namespace

TEST_CASE("leases are read as they were written") {
    NetworkLeases leases{true, {endpoint("10.1.0.2"), endpoint("10.1.0.3")}};
    leases.endpoints[1].ip6 = "fd00::3";
    NetworkLeases read = parse_leases(leases_text(leases));
    CHECK(read.internal);
    CHECK(read.endpoints == leases.endpoints);
    // A later version's words, and a line that was cut off.
    CHECK(parse_leases("network blue\nother x\nendpoint ip=1.2.3.4 new=1 x")
              .endpoints[0]
              .ip == "1.2.3.4");
    CHECK(parse_leases("").endpoints.empty());
}

TEST_CASE("the lowest free address is given") {
    CHECK(choose_address(blue, {}, "").text() == "10.1.0.2");
    CHECK(choose_address(blue, {endpoint("10.1.0.2"), endpoint("10.1.0.4")}, "")
              .text() == "10.1.0.3");
    std::vector<Endpoint> all;
    for (int last = 2; last < 7; ++last)
        all.push_back(endpoint("10.1.0." + std::to_string(last)));
    CHECK_THROWS_AS(choose_address(blue, all, ""), Error);
    all.erase(all.begin() + 3);
    CHECK(choose_address(blue, all, "").text() == "10.1.0.5");
}

TEST_CASE("an address that is asked for is given, or refused with the reason") {
    CHECK(choose_address(blue, {}, "10.1.0.6").text() == "10.1.0.6");
    auto kind = [&](const std::string& wanted) {
        try {
            choose_address(blue, {endpoint("10.1.0.2")}, wanted);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::System;
    };
    CHECK(kind("10.1.0.2") == ErrorKind::Conflict);
    CHECK(kind("10.1.0.1") == ErrorKind::Conflict);  // the gateway
    CHECK(kind("10.1.0.0") == ErrorKind::Conflict);
    CHECK(kind("10.1.0.7") == ErrorKind::Conflict);  // broadcast
    CHECK(kind("10.1.0.8") == ErrorKind::InvalidArgument);
    CHECK(kind("ten") == ErrorKind::InvalidArgument);
}

TEST_CASE("a network with nobody on it has no file") {
    TempDir folder("leases");
    NetworkStore store{folder.path(), folder.path()};
    UniqueFd lock = lock_state(store);
    write_leases(store, "blue", {false, {endpoint("10.1.0.2")}});
    CHECK(names_in_state(store, "endpoints") ==
          std::vector<std::string>{"blue"});
    CHECK(read_leases(store, "blue").endpoints.size() == 1);
    write_leases(store, "blue", {});
    CHECK(names_in_state(store, "endpoints").empty());
    CHECK(read_leases(store, "blue").endpoints.empty());
    write_leases(store, "blue", {});
}

TEST_CASE("port records are read as they were written, nonsense left out") {
    PortRecord record{{{"tcp", "0.0.0.0", 8080, "172.17.0.2", 80},
                       {"udp", "::", 53, "172.17.0.2", 5353}}};
    CHECK(parse_port_record(port_record_text(record)).rules == record.rules);
    CHECK(
        parse_port_record("tcp 0.0.0.0 99999 1.2.3.4 80\nx\n\n").rules.empty());
    // From IPv6 to IPv4 there is no rule.
    CHECK(port_elements(record).size() == 1);
}
