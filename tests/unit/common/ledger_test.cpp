#include "common/ledger.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "common/files.hpp"
#include "common/process.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

// The ledger is one for a process and cannot be stopped: record in a child.
std::string recorded(ledger::Format format, const std::function<void()>& acts) {
    TempDir dir("ledger");
    std::string path = dir.path() + "/ledger";
    ChildProcess child = start_child(Why{"test"}, [&] {
        ledger::start(
            format, UniqueFd(check(
                        ::open(path.c_str(),
                               O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
                        "open")));
        acts();
    });
    child.wait();
    return read_file(path, 1 << 20);
}

std::vector<nlohmann::json> recorded_json(const std::function<void()>& acts) {
    std::vector<nlohmann::json> lines;
    for (const std::string& line :
         split(recorded(ledger::Format::Json, acts), '\n'))
        if (!line.empty()) lines.push_back(nlohmann::json::parse(line));
    return lines;
}

}  // namespace

TEST_CASE("act returns the result, and throws with call and arguments") {
    CHECK(act(Why{"test"}, "getpid", ::getpid) == ::getpid());
    CHECK_THROWS_WITH(act(Why{"test"}, "chdir", ::chdir, "/no\nwhere"),
                      "chdir(\"/no\\nwhere\"): No such file or directory");
}

TEST_CASE("try_act leaves the failure to the caller") {
    errno = 0;
    CHECK(try_act(Why{"test"}, "chdir", ::chdir, "/nowhere") == -1);
    CHECK(errno == ENOENT);
}

TEST_CASE("each act is one JSON object with all that happened") {
    auto lines = recorded_json([] {
        act(Why{"to be quiet", "umask(old)"}, "umask", ::umask,
            shown(mode_t{077}, "077"));
        try_act(Why{"must fail"}, "chdir", ::chdir, "/nowhere");
        announce(Why{"the end"}, "execve", "/bin/true", nullptr);
    });
    REQUIRE(lines.size() == 3);
    CHECK(lines[0]["call"] == "umask");
    CHECK(lines[0]["args"] == nlohmann::json::array({"077"}));
    CHECK(lines[0]["why"] == "to be quiet");
    CHECK(lines[0]["undo"] == "umask(old)");
    CHECK(lines[0]["process"] == "child");
    CHECK(lines[0]["took_us"] >= 0);
    CHECK_FALSE(lines[0].contains("errno"));
    CHECK(lines[1]["result"] == -1);
    CHECK(lines[1]["errno"] == "ENOENT");
    CHECK(lines[1]["args"][0] == "\"/nowhere\"");
    CHECK(lines[2]["result"].is_null());
    CHECK(lines[2]["args"][1] == "NULL");
    CHECK(lines[1]["at_us"] >= lines[0]["at_us"]);
}

TEST_CASE("errno survives the recording") {
    auto lines = recorded_json([] {
        errno = 0;
        try_act(Why{"must fail"}, "chdir", ::chdir, "/nowhere");
        int error = errno;
        announce(Why{"report"}, "errno", error);
    });
    CHECK(lines.at(1)["args"][0] == std::to_string(ENOENT));
}

TEST_CASE("text lines carry time, process, call, failure and reason") {
    std::string text = recorded(ledger::Format::Text, [] {
        ledger::set_process_name("keeper");
        act(Why{"start at the top"}, "chdir", ::chdir, "/");
        try_act(Why{"must fail", "nothing"}, "chdir", ::chdir, "/nowhere");
    });
    auto lines = split(text, '\n');
    CHECK_THAT(lines.at(0), ContainsSubstring(" ms ") &&
                                ContainsSubstring("keeper  chdir(\"/\") ") &&
                                ContainsSubstring("  start at the top"));
    CHECK_THAT(lines.at(1),
               ContainsSubstring("chdir(\"/nowhere\") = -1 ENOENT") &&
                   ContainsSubstring("must fail (undo: nothing)"));
}

TEST_CASE("parent and children write to one ledger, in order") {
    auto lines = recorded_json([] {
        ledger::set_process_name("first");
        act(Why{"1"}, "chdir", ::chdir, "/");
        start_child(Why{"2"}, [] {
            ledger::set_process_name("second");
            act(Why{"3"}, "chdir", ::chdir, "/");
        }).wait();
        act(Why{"4"}, "chdir", ::chdir, "/");
    });
    REQUIRE(lines.size() == 4);
    for (std::size_t i = 0; i < lines.size(); ++i)
        CHECK(lines[i]["why"] == std::to_string(i + 1));
    CHECK(lines[0]["pid"] == lines[3]["pid"]);
    CHECK(lines[0]["pid"] != lines[2]["pid"]);
    CHECK(lines[2]["process"] == "second");
}

TEST_CASE("bytes that are no UTF-8 still give JSON") {
    auto lines = recorded_json(
        [] { try_act(Why{"test"}, "chdir", ::chdir, "/\xff\xfe"); });
    CHECK(lines.size() == 1);
}

TEST_CASE("a reader that went away does not stop what is explained") {
    ChildProcess child = start_child(Why{"test"}, [] {
        int ends[2];
        check(::pipe(ends), "pipe");
        ::close(ends[0]);
        ledger::start(ledger::Format::Text, UniqueFd(ends[1]));
        act(Why{"test"}, "chdir", ::chdir, "/");
    });
    CHECK(child.wait().text() == "exit status 0");
}
