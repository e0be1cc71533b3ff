#include "03-cgroups/limits.hpp"

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("processors are time in each tenth of a second") {
    CHECK(parse_cpus("1", 2) == 100'000);
    CHECK(parse_cpus("0.5", 2) == 50'000);
    CHECK(parse_cpus("0.29", 2) == 29'000);  // 0.29 * 100000 < 29000
    CHECK(parse_cpus("2", 2) == 200'000);
    std::string text =
        GENERATE(as<std::string>{}, "", "0", "0.001", "2.1", "-1", "1e0", "one",
                 "1.", ".5", "inf", "nan", " 1", "1 ", "0x1");
    CHECK_THROWS_AS(parse_cpus(text, 2), Error);
}

TEST_CASE("lists of processors") {
    for (const char* text : {"0", "0-3", "0,2-3,7"})
        CHECK(parse_cpu_list(text) == text);
    std::string text = GENERATE(as<std::string>{}, "", ",", "0,", "3-1",
                                "1-2-3", "a", "-1", "1-", "0\n", "99999");
    CHECK_THROWS_AS(parse_cpu_list(text), Error);
}

TEST_CASE("disk rates name a block device") {
    auto kind = IoRate::Kind::ReadBytes;
    for (const char* text :
         {"", "/dev/null", ":1m", "/dev/null:1m", "/no/such:1m", "/:1m"})
        CHECK_THROWS_AS(parse_io_rate(kind, text), Error);
}

TEST_CASE("limits that contradict each other are refused") {
    CgroupLimits limits;
    check_limits(limits);
    limits.memory_swap = 10;
    CHECK_THROWS_WITH(check_limits(limits), ContainsSubstring("without"));
    limits.memory = 11;
    CHECK_THROWS_WITH(check_limits(limits), ContainsSubstring("smaller"));
    limits.memory_swap = -1;
    check_limits(limits);
    limits.memory_reservation = 12;
    CHECK_THROWS_WITH(check_limits(limits), ContainsSubstring("larger"));
}

TEST_CASE("device rules") {
    CHECK(parse_device_rule("a").text() == "a *:* rwm");
    for (const char* text : {"c 1:3 rwm", "b *:* m", "c 5:* rw", "a *:* r"})
        CHECK(parse_device_rule(text).text() == text);
    std::string text =
        GENERATE(as<std::string>{}, "", "c", "c 1:3", "d 1:3 r", "c 1 r",
                 "c 1:3 x", "c 1:3 ", "c  1:3 r", "c 1:3 r w", "cc 1:3 r",
                 "c -1:3 r", "c 1:99999999999 r");
    CHECK_THROWS_AS(parse_device_rule(text), Error);
}

TEST_CASE("sizes for people") {
    CHECK(format_size(0) == "0 B");
    CHECK(format_size(1023) == "1023 B");
    CHECK(format_size(1024) == "1 KiB");
    CHECK(format_size(1536) == "1.5 KiB");
    CHECK(format_size((1 << 20) - 1) == "1 MiB");
    CHECK(format_size(64 << 20) == "64 MiB");
    CHECK(format_size(UINT64_MAX) == "16 EiB");
}
