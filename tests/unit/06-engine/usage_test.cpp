#include "06-engine/engine/usage.hpp"

#include <nlohmann/json.hpp>

#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("traffic of all links but lo") {
    Traffic traffic = parse_traffic(
        "Inter-|   Receive                            |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|"
        "bytes    packets errs drop fifo colls carrier compressed\n"
        "    lo:    1000       1    0    0    0     0          0         0 "
        "    2000       1    0    0    0     0       0          0\n"
        "  eth0:     806      10    0    0    0     0          0         0 "
        "       5       1    0    0    0     0       0          0\n"
        "eth1:4 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0\n");
    CHECK(traffic.received == 810);
    CHECK(traffic.sent == 11);
    CHECK(parse_traffic("eth0: 1 2\nx").received == 0);
}

TEST_CASE("bytes of disks, in either form") {
    BlockBytes one = parse_block_bytes(
        "8:0 Read 100\n8:0 Write 20\n8:0 Sync 1\n8:16 Read 3\nTotal 124\n");
    CHECK(one.read == 103);
    CHECK(one.written == 20);
    BlockBytes two = parse_block_bytes(
        "8:0 rbytes=100 wbytes=20 rios=1\n253:0 rbytes=3 wbytes=0\n");
    CHECK(two.read == 103);
    CHECK(two.written == 20);
    CHECK(parse_block_bytes("").read == 0);
}

TEST_CASE("a share of a processor is seen between two looks") {
    Usage before{.at_ns = 1'000'000'000, .cpu_ns = 500};
    Usage now{.at_ns = 2'000'000'000, .cpu_ns = 250'000'500};
    CHECK(processor_percent(before, now) == 25);
    now.cpu_ns = 2'000'000'500;
    CHECK(processor_percent(before, now) == 200);
    CHECK(processor_percent(now, before) == 0);
    CHECK(processor_percent(before, before) == 0);
}

TEST_CASE("usage in Docker's columns") {
    Usage before{.at_ns = 1, .cpu_ns = 0};
    Usage now{.at_ns = 1'000'000'001,
              .cpu_ns = 10'300'000,
              .memory = 600 << 10,
              .memory_limit = 64 << 20,
              .received = 1110,
              .sent = 0,
              .read = 0,
              .written = 0,
              .pids = 1};
    auto row = usage_row(std::string(64, 'a'), "web", false, before, now);
    CHECK(row["CPUPerc"] == "1.03%");
    CHECK(row["MemUsage"] == "600KiB / 64MiB");
    CHECK(row["MemPerc"] == "0.92%");
    CHECK(row["NetIO"] == "1.11kB / 0B");
    CHECK(row["BlockIO"] == "0B / 0B");
    CHECK(row["PIDs"] == "1");
    CHECK(row["ID"] == "aaaaaaaaaaaa");
    row = usage_row(std::string(64, 'a'), "web", true, {}, {});
    CHECK(row["MemUsage"] == "0B / 0B");
    CHECK(row["CPUPerc"] == "0.00%");
}

TEST_CASE("a container that does not run uses nothing") {
    Engine engine;
    engine.state = "/nowhere";
    CHECK_FALSE(read_usage(engine, "a", 0));
    CHECK_FALSE(read_usage(engine, "a", 1));
}
