#include "06-engine/engine/process_view.hpp"

#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/error.hpp"
#include "common/text.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using Texts = std::vector<std::string>;

namespace {

std::string titles(const Texts& options) {
    Texts names;
    for (const ProcessColumn& column : process_columns(options))
        names.push_back(column.title);
    return join(names, " ");
}

}  // namespace

TEST_CASE("top takes the options of ps that people use") {
    constexpr const char* full = "UID PID PPID C STIME TTY TIME CMD";
    for (const Texts& options :
         std::vector<Texts>{{}, {"-ef"}, {"-f"}, {"-e"}, {"-Af"}})
        CHECK(titles(options) == full);
    CHECK(titles({"aux"}) ==
          "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND");
    CHECK(titles({"-o", "pid,comm"}) == "PID COMMAND");
    CHECK(titles({"-eo", "pid,user,args"}) == "PID USER COMMAND");
    CHECK(titles({"-opid", "-o", "pcpu"}) == "PID %CPU");
    CHECK(titles({"axo", "pid etime"}) == "PID ELAPSED");
    CHECK(titles({"--format=pid,cmd"}) == "PID CMD");
    CHECK(titles({"--format", "pid,cmd"}) == "PID CMD");
    CHECK(titles({"-o", "pid,args=THE COMMAND"}) == "PID THE COMMAND");
    for (const Texts& options :
         std::vector<Texts>{{"-Z"}, {"-o"}, {"-o", "nothing"}, {"--sort=pid"}})
        CHECK_THROWS_AS(process_columns(options), Error);
}

TEST_CASE("/proc/PID/stat is read, whatever the name") {
    auto stat = parse_process_stat(
        "42 (a) b (c) S 1 42 41 34817 43 4194560 0 0 0 0 250 50 0 0 20 -5 3 0 "
        "777 8192000 100 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 "
        "0 0 0\n");
    REQUIRE(stat);
    CHECK(stat->name == "a) b (c");
    CHECK(stat->state == 'S');
    CHECK(stat->parent == 1);
    CHECK(stat->session == 41);
    CHECK(stat->user_ticks == 250);
    CHECK(stat->system_ticks == 50);
    CHECK(stat->nice == -5);
    CHECK(stat->threads == 3);
    CHECK(stat->start_ticks == 777);
    CHECK(stat->virtual_bytes == 8192000);
    CHECK(stat->resident_pages == 100);
    CHECK(stat->processor == 1);
    for (const char* bad : {"", "42", "42 (x", "42 (x) S 1", ") ("})
        CHECK_FALSE(parse_process_stat(bad));
}

TEST_CASE("terminals and lengths of time as ps writes them") {
    CHECK(terminal_text(0) == "?");
    CHECK(terminal_text(static_cast<int>(makedev(136, 3))) == "pts/3");
    CHECK(terminal_text(static_cast<int>(makedev(4, 1))) == "tty1");
    CHECK(terminal_text(static_cast<int>(makedev(5, 1))) == "?");
    CHECK(clock_text(5, true) == "00:00:05");
    CHECK(clock_text(65, false) == "01:05");
    CHECK(clock_text(3661, false) == "01:01:01");
    CHECK(clock_text(2 * 86400 + 3661, true) == "2-01:01:01");
}

TEST_CASE("a process that is there, and one that is not") {
    constexpr pid_t nobody = 0x3fffffff;
    auto rows = process_table({::getpid(), nobody},
                              process_columns({"-o", "pid,ppid,comm,nlwp"}));
    REQUIRE(rows.size() == 2);
    CHECK(rows[0] == Texts{"PID", "PPID", "COMMAND", "NLWP"});
    CHECK(rows[1][0] == cat(::getpid()));
    CHECK(rows[1][1] == cat(::getppid()));
    CHECK(std::string("unit-06-engine").starts_with(rows[1][2]));
    CHECK(rows[1][3] == "1");
    rows = process_table({::getpid()}, process_columns({"aux"}));
    CHECK(rows[1].size() == 11);
}
