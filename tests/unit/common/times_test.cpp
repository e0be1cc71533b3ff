#include "common/times.hpp"

#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("times are read and written as RFC 3339 has them") {
    CHECK(parse_time("1970-01-01T00:00:00Z") == 0);
    CHECK(parse_time("2024-05-01T12:34:56.789Z") == 1714566896);
    CHECK(parse_time("2024-05-01T14:34:56+02:00") == 1714566896);
    CHECK(parse_time("2024-05-01T05:04:56.5-07:30") == 1714566896);
    CHECK(parse_time("1969-12-31T23:59:59Z") == -1);
    CHECK(format_time(1714566896) == "2024-05-01T12:34:56Z");
    for (const char* text : {"", "now", "2024-05-01", "2024-05-01T12:34:56",
                             "2024-05-01T12:34:56.Z", "2024-05-01T12:34:56+2",
                             "2024-13-01T12:34:56Z", "2024-05-01T12:34:56Zx"})
        CHECK_FALSE(parse_time(text));
}

TEST_CASE("how long ago, in Docker's words") {
    auto ago = [](std::time_t seconds) { return time_ago(0, seconds); };
    CHECK(ago(0) == "Less than a second ago");
    CHECK(ago(1) == "1 second ago");
    CHECK(ago(59) == "59 seconds ago");
    CHECK(ago(60) == "About a minute ago");
    CHECK(ago(3599) == "59 minutes ago");
    CHECK(ago(3600) == "About an hour ago");
    CHECK(ago(47 * 3600) == "47 hours ago");
    CHECK(ago(48 * 3600) == "2 days ago");
    CHECK(ago(13 * 86400) == "13 days ago");
    CHECK(ago(14 * 86400) == "2 weeks ago");
    CHECK(ago(59 * 86400) == "8 weeks ago");
    CHECK(ago(60 * 86400) == "2 months ago");
    CHECK(ago(90 * 60) == "2 hours ago");  // Docker rounds hours
    CHECK(duration_text(119) == "About a minute");
    CHECK(duration_text(-5) == "Less than a second");
    CHECK(ago(90 * 86400) == "3 months ago");
    CHECK(ago(800L * 86400) == "2 years ago");
    CHECK(time_ago(100, 0) == "Less than a second ago");
}
