#include "04-images/snapshots.hpp"

#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("a snapshot is made once, whole or not at all") {
    TempDir folder("snapshots");
    Snapshots store(folder.path() + "/deep/er");
    Digest one = Digest::of("one"), two = Digest::of("two");
    int made = 0;
    auto fill = [&](const std::string& path) {
        ++made;
        write_file_atomic(path + "/file", "text");
        return 4U;
    };
    CHECK_FALSE(store.has(one));
    store.make(one, fill);
    store.make(one, fill);
    CHECK(made == 1);
    CHECK(read_file(store.path(one) + "/file", 9) == "text");
    CHECK(store.size(one) == 4);
    CHECK_FALSE(store.size(two));
    CHECK_THROWS_WITH(store.make(two,
                                 [&](const std::string& path) -> std::uint64_t {
                                     fill(path);
                                     throw Error(ErrorKind::DataLoss, "bad");
                                 }),
                      "bad");
    CHECK_FALSE(store.has(two));
    CHECK(store.list() == std::vector<Digest>{one});
    store.sync();
    {
        UniqueFd user = store.use(one);
        CHECK_FALSE(store.remove(one));
    }
    CHECK(store.remove(one));
    CHECK(store.remove(one));
    CHECK(store.list().empty());
    CHECK_THROWS_AS(store.use(one), Error);
}

TEST_CASE("what a killed process left is removed, or begun anew") {
    TempDir folder("snapshots");
    Snapshots store(folder.path());
    Digest one = Digest::of("one");
    auto half = folder.path() + "/." + std::string(one.hex()) + ".tmp";
    auto leave_half = [&] {
        ChildProcess child = start_child(Why{"test"}, [&] {
            store.make(one, [](const std::string& path) -> std::uint64_t {
                write_file_atomic(path + "/old", "text");
                ::kill(::getpid(), SIGKILL);
                return 0;
            });
        });
        child.wait();
        REQUIRE(std::filesystem::exists(half));
    };
    leave_half();
    store.make(one, [](const std::string& path) {
        CHECK(std::filesystem::is_empty(path));
        return 0U;
    });
    CHECK(store.has(one));
    store.remove(one);
    leave_half();
    store.remove_leftovers();
    CHECK_FALSE(std::filesystem::exists(half));
}

TEST_CASE("two at once: one unpacks, both have it") {
    TempDir folder("snapshots");
    Snapshots store(folder.path());
    Digest one = Digest::of("one");
    auto unpack = [&](const std::string& path) {
        // Fails when the other one is here as well.
        std::filesystem::create_directory(folder.path() + "/only-one");
        REQUIRE(std::filesystem::is_empty(path));
        write_file_atomic(path + "/file", "text");
        return 4U;
    };
    ChildProcess other =
        start_child(Why{"test"}, [&] { store.make(one, unpack); });
    store.make(one, unpack);
    CHECK(other.wait().ok());
    CHECK(read_file(store.path(one) + "/file", 9) == "text");
}
