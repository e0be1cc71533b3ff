#include "06-engine/cli/moment.hpp"

#include <stdlib.h>
#include <time.h>

#include "common/error.hpp"
#include "common/scope_guard.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("moments: durations, seconds, dates with and without a zone") {
    constexpr std::int64_t s = 1'000'000'000, now = 1714567890 * s;
    auto moment = [&](const char* text) {
        return parse_moment("--since", text, now);
    };
    CHECK(moment("10m") == now - 600 * s);
    CHECK(moment("1h30m") == now - 5400 * s);
    CHECK(moment("1.5s") == now - 3 * s / 2);
    CHECK(moment("0") == 0);
    CHECK(moment("1714567890") == now);
    CHECK(moment("1714567890.25") == now + s / 4);
    CHECK(moment("2024-05-01T12:51:30Z") == now);
    CHECK(moment("2024-05-01T12:51:30.000000001z") == now + 1);
    CHECK(moment("2024-05-01T14:51:30+02:00") == now);
    CHECK(moment("2024-05-01T12:51Z") == now - 30 * s);
    CHECK(moment("2024-05-01T12Z") == now - 51 * 60 * s - 30 * s);

    ::setenv("TZ", "EST5EDT", 1);
    ScopeGuard restore([] {
        ::unsetenv("TZ");
        ::tzset();
    });
    ::tzset();
    CHECK(moment("2024-05-01T08:51:30") == now);
    CHECK(moment("2024-05-01") == moment("2024-05-01T00:00:00-04:00"));
    CHECK(moment("2024-01-01T00:00") == moment("2024-01-01T00:00:00-05:00"));
}

TEST_CASE("moments: what is none") {
    for (const char* wrong :
         {"", "yesterday", "2024-13-01T00:00:00Z", "2024-05-01T",
          "2024-05-01T1", "2024-05-01T12:5", "2024-05-01T12:51:30.Z", "1.2.3",
          "-5", "5 m", "99999999999999999999"})
        CHECK_THROWS_AS(parse_moment("--since", wrong, 0), Error);
}
