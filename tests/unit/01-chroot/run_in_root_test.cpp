#include "01-chroot/run_in_root.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;
namespace fs = std::filesystem;

namespace {

std::size_t open_descriptors() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

bool not_root() {
    if (::geteuid() == 0) return false;
    WARN("skipped: chroot needs root");
    return true;
}

}  // namespace

TEST_CASE("bytes come back, whatever they are and however many") {
    if (not_root()) return;
    TempDir dir("root");
    std::size_t size = GENERATE(0, 1, 5'000'000);
    std::string bytes(size, '\0');
    CHECK(run_in_root(dir.path(), [&] {
              return RootReply{bytes, {}};
          }).bytes == bytes);
}

TEST_CASE("links that point outside are resolved inside") {
    if (not_root()) return;
    TempDir dir("root");
    fs::create_directory(dir.path() + "/etc");
    std::ofstream(dir.path() + "/etc/passwd") << "inside";
    fs::create_symlink("/etc/passwd", dir.path() + "/link");
    RootReply reply = run_in_root(dir.path(), [] {
        return RootReply{read_file("/link", 1000), {}};
    });
    CHECK(reply.bytes == "inside");
}

TEST_CASE("descriptors opened inside work outside") {
    if (not_root()) return;
    TempDir dir("root");
    std::ofstream(dir.path() + "/a") << "A";
    std::ofstream(dir.path() + "/b") << "B";
    std::size_t before = open_descriptors();
    {
        RootReply reply = run_in_root(dir.path(), [] {
            RootReply files;
            for (const char* path : {"/a", "/b"})
                files.files.emplace_back(::open(path, O_RDONLY | O_CLOEXEC));
            return files;
        });
        REQUIRE(reply.files.size() == 2);
        CHECK(read_all(reply.files[0].get(), 10) == "A");
        CHECK(read_all(reply.files[1].get(), 10) == "B");
        CHECK((::fcntl(reply.files[0].get(), F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(open_descriptors() == before);
}

TEST_CASE("the largest number of descriptors passes, one more is refused") {
    if (not_root()) return;
    TempDir dir("root");
    auto many = [](std::size_t count) {
        return [count] {
            RootReply reply;
            for (std::size_t i = 0; i < count; ++i)
                reply.files.emplace_back(::open("/", O_PATH | O_CLOEXEC));
            return reply;
        };
    };
    CHECK(run_in_root(dir.path(), many(253)).files.size() == 253);
    CHECK_THROWS_WITH(run_in_root(dir.path(), many(254)),
                      ContainsSubstring("253 files, not 254"));
}

TEST_CASE("a task's Error is thrown here") {
    if (not_root()) return;
    TempDir dir("root");
    std::size_t before = open_descriptors();
    CHECK_THROWS_WITH(run_in_root(dir.path(),
                                  []() -> RootReply {
                                      throw Error(ErrorKind::DataLoss, "bad");
                                  }),
                      "bad");
    CHECK(open_descriptors() == before);
}

TEST_CASE("a task that is killed is an Error that names the signal") {
    if (not_root()) return;
    TempDir dir("root");
    CHECK_THROWS_WITH(run_in_root(dir.path(),
                                  [] {
                                      ::raise(SIGKILL);
                                      return RootReply{};
                                  }),
                      ContainsSubstring("killed by SIGKILL (9)"));
}

TEST_CASE("the caller's own root does not move") {
    if (not_root()) return;
    TempDir dir("root");
    std::string before = fs::current_path();
    run_in_root(dir.path(), [] { return RootReply{}; });
    CHECK(fs::exists("/etc/passwd"));
    CHECK(fs::current_path() == before);
}
