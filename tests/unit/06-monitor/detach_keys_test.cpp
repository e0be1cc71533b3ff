#include "06-engine/monitor/detach_keys.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("detach keys: Docker's grammar") {
    CHECK(parse_detach_keys("") == "\x10\x11");
    CHECK(parse_detach_keys("ctrl-p,ctrl-q") == "\x10\x11");
    CHECK(parse_detach_keys("ctrl-a") == "\x01");
    CHECK(parse_detach_keys("a,b,C") == "abC");
    CHECK(parse_detach_keys("ctrl-@") == std::string(1, '\0'));
    CHECK(parse_detach_keys("ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_") ==
          "\x1b\x1c\x1d\x1e\x1f");
    CHECK(parse_detach_keys("DEL") == "\x7f");
    for (const char* wrong :
         {"ctrl-A", "ctrl-1", "ctrl-", "ctrl-pp", "ab", "a,", ",", "a,,b"})
        CHECK_THROWS_AS(parse_detach_keys(wrong), Error);
}

TEST_CASE("detach keys: found in what is typed, at once or key by key") {
    DetachKeys keys(parse_detach_keys(""));
    auto typed = keys.filter("ls\x10\x11rest");
    CHECK(typed.detach);
    CHECK(typed.passed == "ls");

    DetachKeys slow(parse_detach_keys(""));
    CHECK(slow.filter("\x10").passed.empty());
    CHECK(slow.filter("\x11").detach);
}

TEST_CASE("detach keys: what only began like them is passed on") {
    DetachKeys keys(parse_detach_keys("a,a,b"));
    CHECK(keys.filter("a").passed.empty());
    CHECK(keys.filter("x").passed == "ax");
    auto typed = keys.filter("aaab");
    CHECK(typed.passed == "a");
    CHECK(typed.detach);
}
