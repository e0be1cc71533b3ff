#include "04-images/ingest.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>

#include "04-images/fsck.hpp"
#include "04-images/garbage.hpp"
#include "common/process.hpp"
#include "unit/04-images/store_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

BlobName name_of(const std::string& bytes) {
    return {Digest::of(bytes), bytes.size()};
}

Ingest begin(const StoreLease& lease, const BlobName& blob) {
    std::optional<Ingest> ingest = begin_ingest(lease, blob, Wait::No);
    REQUIRE(ingest);
    return std::move(*ingest);
}

template <class Body>
ErrorKind kind_of(Body body) {
    try {
        body();
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::NotModified;  // no error
}

// In a child there is no test framework: a failure is an Error.
void must(bool condition, const char* what) {
    if (!condition) throw Error(ErrorKind::System, what);
}

}  // namespace

TEST_CASE("a blob comes in pieces, and is not fetched again") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    std::string bytes = "one two three";
    Ingest ingest = begin(lease, name_of(bytes));
    for (char byte : bytes) {
        CHECK_FALSE(blob_size(test.store, Digest::of(bytes)));
        ingest.write({&byte, 1});
    }
    CHECK(ingest.commit().digest == Digest::of(bytes));
    CHECK(read_blob(test.store, Digest::of(bytes), 100) == bytes);
    CHECK_FALSE(begin_ingest(lease, name_of(bytes), Wait::Yes));
    CHECK(test.files_in("ingest") == 0);
    struct stat about {};
    REQUIRE(::stat(test.store.blob_path(Digest::of(bytes)).c_str(), &about) ==
            0);
    CHECK((about.st_mode & 07777) == 0644);
}

