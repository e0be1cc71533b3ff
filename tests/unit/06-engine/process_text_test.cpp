#include "06-engine/engine/process_text.hpp"

#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("a process, written for another runtime, is read as it was") {
    ProcessSpec process;
    process.terminal = true;
    process.user = {1000, 100, {5, 6}};
    process.args = {"sh", "-c", "echo \"$A\""};
    process.env = {"PATH=/bin", "A=b c"};
    process.cwd = "/tmp";
    process.capabilities = CapabilitySets{0x21, 0x20, 0, 0x20, 0};
    process.rlimits = {{"RLIMIT_NOFILE", 7, 10, 20}};
    process.no_new_privileges = true;

    ProcessSpec read = parse_process(process_text(process));
    CHECK(read.terminal);
    CHECK(read.user.uid == 1000);
    CHECK(read.user.gid == 100);
    CHECK(read.user.groups == process.user.groups);
    CHECK(read.args == process.args);
    CHECK(read.env == process.env);
    CHECK(read.cwd == "/tmp");
    CHECK(read.capabilities == process.capabilities);
    REQUIRE(read.rlimits.size() == 1);
    CHECK(read.rlimits[0].hard == 20);
    CHECK(read.no_new_privileges);
}
