#include "06-engine/monitor/monitor_plan.hpp"

#include "06-engine/monitor/exit_record.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("monitor plan: as arguments and back") {
    MonitorPlan plan;
    plan.id = "0123456789ab";
    plan.init = 4711;
    plan.in = 3;
    plan.out = 4;
    plan.err = 0;
    plan.listener = 6;
    plan.client = 7;
    plan.stdin_once = true;
    plan.log_path = "/a folder/x=y.log";
    plan.log_max_size = 0;
    plan.log_max_files = 1;
    plan.log_attributes = R"({"a":"="})";
    plan.exit_path = "/exit";
    plan.health.command = {"slipway", "internal", "health", ""};
    plan.health.interval_ms = 1;
    plan.health.start_period_ms = 2;
    plan.health.start_interval_ms = 3;
    plan.wait_ms = 60'000;
    plan.next = {"slipway", "internal", "ended", "0123456789ab"};

    MonitorPlan read = parse_monitor_arguments(monitor_arguments(plan));
    CHECK(monitor_arguments(read) == monitor_arguments(plan));
    CHECK(read.init == 4711);
    CHECK(read.err == 0);
    CHECK(read.terminal == -1);
    CHECK(read.stdin_once);
    CHECK(read.log_path == plan.log_path);
    CHECK(read.log_max_size == 0);
    CHECK(read.health.command == plan.health.command);
    CHECK(read.next == plan.next);
    CHECK(read.wait_ms == 60'000);
}

TEST_CASE("monitor plan: arguments that nobody wrote") {
    for (const char* wrong : {"init=x", "nonsense", "what=1", "in=-1", "wait="})
        CHECK_THROWS_AS(parse_monitor_arguments({"slipway-monitor", wrong}),
                        Error);
}

TEST_CASE("exit record: written, read, none, damaged") {
    TempDir folder("exit");
    std::string path = folder.path() + "/exit.json";
    CHECK_FALSE(read_exit_record(path));
    write_exit_record(path, 17, {3, 0});
    CHECK(read_exit_record(path)->code == 3);
    write_exit_record(path, 17, {0, 9});
    CHECK(read_exit_record(path)->exit_code() == 137);
    write_file_atomic(path, "{\"pid\":1");
    CHECK_THROWS_AS(read_exit_record(path), Error);
}
