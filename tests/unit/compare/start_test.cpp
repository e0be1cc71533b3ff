#include "compare/start.hpp"

#include "common/environment.hpp"
#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using namespace slipway::compare;

namespace {

Command shell(const std::string& script) {
    Command command{{"sh", "-c", script}, clean_environment()};
    command.patience = std::chrono::seconds(1);
    return command;
}

}  // namespace

TEST_CASE("compare: who never stops talking is not waited for") {
    SignalForwarder signals;
    Started started = start(shell("yes"), nullptr, "@@ ", signals);
    CHECK(started.observed.timed_out);
    CHECK(started.observed.output.starts_with("y\ny\n"));
    CHECK_THROWS_AS(Neighbour(shell("yes"), -1, "@@ ", signals), Error);
}

TEST_CASE("compare: what is said last is heard, without an end of line, too") {
    SignalForwarder signals;
    Started started =
        start(shell("printf one; exit 3"), nullptr, "@@ ", signals);
    CHECK(started.status.code == 3);
    CHECK(started.observed.output == "one\n");
    CHECK_FALSE(started.observed.timed_out);
}
