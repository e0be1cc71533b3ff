#include "05-build/duration.hpp"

#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("durations as Go writes them") {
    struct Row {
        std::string text;
        std::int64_t nanoseconds;
    };
    constexpr std::int64_t second = 1'000'000'000;
    Row row = GENERATE(Row{"30s", 30 * second}, Row{"1m30s", 90 * second},
                       Row{"0", 0}, Row{"0s", 0}, Row{"1h", 3600 * second},
                       Row{"1.5s", 3 * second / 2}, Row{".5m", 30 * second},
                       Row{"1.s", second}, Row{"1ms", 1'000'000},
                       Row{"1us", 1'000}, Row{"1µs", 1'000}, Row{"1μs", 1'000},
                       Row{"7ns", 7}, Row{"-1s", -second}, Row{"+1s", second},
                       Row{"0.3333333333s", 333333333}, Row{"1.9ns", 1},
                       Row{"9223372036854775807ns", INT64_MAX},
                       Row{"0.100000000000000000000h", 360 * second});
    CAPTURE(row.text);
    CHECK(parse_duration(row.text) == row.nanoseconds);
}

TEST_CASE("what is no duration") {
    std::string text =
        GENERATE("", "s", "1", "1 s", "1x", "--1s", ".s", "1s2", "1,5s", "-",
                 "9223372036854775808ns", "3000000h", "1e3s", "1S");
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
}
