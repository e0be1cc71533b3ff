#include "06-engine/monitor/container_log.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <regex>

#include "06-engine/monitor/json_text.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Log {
    TempDir folder{"log"};
    std::string path = folder.path() + "/json.log";

    std::string text(const std::string& suffix = "") const {
        return read_file(path + suffix, 100 << 20);
    }
    /// With each time as T.
    std::string timeless() const {
        return std::regex_replace(text(), std::regex(R"("time":"[^"]*")"), "T");
    }
};

std::string escaped(std::string_view bytes) {
    std::string out;
    append_json_text(out, bytes);
    return out;
}

}  // namespace

TEST_CASE("log: text is escaped as Docker's driver does it") {
    CHECK(escaped("plain text, long enough for more than one block of it") ==
          "plain text, long enough for more than one block of it");
    CHECK(escaped("a\"b\\c\nd\re\tf") == R"(a\"b\\c\nd\re\u0009f)");
    CHECK(escaped("<a href=\"x\">&\x7f") == R"(\u003ca href=\"x\"\u003e\u0026)"
                                            "\x7f");
    CHECK(escaped(std::string_view("\0\x1b[0m", 5)) == R"(\u0000\u001b[0m)");
    CHECK(escaped("gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xb3") ==
          "gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xb3");
    CHECK(escaped("\xe2\x80\xa8\xe2\x80\xa9") == R"(\u2028\u2029)");
}

TEST_CASE("log: what is no UTF-8 becomes U+FFFD, byte by byte") {
    CHECK(escaped("a\xff\xfe") == R"(a\ufffd\ufffd)");
    CHECK(escaped("\xc0\x80") == R"(\ufffd\ufffd)");            // overlong
    CHECK(escaped("\xed\xa0\x80") == R"(\ufffd\ufffd\ufffd)");  // surrogate
    CHECK(escaped("\xf4\x90\x80\x80") ==
          R"(\ufffd\ufffd\ufffd\ufffd)");             // too large
    CHECK(escaped("\xe2\x82") == R"(\ufffd\ufffd)");  // cut off
    std::string late(100, 'x');
    CHECK(escaped(late + "\xff") == late + R"(\ufffd)");
}

TEST_CASE("log: lines in Docker's form, complete ones only") {
    Log log;
    ContainerLog writer(log.path, {}, "");
    writer.write(ContainerLog::Out, "one\ntwo\nthr");
    writer.write(ContainerLog::Err, "oh\n");
    CHECK(log.timeless() ==
          "{\"log\":\"one\\n\",\"stream\":\"stdout\",T}\n"
          "{\"log\":\"two\\n\",\"stream\":\"stdout\",T}\n"
          "{\"log\":\"oh\\n\",\"stream\":\"stderr\",T}\n");
    writer.write(ContainerLog::Out, "e");
    writer.write(ContainerLog::Out, "e\n\nend");
    writer.finish();
    CHECK(log.timeless().ends_with(
        "{\"log\":\"three\\n\",\"stream\":\"stdout\",T}\n"
        "{\"log\":\"\\n\",\"stream\":\"stdout\",T}\n"
        "{\"log\":\"end\",\"stream\":\"stdout\",T}\n"));
}