TEST_CASE("a broken download is resumed") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    std::string bytes(200'000, 'r');
    begin(lease, name_of(bytes)).write(bytes.substr(0, 150'000));
    SECTION("where it stopped") {
        Ingest ingest = begin(lease, name_of(bytes));
        CHECK(ingest.offset() == 150'000);
        ingest.write(bytes.substr(150'000));
        ingest.commit();
    }
    SECTION("from the start, if the other side cannot") {
        Ingest ingest = begin(lease, name_of(bytes));
        ingest.restart();
        CHECK(ingest.offset() == 0);
        ingest.write(bytes);
        ingest.commit();
    }
    SECTION("a commit that comes too early keeps the part") {
        Ingest ingest = begin(lease, name_of(bytes));
        CHECK(kind_of([&] { ingest.commit(); }) == ErrorKind::DataLoss);
        CHECK(ingest.offset() == 150'000);
        ingest.write(bytes.substr(150'000));
        ingest.commit();
    }
    SECTION("a part that is whole needs no more bytes") {
        begin(lease, name_of(bytes)).write(bytes.substr(150'000));
        Ingest ingest = begin(lease, name_of(bytes));
        CHECK(ingest.offset() == bytes.size());
        ingest.commit();
    }
    SECTION("a part that is too long is no part") {
        write_file_atomic(test.part(Digest::of(bytes)), bytes + "!");
        Ingest ingest = begin(lease, name_of(bytes));
        CHECK(ingest.offset() == 0);
        ingest.write(bytes);
        ingest.commit();
    }
    CHECK(read_blob(test.store, Digest::of(bytes), 1 << 20) == bytes);
    CHECK(test.files_in("ingest") == 0);
}

TEST_CASE("wrong bytes never become a blob, and are not resumed") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    BlobName blob = name_of("right");
    SECTION("other bytes") {
        Ingest ingest = begin(lease, blob);
        ingest.write("wrong");
        CHECK(kind_of([&] { ingest.commit(); }) == ErrorKind::DataLoss);
    }
    SECTION("too many") {
        Ingest ingest = begin(lease, blob);
        ingest.write("righ");
        CHECK(kind_of([&] { ingest.write("tt"); }) == ErrorKind::DataLoss);
        CHECK_THROWS_AS(ingest.write("t"), Error);
        CHECK_THROWS_AS(ingest.commit(), Error);
    }
    SECTION("a damaged part") {
        write_file_atomic(test.part(blob.digest), "wro");
        Ingest ingest = begin(lease, blob);
        ingest.write("ht");
        CHECK(kind_of([&] { ingest.commit(); }) == ErrorKind::DataLoss);
    }
    SECTION("discarded") {
        Ingest ingest = begin(lease, blob);
        ingest.write("righ");
        ingest.discard();
        ingest.discard();
    }
    CHECK_FALSE(blob_size(test.store, blob.digest));
    CHECK(test.files_in("ingest") == 0);
}

TEST_CASE("sizes beyond reason are refused before anything is written") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    std::uint64_t size =
        GENERATE(largest_blob + 1, UINT64_C(1) << 63, UINT64_MAX);
    CHECK(kind_of([&] {
              begin_ingest(lease, {Digest::of("x"), size}, Wait::No);
          }) == ErrorKind::InvalidArgument);
    CHECK(test.files_in("ingest") == 0);
}

TEST_CASE("a blob whose size is wrong is fetched again") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    BlobName blob = put_blob(lease, "whole");
    write_file_atomic(test.store.blob_path(blob.digest), "who");
    CHECK(put_blob(lease, "whole").size == 5);
    CHECK(read_blob(test.store, blob.digest, 5) == "whole");
    SECTION("and a lying descriptor does no harm to a good one") {
        Ingest ingest = begin(lease, {blob.digest, 4});
        ingest.write("whol");
        CHECK_THROWS_AS(ingest.commit(), Error);
        CHECK(read_blob(test.store, blob.digest, 5) == "whole");
    }
}

TEST_CASE("a new blob is named at its end, and leaves nothing without") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    {
        Ingest unfinished = begin_new_blob(lease);
        unfinished.write("bytes");
        CHECK(test.files_in("ingest") == 1);
    }
    CHECK(test.files_in("ingest") == 0);
    Ingest made = begin_new_blob(lease);
    made.write("made ");
    made.write("here");
    BlobName blob = made.commit();
    CHECK(blob.size == 9);
    CHECK(read_blob(test.store, blob.digest, 9) == "made here");
    CHECK(test.files_in("ingest") == 0);
}

TEST_CASE("what is planted as a part is not written to") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    BlobName blob = name_of("blob");
    std::string victim = test.folder.path() + "/victim";
    write_file_atomic(victim, "untouched");
    std::string part = test.part(blob.digest);
    SECTION("symlink") {
        std::filesystem::create_symlink(victim, part);
    }
    SECTION("dangling symlink") {
        std::filesystem::create_symlink(victim + "2", part);
    }
    SECTION("hard link") {
        std::filesystem::create_hard_link(victim, part);
    }
    SECTION("folder") {
        std::filesystem::create_directory(part);
    }
    SECTION("FIFO") {
        REQUIRE(::mkfifo(part.c_str(), 0600) == 0);
    }
    CHECK(kind_of([&] { put_blob(lease, "blob"); }) == ErrorKind::Conflict);
    CHECK(read_file(victim, 100) == "untouched");
    CHECK_FALSE(std::filesystem::exists(victim + "2"));
}

TEST_CASE("a symlink in place of a blob is replaced, not written through") {
    TestStore test;
    std::string victim = test.folder.path() + "/victim";
    write_file_atomic(victim, "untouched");
    BlobName blob = name_of("blob");
    std::filesystem::create_symlink(victim, test.store.blob_path(blob.digest));
    put_blob(hold_store(test.store), "blob");
    CHECK(read_file(victim, 100) == "untouched");
    CHECK(read_blob(test.store, blob.digest, 10) == "blob");
}

TEST_CASE("who comes second waits, and goes on where the first stopped") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    BlobName blob = name_of("first second");
    std::optional<Ingest> first = begin_ingest(lease, blob, Wait::Yes);
    first->write("first ");
    CHECK(kind_of([&] { begin_ingest(lease, blob, Wait::No); }) ==
          ErrorKind::Unavailable);
    std::atomic<bool> given_up = false;
    bool waited = false;
    std::uint64_t offset = 0;
    std::thread second([&] {
        std::optional<Ingest> ingest = begin_ingest(lease, blob, Wait::Yes);
        waited = given_up;
        offset = ingest->offset();
        ingest->write("second");
        ingest->commit();
    });
    given_up = true;
    first.reset();
    second.join();
    CHECK(waited);
    CHECK(offset == 6);
    CHECK(read_blob(test.store, blob.digest, 100) == "first second");
}

TEST_CASE("many ingest the same blob at once") {
    TestStore test;
    std::string bytes(300'000, 'm');
    std::atomic<int> fetched = 0, failed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            try {
                StoreLease lease = hold_store(test.store);
                auto ingest = begin_ingest(lease, name_of(bytes), Wait::Yes);
                if (!ingest) return;
                ingest->write(bytes.substr(ingest->offset(), 100'000));
                if (i % 2 == 0) return;  // a broken one
                ingest->write(bytes.substr(ingest->offset()));
                ingest->commit();
                ++fetched;
            } catch (const Error&) {
                ++failed;
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(failed == 0);
    CHECK(fetched == 1);
    CHECK(test.files_in("ingest") == 0);
    CHECK(read_blob(test.store, Digest::of(bytes), 1 << 20) == bytes);
}

namespace {

void kill_myself_after(long nanoseconds) {
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    timer_t timer{};
    check(::timer_create(CLOCK_MONOTONIC, &event, &timer), "timer_create");
    itimerspec when{};
    when.it_value.tv_nsec = nanoseconds;
    check(::timer_settime(timer, 0, &when, nullptr), "timer_settime");
}

// What a pull does, round and round, in small pieces.
void pull_for_ever(const ContentStore& store, int round) {
    for (int i = 0;; ++i) {
        StoreLease lease = hold_store(store);
        std::string layer(20'000, static_cast<char>('a' + i % 8));
        layer += as_text(round % 4);
        if (auto ingest = begin_ingest(lease, name_of(layer), Wait::Yes)) {
            for (std::size_t at = ingest->offset(); at < layer.size();
                 at += 1000)
                ingest->write(std::string_view(layer).substr(at, 1000));
            ingest->commit();
        }
        BlobName image = put_image(lease, {layer, as_text(i)});
        set_images(lease, {named(cat("image", i % 5), image)});
        if (i % 4 == 3) {
            lease.file.reset();
            collect_garbage(store, Wait::Yes);
        }
    }
}

}  // namespace

TEST_CASE("kill -9 at any moment leaves a store that is well") {
    TestStore test;
    std::mt19937 random(4);
    std::size_t parts_seen = 0;
    for (int round = 0; round < 100; ++round) {
        long moment = 100'000 + static_cast<long>(random() % 30'000'000);
        ChildProcess child =
            start_child(Why{"it is killed while it fills the store"}, [&] {
                kill_myself_after(moment);
                pull_for_ever(test.store, round);
            });
        CHECK(child.wait().signal == SIGKILL);
        parts_seen += test.files_in("ingest");
        for (const StoreFinding& finding : check_store(test.store))
            FAIL_CHECK(finding.object << ": " << finding.problem);
    }
    CHECK(parts_seen > 0);  // or it was never killed where it matters
    StoreLease lease = hold_store(test.store);
    set_images(lease, {named("last", put_image(lease, {"whole"}))});
    lease.file.reset();
    REQUIRE(collect_garbage(test.store, Wait::No));
    CHECK(check_store(test.store).empty());
    CHECK(test.files_in("ingest") == 0);
    CHECK(find_image(test.store, "last"));
}

namespace {

void mount_small_disk(const std::string& path) {
    check(::unshare(CLONE_NEWNS), "unshare");
    check(::mount(nullptr, "/", nullptr, MS_PRIVATE | MS_REC, nullptr),
          "mount");
    check(::mount("none", path.c_str(), "tmpfs", 0, "size=256k"), "mount");
}

void fill_the_disk(const std::string& path) {
    ContentStore store(path + "/images");
    StoreLease lease = hold_store(store);
    set_images(lease, {named("small", put_image(lease, {"small"}))});
    std::string bytes(1 << 20, 'f');
    std::uint64_t offset = 0;
    try {
        begin_ingest(lease, name_of(bytes), Wait::No)->write(bytes);
    } catch (const Error& error) {
        offset = begin_ingest(lease, name_of(bytes), Wait::No)->offset();
        must(error.system_errno() == ENOSPC, "another error than ENOSPC");
    }
    must(offset > 100'000 && offset < 256 * 1024, "the part is not kept");
    std::string index = read_index(store);
    try {
        set_images(lease, {named(std::string(4000, 'n'),
                                 find_image(store, "small")
                                     ? BlobName{list_images(store)[0].digest,
                                                list_images(store)[0].size}
                                     : name_of(""))});
        must(false, "index.json grew on a full disk");
    } catch (const Error& error) {
        must(error.system_errno() == ENOSPC, "another error than ENOSPC");
    }
    must(read_index(store) == index, "index.json has changed");
    must(check_store(store).empty(), "fsck finds something");

    lease.file.reset();
    must(collect_garbage(store, Wait::No)->bytes == offset, "gc on full disk");
    StoreLease again = hold_store(store);
    set_images(again, {named("more", put_image(again, {"more"}))});
    must(list_images(store).size() == 2, "the store cannot go on");
    must(check_store(store).empty(), "fsck finds something afterwards");
}

}  // namespace

TEST_CASE("a full disk") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can mount a small disk");
        return;
    }
    TempDir folder("full");
    ChildProcess child = start_child(Why{"it fills a disk of its own"}, [&] {
        mount_small_disk(folder.path());
        fill_the_disk(folder.path());
    });
    CHECK(child.wait().ok());
}
