#include "common/numbers.hpp"

#include <limits>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("parse_unsigned takes digits and nothing else") {
    CHECK(parse_unsigned("0", 10) == 0U);
    CHECK(parse_unsigned("007", 10) == 7U);
    CHECK(parse_unsigned("18446744073709551615", UINT64_MAX) == UINT64_MAX);
    std::string text =
        GENERATE(as<std::string>{}, "", " 1", "1 ", "+1", "-1", "0x10", "1.0",
                 "1e3", "11", "18446744073709551616", "99999999999999999999");
    CHECK_FALSE(parse_unsigned(text, 10));
}

TEST_CASE("parse_size reads what Docker reads") {
    using Case = std::pair<std::string, std::uint64_t>;
    auto [text, bytes] = GENERATE(
        Case{"0", 0}, Case{"42", 42}, Case{"42b", 42}, Case{"1k", 1024},
        Case{"1K", 1024}, Case{"1kb", 1024}, Case{"1KiB", 1024},
        Case{"512m", 512ULL << 20}, Case{"1g", 1ULL << 30},
        Case{"2t", 2ULL << 40}, Case{"1p", 1ULL << 50}, Case{"64 KiB", 65536},
        Case{"1.5g", 3ULL << 29}, Case{"0.1g", 107374182}, Case{"0.5b", 0},
        Case{"9223372036854775807", 9223372036854775807ULL});
    CHECK(parse_size(text) == bytes);
}

TEST_CASE("parse_size refuses the rest and says what is wrong") {
    using Case = std::pair<std::string, std::string>;
    auto [text, reason] = GENERATE(
        Case{"", "begin with a digit"}, Case{"-1", "begin with a digit"},
        Case{"m", "begin with a digit"}, Case{"1.", "follows the point"},
        Case{"1.m", "follows the point"}, Case{"1x", "unknown unit \"x\""},
        Case{"1mm", "unknown unit"}, Case{"1  m", "unknown unit"},
        Case{"1m ", "unknown unit"}, Case{"1,5g", "unknown unit"},
        Case{"8192p", "too large"}, Case{"9223372036854775808", "too large"},
        Case{"99999999999999999999999", "too large"});
    CHECK_THROWS_WITH(parse_size(text), ContainsSubstring(reason));
    CHECK_THROWS_AS(parse_size(text), Error);
}

TEST_CASE("sizes as Docker's columns have them") {
    CHECK(decimal_size(0) == "0B");
    CHECK(decimal_size(1982312, 3) == "1.98MB");
    CHECK(decimal_size(1982312) == "1.982MB");
    CHECK(decimal_size(806) == "806B");
    CHECK(decimal_size(1110) == "1.11kB");
    CHECK(decimal_size(12'345'678'901, 3) == "12.3GB");
    CHECK(binary_size(316 << 10) == "316KiB");
    CHECK(binary_size(25276510208) == "23.54GiB");
    CHECK(binary_size(64 << 20) == "64MiB");
}