TEST_CASE("log: the time is Go's RFC3339Nano, attributes stand before it") {
    Log log;
    ContainerLog writer(log.path, {}, R"({"app":"web"})");
    writer.write(ContainerLog::Out, "x\n");
    CHECK(std::regex_match(
        log.text(),
        std::regex(
            R"(\{"log":"x\\n","stream":"stdout","attrs":\{"app":"web"\},)"
            R"("time":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d)"
            R"((\.\d{0,8}[1-9])?Z"\}\n)")));
}

TEST_CASE("log: long lines in parts of 16 KiB") {
    constexpr std::size_t part = 16 << 10;
    auto record = [](const std::string& text) {
        return cat("{\"log\":\"", text, "\",\"stream\":\"stdout\",T}\n");
    };
    std::string full(part, 'x');
    // The end of the line has to fit, too.
    for (std::size_t step : {std::size_t{1} << 20, std::size_t{1000}}) {
        for (std::size_t more : {0, 1, 5}) {
            Log log;
            ContainerLog writer(log.path, {}, "");
            std::string line = full + std::string(more, 'y') + "\n";
            for (std::size_t at = 0; at < line.size(); at += step)
                writer.write(ContainerLog::Out, line.substr(at, step));
            CHECK(log.timeless() ==
                  record(full) + record(std::string(more, 'y') + "\\n"));
        }
        Log log;
        ContainerLog writer(log.path, {}, "");
        std::string line(part - 1, 'x');
        for (std::size_t at = 0; at <= line.size(); at += step)
            writer.write(ContainerLog::Out, (line + "\n").substr(at, step));
        CHECK(log.timeless() == record(line + "\\n"));
    }
}

TEST_CASE("log: rotated by renaming, so many files are kept") {
    Log log;
    ContainerLog writer(log.path, {1000, 3}, "");
    std::string line = std::string(200, 'x') + "\n";
    for (int i = 0; i < 40; ++i)
        writer.write(ContainerLog::Out, cat(i, ":", line));
    CHECK(log.text().size() < 1400);
    CHECK(log.text(".1").size() >= 1000);
    CHECK(log.text(".2").size() >= 1000);
    CHECK(::access((log.path + ".3").c_str(), F_OK) != 0);
    CHECK(::access((log.path + ".next").c_str(), F_OK) != 0);
    CHECK(log.text().find("39:xxx") != std::string::npos);

    Log single;
    ContainerLog alone(single.path, {1000, 1}, "");
    for (int i = 0; i < 40; ++i)
        alone.write(ContainerLog::Out, cat(i, ":", line));
    CHECK(single.text().size() < 1400);
    CHECK(::access((single.path + ".1").c_str(), F_OK) != 0);

    // A batch of many lines does not make a file longer than one line may.
    Log batch;
    ContainerLog quick(batch.path, {1000, 50}, "");
    std::string lines;
    for (int i = 0; i < 40; ++i) lines += cat(i, ":", line);
    quick.write(ContainerLog::Out, lines);
    CHECK(batch.text().size() < 1400);
    for (const char* old : {".1", ".2", ".9"}) {
        CHECK(batch.text(old).size() >= 1000);
        CHECK(batch.text(old).size() < 1400);
    }

    Log endless;
    ContainerLog unlimited(endless.path, {0, 3}, "");
    for (int i = 0; i < 40; ++i) unlimited.write(ContainerLog::Out, line);
    CHECK(endless.text().size() > 8000);
}

TEST_CASE("log: goes on where an earlier monitor has stopped") {
    Log log;
    ContainerLog(log.path, {}, "").write(ContainerLog::Out, "before\n");
    ContainerLog(log.path, {}, "").write(ContainerLog::Out, "after\n");
    CHECK(log.timeless().find("before") < log.timeless().find("after"));
}

TEST_CASE("log: what does not fit is counted, said, and never half a line") {
    Log log;
    ContainerLog writer(log.path, {}, "");
    writer.write(ContainerLog::Out, "first\n");
    // As a full disk does: no file may become larger than this.
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto handler = ::signal(SIGXFSZ, SIG_IGN);
    {
        ScopeGuard restore([&] {
            ::setrlimit(RLIMIT_FSIZE, &before);
            ::signal(SIGXFSZ, handler);
        });
        rlimit small{log.text().size() * 2 + 20, before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
        writer.write(ContainerLog::Out, "secnd\nlost1\nlost2\n");
        CHECK(
            log.timeless().ends_with("secnd\\n\",\"stream\":\"stdout\",T}\n"));
        writer.write(ContainerLog::Err, "lost3\n");
    }
    writer.write(ContainerLog::Out, "there is room\n");
    CHECK(log.timeless().ends_with(
        "{\"log\":\"slipway: the log could not take 3 lines: File too "
        "large\\n\",\"stream\":\"stderr\",T}\n"
        "{\"log\":\"there is room\\n\",\"stream\":\"stdout\",T}\n"));
    CHECK(log.text().find("lost") == std::string::npos);
}

TEST_CASE("log: a folder that has gone is no reason to end") {
    Log log;
    ContainerLog writer(log.folder.path() + "/no/json.log", {}, "");
    CHECK_NOTHROW(writer.write(ContainerLog::Out, "x\n"));
    CHECK_NOTHROW(writer.finish());
}
