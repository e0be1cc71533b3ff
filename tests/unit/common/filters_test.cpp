#include "common/filters.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("filters: one value of each key, and all labels") {
    Filters filters({"name", "label", "label!", "dangling"});
    CHECK(filters.empty());
    CHECK(filters.pattern("name", "anything"));
    filters.add("name=we");
    filters.add("name=^app$");
    CHECK(filters.pattern("name", "web"));
    CHECK(filters.pattern("name", "app"));
    CHECK_FALSE(filters.pattern("name", "apps"));
    filters.add("label=a");
    filters.add("label=b=c=d");
    CHECK(filters.labels("label", {{"a", "x"}, {"b", "c=d"}}));
    CHECK_FALSE(filters.labels("label", {{"a", "x"}, {"b", "c"}}));
    CHECK_FALSE(filters.labels("label", {{"b", "c=d"}}));
    filters.add("label!=no");
    CHECK(filters.labels("label", {{"a", "x"}, {"b", "c=d"}}));
    CHECK_FALSE(
        filters.labels("label", {{"a", "x"}, {"b", "c=d"}, {"no", ""}}));
    CHECK(filters.truth("dangling", true));
    filters.add("dangling=0");
    CHECK_FALSE(filters.truth("dangling", true));
    filters.add("dangling=maybe");
    CHECK_THROWS_AS(filters.truth("dangling", true), Error);
}

TEST_CASE("filters that make no sense are refused") {
    Filters filters({"name"});
    CHECK_THROWS_AS(filters.add("name"), Error);
    CHECK_THROWS_AS(filters.add("nmae=x"), Error);
    CHECK_THROWS_AS(filters.add("=x"), Error);
}

TEST_CASE("a pattern is an expression, or itself") {
    CHECK(matches_pattern("^/web$", "/web"));
    CHECK(matches_pattern("w.b", "web"));
    CHECK(matches_pattern("[", "a[b"));
    CHECK_FALSE(matches_pattern("[", "ab"));
}
