#include "04-images/content_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "unit/04-images/store_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

std::string read_stream(const ContentStore& store, const Digest& digest) {
    BlobReader reader(store, digest);
    std::string bytes;
    char buffer[7];
    while (std::size_t count = reader.read(buffer, sizeof buffer))
        bytes.append(buffer, count);
    CHECK(reader.read(buffer, sizeof buffer) == 0);  // stays at its end
    return bytes;
}

ErrorKind kind_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::NotModified;  // no error
}

}  // namespace

TEST_CASE("a new store is an empty OCI layout; opening it again keeps it") {
    TestStore test;
    CHECK(read_file(test.path("oci-layout"), 1000) ==
          R"({"imageLayoutVersion":"1.0.0"})");
    CHECK(list_images(test.store).empty());
    StoreLease lease = hold_store(test.store);
    set_images(lease, {named("a", put_image(lease, {"layer"}))});
    ContentStore again(test.store.root);
    CHECK(list_images(again).size() == 1);
}

TEST_CASE("a store is opened by a relative path and outlives chdir") {
    TempDir folder("store");
    std::string before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    ContentStore store("a/b");
    std::filesystem::current_path(before);
    CHECK(store.root == folder.path() + "/a/b");
    CHECK(put_blob(hold_store(store), "x").size == 1);
    CHECK(list_images(store).empty());
}

TEST_CASE("a place that cannot be a store is an error") {
    TempDir folder("store");
    write_file_atomic(folder.path() + "/file", "");
    CHECK_THROWS_AS(ContentStore(folder.path() + "/file"), Error);
    CHECK_THROWS_AS(ContentStore(folder.path() + "/file/below"), Error);
    std::filesystem::create_symlink(folder.path(), folder.path() + "/blobs");
    CHECK_THROWS_AS(ContentStore(folder.path()), Error);
}

TEST_CASE("blobs are read whole, as a stream and as a file") {
    TestStore test;
    std::string bytes(100'000, 'x');
    BlobName blob = put_blob(hold_store(test.store), bytes);
    CHECK(blob.digest == Digest::of(bytes));
    CHECK(blob_size(test.store, blob.digest) == bytes.size());
    CHECK(read_blob(test.store, blob.digest, bytes.size()) == bytes);
    CHECK(read_stream(test.store, blob.digest) == bytes);
    UniqueFd file = open_blob(test.store, blob.digest);
    CHECK(read_all(file.get(), bytes.size()) == bytes);
    CHECK(kind_of([&] {
              read_blob(test.store, blob.digest, bytes.size() - 1);
          }) == ErrorKind::InvalidArgument);
    BlobName empty = put_blob(hold_store(test.store), "");
    CHECK(read_stream(test.store, empty.digest).empty());
}

TEST_CASE("a blob that is not there") {
    TestStore test;
    Digest digest = Digest::of("nowhere");
    CHECK_FALSE(blob_size(test.store, digest));
    for (const std::function<void()>& body : std::vector<std::function<void()>>{
             [&] { open_blob(test.store, digest); },
             [&] { read_blob(test.store, digest, 10); },
             [&] { BlobReader(test.store, digest); }})
        CHECK(kind_of(body) == ErrorKind::NotFound);
}

TEST_CASE("a damaged blob is never read as a good one") {
    TestStore test;
    BlobName blob = put_blob(hold_store(test.store), "good bytes");
    std::string damaged = GENERATE(as<std::string>{}, "", "good byte",
                                   "good bytesX", "Good bytes");
    write_file_atomic(test.store.blob_path(blob.digest), damaged);
    CHECK(kind_of([&] { read_blob(test.store, blob.digest, 100); }) ==
          ErrorKind::DataLoss);
    BlobReader reader(test.store, blob.digest);
    auto read_it = [&] {
        char buffer[4];
        while (reader.read(buffer, sizeof buffer) > 0) {
        }
    };
    CHECK(kind_of(read_it) == ErrorKind::DataLoss);
    CHECK(kind_of(read_it) == ErrorKind::DataLoss);  // it does not get better
}

TEST_CASE("what is planted as a blob is not followed") {
    TestStore test;
    std::string secret = test.folder.path() + "/secret";
    write_file_atomic(secret, "secret");
    Digest digest = Digest::of("secret");
    std::string path = test.store.blob_path(digest);
    SECTION("symlink") {
        std::filesystem::create_symlink(secret, path);
    }
    SECTION("folder") {
        std::filesystem::create_directory(path);
    }
    SECTION("FIFO") {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    }
    CHECK_FALSE(blob_size(test.store, digest));
    CHECK(kind_of([&] { open_blob(test.store, digest); }) ==
          ErrorKind::NotFound);
}
