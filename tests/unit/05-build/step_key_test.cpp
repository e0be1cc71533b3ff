#include "05-build/step_key.hpp"

#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("a key is its inputs, each with its borders") {
    StepKey one{{{"a", "bc"}}}, other{{{"ab", "c"}}};
    CHECK(one.digest() == StepKey{{{"a", "bc"}}}.digest());
    CHECK_FALSE(one.digest() == other.digest());
    CHECK_FALSE(StepKey{{{"a", "b"}, {"c", "d"}}}.digest() ==
                StepKey{{{"a", "b1:c"}, {"", "d"}}}.digest());
}

TEST_CASE("the first difference is named, and its values if they are short") {
    StepKey before{{{"the command", "make"}, {"ARG V", "1"}, {"layer 1", "x"}}};
    StepKey now = before;
    CHECK(first_difference(before, now).empty());
    now.inputs[2].value = "y";
    CHECK(first_difference(before, now) == "layer 1 is \"y\", it was \"x\"");
    now.inputs[1].value = "2";
    CHECK(first_difference(before, now) == "ARG V is \"2\", it was \"1\"");
    now.inputs[1].name = "ARG W";
    CHECK(first_difference(before, now) == "ARG W is new");
    now.inputs = {before.inputs[0], before.inputs[2]};
    CHECK(first_difference(before, now) == "ARG V is gone");
    now.inputs[0].value = std::string(100, 'x');
    CHECK(first_difference(before, now) == "the command has changed");
    StepKey file{{{"file a", Digest::of("1").text()}}};
    StepKey changed{{{"file a", Digest::of("2").text()}}};
    CHECK(first_difference(file, changed) == "file a has changed");
}
