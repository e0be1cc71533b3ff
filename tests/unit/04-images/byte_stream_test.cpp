#include "04-images/byte_stream.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/unique_fd.hpp"
#include "unit/04-images/stream_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

ByteSource end_of(BytePipe& pipe) {
    return [&pipe](char* buffer, std::size_t capacity) {
        return pipe.read(buffer, capacity);
    };
}

std::string numbered(std::size_t size) {
    std::string bytes;
    for (int i = 0; bytes.size() < size; ++i) bytes += std::to_string(i) + ' ';
    return bytes;
}

}  // namespace

TEST_CASE("a pipe passes on what is written, in order, around its ring") {
    std::string bytes = numbered(20'000);
    for (std::size_t capacity : {1, 3, 1000, 100'000})
        for (std::size_t piece : {1, 7, 5000}) {
            BytePipe pipe(capacity);
            std::thread writer([&] {
                for (std::size_t at = 0; at < bytes.size(); at += piece)
                    pipe.write(std::string_view(bytes).substr(at, piece));
                pipe.finish();
            });
            std::string got = all_of(end_of(pipe), 13);
            writer.join();
            REQUIRE(got == bytes);
        }
}

TEST_CASE("within one thread a pipe holds as much as its capacity") {
    BytePipe pipe(8);
    char buffer[8];
    CHECK(pipe.write("12345"));
    CHECK(pipe.read(buffer, 3) == 3);
    CHECK(pipe.write("678abc"));  // 8 wait, and lie around the end of the ring
    CHECK(pipe.read(buffer, 8) == 5);
    CHECK(std::string(buffer, 5) == "45678");
    CHECK(pipe.read(buffer, 8) == 3);
    CHECK(std::string(buffer, 3) == "abc");
    CHECK(pipe.write(""));
    pipe.finish();
    CHECK(pipe.read(buffer, 8) == 0);
    CHECK(pipe.read(buffer, 8) == 0);
}

TEST_CASE("a full pipe makes the writer wait") {
    BytePipe pipe(4);
    std::atomic<int> written = 0;
    std::thread writer([&] {
        for (; written < 100; ++written) pipe.write("x");
        pipe.finish();
    });
    char byte;
    for (int read = 0; pipe.read(&byte, 1) != 0; ++read)
        // 4 in the pipe, one in write(), one between the two.
        CHECK(written <= read + 6);
    writer.join();
    CHECK(written == 100);
}

TEST_CASE("an error goes down the pipe, after the bytes before it") {
    BytePipe pipe(100);
    pipe.write("ab");
    pipe.finish(std::make_exception_ptr(Error(ErrorKind::Unavailable, "gone")));
    char buffer[8];
    CHECK(pipe.read(buffer, 8) == 2);
    CHECK_THROWS_WITH(pipe.read(buffer, 8), "gone");
    CHECK_THROWS_WITH(pipe.read(buffer, 8), "gone");
}

TEST_CASE("a reader that waits learns of the end, and of an error") {
    for (bool fails : {false, true}) {
        BytePipe pipe(8);
        std::string seen;
        std::thread reader([&] {
            char buffer[8];
            try {
                seen = pipe.read(buffer, 8) == 0 ? "end" : "bytes";
            } catch (const std::exception& error) {
                seen = error.what();
            }
        });
        pipe.finish(fails
                        ? std::make_exception_ptr(std::runtime_error("broken"))
                        : nullptr);
        reader.join();
        CHECK(seen == (fails ? "broken" : "end"));
    }
}

TEST_CASE("a writer that waits is let go when the reader goes") {
    BytePipe pipe(2);
    bool wanted = true;
    std::thread writer([&] { wanted = pipe.write("more than two"); });
    char byte;
    CHECK(pipe.read(&byte, 1) == 1);
    pipe.abandon();
    writer.join();
    CHECK_FALSE(wanted);
    CHECK_FALSE(pipe.write("x"));
    pipe.finish();
}

TEST_CASE("a file is a source, from where it stands") {
    TempDir folder("stream");
    std::string path = folder.path() + "/file";
    write_file_atomic(path, "0123456789");
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::lseek(fd.get(), 4, SEEK_SET) == 4);
    ByteSource source = file_source(fd.get());
    CHECK(all_of(source, 3) == "456789");
    CHECK(all_of(source, 3) == "");
    char byte;
    CHECK_THROWS_AS(file_source(-1)(&byte, 1), Error);
}
