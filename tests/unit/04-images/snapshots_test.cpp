#include "04-images/snapshots.hpp"

#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "common/text.hpp"
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

namespace {

// As a power cut leaves it: the folder is there, made by another boot.
void pretend_reboot(const std::string& folder, const Digest& layer) {
    write_file_atomic(cat(folder, "/.", layer.hex()),
                      "4 01234567-0123-0123-0123-0123456789ab\n");
}

std::string mark_of(const std::string& folder, const Digest& layer) {
    return read_file(cat(folder, "/.", layer.hex()), 128);
}

std::uint64_t write_two(const std::string& path) {
    write_file_atomic(path + "/file", "new");
    return 3;
}

}  // namespace

TEST_CASE(
    "a layer that an earlier boot did not bring to the disk is made anew") {
    TempDir folder("snapshots");
    Snapshots store(folder.path());
    Digest layer = Digest::of("one");
    store.make(layer, [](const std::string& path) {
        write_file_atomic(path + "/lost", "");
        return 4U;
    });
    CHECK(store.has(layer));
    pretend_reboot(folder.path(), layer);
    CHECK_FALSE(store.has(layer));
    CHECK_FALSE(store.size(layer));
    CHECK_THROWS_WITH(store.use(layer), ContainsSubstring("not unpacked"));
    CHECK(store.list() == std::vector<Digest>{layer});  // to be removed
    store.make(layer, write_two);
    CHECK(store.size(layer) == 3);
    CHECK_FALSE(std::filesystem::exists(store.path(layer) + "/lost"));
    // The mark itself may be what was lost.
    write_file_atomic(cat(folder.path(), "/.", layer.hex()), "");
    CHECK_FALSE(store.has(layer));
}

TEST_CASE("what is on the disk outlives the boot") {
    TempDir folder("snapshots");
    Snapshots store(folder.path());
    Digest layer = Digest::of("one");
    store.make(layer, write_two);
    CHECK(mark_of(folder.path(), layer) == cat("3 ", boot_id(), "\n"));
    store.sync(std::chrono::hours(1));  // it is younger
    CHECK(mark_of(folder.path(), layer) == cat("3 ", boot_id(), "\n"));
    {
        UniqueFd used = store.use(layer);
        store.sync();
    }
    CHECK(mark_of(folder.path(), layer).starts_with("3\n"));
    CHECK(store.size(layer) == 3);
    // Removed and made again, it has to be brought there again.
    CHECK(store.remove(layer));
    store.make(layer, write_two);
    pretend_reboot(folder.path(), layer);
    store.sync();
    CHECK_FALSE(store.has(layer));
}
