#include "06-engine/monitor/log_reader.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "06-engine/monitor/container_log.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"
#include "common/unix_socket.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Log {
    TempDir folder{"log"};
    std::string path = folder.path() + "/json.log";

    void add(const std::string& text, const std::string& time,
             const std::string& stream = "stdout",
             const std::string& suffix = "") const {
        std::string line =
            cat(R"({"log":")", text, R"(","stream":")", stream,
                R"(","attrs":{"b":"2","a":"1"},"time":")", time, "\"}\n");
        std::FILE* file = std::fopen((path + suffix).c_str(), "a");
        std::fputs(line.c_str(), file);
        std::fclose(file);
    }
    std::string read(const LogQuery& query, int over = -1) const {
        std::string all;
        read_log(
            path, query,
            [&](LogStream stream, std::string_view text) {
                if (stream == LogStream::Err) all += "E:";
                all += text;
            },
            over);
        return all;
    }
};

std::string numbers(int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) text += cat(i, "\n");
    return text;
}

LogQuery tail(std::uint64_t lines) {
    LogQuery query;
    query.tail = lines;
    return query;
}

}  // namespace

TEST_CASE("log reader: bytes come back as they were written") {
    Log log;
    std::string bytes;
    for (int c = 0; c < 128; ++c) bytes += static_cast<char>(c);
    bytes += "gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xb3 \xe2\x80\xa8 \\n \\\" \\\\\n";
    ContainerLog writer(log.path, {}, R"({"a":"}\"{"})");
    writer.write(ContainerLog::Out, bytes);
    CHECK(log.read({}) == bytes);
    writer.write(ContainerLog::Out, std::string(100'000, 'x'));
    writer.finish();
    CHECK(log.read({}) == bytes + std::string(100'000, 'x'));
}

TEST_CASE("log reader: no log, an empty one, one that makes no sense") {
    Log log;
    CHECK(log.read({}).empty());
    CHECK(log.read(tail(3)).empty());
    write_file_atomic(log.path, "");
    CHECK(log.read(tail(3)).empty());
    write_file_atomic(log.path,
                      "nonsense\n\n{\"log\":\"x\n{\"log\":1}\n{\"log\":\"a\\");
    CHECK(log.read({}).empty());
    write_file_atomic(log.path, std::string(3 << 20, 'x') + "\n");
    log.add("good\\n", "2024-05-01T00:00:00Z");
    log.add("\\q\\u12", "2024-05-01T00:00:00Z");
    CHECK(log.read({}) == "good\n\\q\\u12");
}

TEST_CASE("log reader: streams apart, each to its own") {
    Log log;
    log.add("one\\n", "2024-05-01T00:00:00Z");
    log.add("two\\n", "2024-05-01T00:00:01Z", "stderr");
    log.add("three\\n", "2024-05-01T00:00:02Z");
    CHECK(log.read({}) == "one\nE:two\nthree\n");
    LogQuery query;
    query.err = false;
    CHECK(log.read(query) == "one\nthree\n");
}

TEST_CASE("log reader: since, until, timestamps, details") {
    Log log;
    log.add("one\\n", "2024-05-01T00:00:00.5Z");
    log.add("two\\n", "2024-05-01T00:00:01Z");
    log.add("three\\n", "2024-05-01T00:00:02.123456789Z");
    constexpr std::int64_t may = 1714521600'000'000'000;
    LogQuery query;
    query.since = may + 1'000'000'000;
    CHECK(log.read(query) == "two\nthree\n");
    query.until = may + 2'123'456'788;
    CHECK(log.read(query) == "two\n");
    query.since = {};
    query.timestamps = query.details = true;
    CHECK(log.read(query) ==
          "2024-05-01T00:00:00.500000000Z a=1,b=2 one\n"
          "2024-05-01T00:00:01.000000000Z a=1,b=2 two\n");
}

TEST_CASE("log reader: a line in parts has one timestamp") {
    Log log;
    ContainerLog writer(log.path, {}, "");
    writer.write(ContainerLog::Out, std::string(40'000, 'x') + "\ny\n");
    LogQuery query;
    query.timestamps = true;
    std::string text = log.read(query);
    CHECK(text.size() ==
          40'000 + 3 +
              2 * std::string_view("2024-05-01T00:00:00.500000000Z ").size());
}

TEST_CASE("log reader: the last lines, over rotated files") {
    Log log;
    ContainerLog writer(log.path, {1000, 4}, "");
    for (int i = 0; i < 50; ++i) writer.write(ContainerLog::Out, cat(i, "\n"));
    CHECK(log.read({}) == numbers(0, 50));
    for (int lines : {0, 1, 2, 11, 12, 13, 14, 15, 25, 49})
        CHECK(log.read(tail(static_cast<std::uint64_t>(lines))) ==
              numbers(50 - lines, 50));
    CHECK(log.read(tail(50)) == numbers(0, 50));
    CHECK(log.read(tail(UINT64_MAX)) == numbers(0, 50));
}

TEST_CASE("log reader: the end of a large file is found from its end") {
    Log log;
    ContainerLog writer(log.path, {0, 1}, "");
    writer.write(ContainerLog::Out, numbers(0, 20'000));
    CHECK(log.read(tail(5'000)) == numbers(15'000, 20'000));
    CHECK(log.read(tail(1)) == "19999\n");
    CHECK(log.read({}) == numbers(0, 20'000));
}

TEST_CASE("log reader: follows over rotations until the end is said") {
    Log log;
    SocketPair over = make_socket_pair();
    std::mutex mutex;
    std::condition_variable progress;
    std::string text;
    std::thread container([&] {
        ContainerLog writer(log.path, {500, 3}, "");
        for (int i = 0; i < 300; ++i) {
            writer.write(ContainerLog::Out, cat(i, "\n"));
            if (i % 5 != 0) continue;
            // The reader is never more than the kept files behind.
            std::unique_lock lock(mutex);
            progress.wait(lock, [&] { return text.ends_with(cat(i, "\n")); });
        }
        send_message(over.theirs.get(), "x0");
    });
    LogQuery query;
    query.follow = true;
    read_log(
        log.path, query,
        [&](LogStream, std::string_view more) {
            std::lock_guard lock(mutex);
            text += more;
            progress.notify_one();
        },
        over.ours.get());
    container.join();
    CHECK(text == numbers(0, 300));
}

TEST_CASE("log reader: follows from the end only, and ends at its time") {
    Log log;
    log.add("before\\n", "2024-05-01T00:00:00Z");
    LogQuery query = tail(0);
    query.follow = true;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    query.until = now.tv_sec * 1'000'000'000 + now.tv_nsec + 50'000'000;
    CHECK(log.read(query).empty());

    SocketPair over = make_socket_pair();
    over.theirs.reset();
    query = tail(1);
    query.follow = true;
    CHECK(log.read(query, over.ours.get()) == "before\n");
}
