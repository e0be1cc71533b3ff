#include "04-images/garbage.hpp"

#include <fcntl.h>

#include <atomic>
#include <thread>

#include "04-images/blob_references.hpp"
#include "04-images/fsck.hpp"
#include "unit/04-images/store_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

BlobName put_index(const StoreLease& lease,
                   const std::vector<BlobName>& manifests) {
    std::string list;
    for (const BlobName& manifest : manifests)
        list += (list.empty() ? "" : ",") + descriptor(oci_manifest, manifest);
    return put_blob(lease,
                    cat(R"({"schemaVersion":2,"manifests":[)", list, "]}"));
}

}  // namespace

TEST_CASE("what no image needs goes, what one needs stays") {
    TestStore test;
    BlobName kept = put_image(hold_store(test.store), {"shared", "kept"});
    BlobName gone = put_image(hold_store(test.store), {"shared", "gone!"});
    set_images(hold_store(test.store),
               {named("kept", kept), named("gone", gone)});
    CHECK(collect_garbage(test.store, Wait::No)->blobs.empty());
    remove_images(test.store, {"gone"});
    std::optional<Collected> collected = collect_garbage(test.store, Wait::No);
    REQUIRE(collected);
    CHECK(collected->blobs.size() == 3);  // manifest, config and a layer
    CHECK(collected->bytes > gone.size + 5);
    CHECK(blob_size(test.store, Digest::of("shared")));
    CHECK_FALSE(blob_size(test.store, Digest::of("gone!")));
    CHECK(check_store(test.store).empty());
    remove_images(test.store, {"kept"});
    collect_garbage(test.store, Wait::No);
    CHECK(test.files_in("blobs/sha256") == 0);
}

TEST_CASE("an index keeps the platforms that are there") {
    TestStore test;
    BlobName here = put_image(hold_store(test.store), {"here"});
    BlobName index = put_index(hold_store(test.store),
                               {here, {Digest::of("not pulled"), 10}});
    set_images(hold_store(test.store), {named("image", index, oci_index)});
    CHECK(collect_garbage(test.store, Wait::No)->blobs.empty());
    CHECK(check_store(test.store).empty());
}

TEST_CASE("manifests in use are kept without a name") {
    TestStore test;
    BlobName used = put_image(hold_store(test.store), {"used"});
    put_blob(hold_store(test.store), "unused");
    std::optional<Collected> collected =
        collect_garbage(test.store, Wait::No, {used.digest});
    CHECK(collected->blobs == std::vector<Digest>{Digest::of("unused")});
}

TEST_CASE("nothing goes while a lease is held") {
    TestStore test;
    std::optional<StoreLease> lease(hold_store(test.store));
    BlobName blob = put_image(*lease, {"layer"});
    Ingest unfinished = begin_new_blob(*lease);
    CHECK_FALSE(collect_garbage(test.store, Wait::No));
    std::atomic<bool> is_named = false;
    bool waited = false;
    std::size_t blobs = 99;
    std::thread collector([&] {
        std::optional<Collected> collected =
            collect_garbage(test.store, Wait::Yes);
        waited = is_named;
        blobs = collected->blobs.size();
    });
    set_images(*lease, {named("image", blob)});
    is_named = true;
    lease.reset();
    collector.join();
    CHECK(waited);
    CHECK(blobs == 0);
    CHECK(find_image(test.store, "image"));
    unfinished.write("is locked, so it was not collected");
    unfinished.commit();
}

TEST_CASE("leftovers go, whatever they are; what is not ours stays") {
    TestStore test;
    std::string victim = test.folder.path() + "/victim";
    write_file_atomic(victim, "untouched");
    Digest digest = Digest::of("part");
    {
        StoreLease lease = hold_store(test.store);
        begin_ingest(lease, {digest, 100}, Wait::No)->write("part");
    }
    write_file_atomic(test.path("ingest/new-abcdef"), "left");
    std::filesystem::create_symlink(victim, test.path("ingest/link"));
    std::filesystem::create_symlink(victim, test.store.blob_path(digest));
    REQUIRE(::mkfifo(test.path("ingest/fifo").c_str(), 0600) == 0);
    write_file_atomic(test.path("index.json.AbCdEf"), "half");
    for (const char* name : {"index.json.keep", "notes", "blobs/sha256/README"})
        write_file_atomic(test.path(name), "mine");
    std::filesystem::create_directory(test.path("ingest/folder"));

    std::optional<Collected> collected = collect_garbage(test.store, Wait::No);
    REQUIRE(collected);
    CHECK(collected->leftovers.size() == 5);
    CHECK(collected->bytes == 12);
    CHECK(read_file(victim, 100) == "untouched");
    CHECK(test.files_in("ingest") == 1);
    CHECK(test.files_in("blobs/sha256") == 1);
    CHECK(read_file(test.path("index.json.keep"), 100) == "mine");
    CHECK(read_file(test.path("notes"), 100) == "mine");
}

TEST_CASE("when it is not known what must stay, nothing goes") {
    TestStore test;
    put_blob(hold_store(test.store), "blob");
    SECTION("no index") {
        std::filesystem::remove(test.path("index.json"));
    }
    SECTION("half an index") {
        write_file_atomic(test.path("index.json"), "{\"schemaVersion\":2,");
    }
    SECTION("an index of wrong types") {
        write_file_atomic(test.path("index.json"),
                          R"({"schemaVersion":2,"manifests":[{"digest":1}]})");
    }
    SECTION("other digests") {
        std::filesystem::create_directory(test.path("blobs/sha512"));
    }
    CHECK_THROWS_AS(collect_garbage(test.store, Wait::No), Error);
    CHECK(blob_size(test.store, Digest::of("blob")));
}

TEST_CASE("references are found at any depth and of any type") {
    BlobName blob{Digest::of("x"), 1};
    std::string found = descriptor("any/type", blob);
    std::string document = GENERATE_COPY(
        as<std::string>{}, found, "[[" + found + "]]",
        R"({"subject":)" + found + "}", R"({"a":{"b":[1,)" + found + "]}}",
        "[" + found + R"(,{"digest":"sha512:00","size":1}])",
        "[" + found + R"(,{"digest":7,"size":1},{"digest":"x","size":1}])",
        R"({"size":-1,"digest":null,"x":)" + found + "}");
    std::vector<BlobReference> references = references_in(document);
    REQUIRE(references.size() == 1);
    CHECK(references[0].digest == blob.digest);
    CHECK(references[0].media_type == "any/type");
    std::string none = GENERATE(as<std::string>{}, "", "{", "null", "\x1f\x8b",
                                "{\"digest\":1}", std::string(10'000, '['));
    CHECK(references_in(none).empty());
}

TEST_CASE("references are found among very many fields") {
    BlobName blob{Digest::of("x"), 1};
    std::string document = "{";
    for (int i = 0; i < 200'000; ++i) document += cat("\"", i, "\":{},");
    document += cat("\"found\":", descriptor("any/type", blob), "}");
    CHECK(references_in(document).size() == 1);
    // As they stand, also where a value of another kind comes between.
    document = cat(R"([{"size":1,"x":{"size":2,"digest":null},"digest":")",
                   blob.digest.text(), R"("},"digest","sha256:",1,{}])");
    REQUIRE(references_in(document).size() == 1);
    CHECK(references_in(document)[0].size == 1);
    CHECK(references_in("\"digest\"").empty());
    CHECK(references_in("7").empty());
}

TEST_CASE("a chain of 1000 indexes is walked without recursion") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    // Written by hand: each put_blob() waits for the disk twice.
    std::string document = "{}";
    for (int i = 0; i < 1000; ++i) {
        BlobName blob{Digest::of(document), document.size()};
        UniqueFd file(::open(test.store.blob_path(blob.digest).c_str(),
                             O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        write_all(file.get(), document);
        document = cat("{\"manifests\":[", descriptor(oci_index, blob), "]}");
    }
    BlobName top = put_blob(lease, document);
    set_images(lease, {named("deep", top, oci_index)});
    lease.file.reset();
    CHECK(collect_garbage(test.store, Wait::No)->blobs.empty());
    CHECK(test.files_in("blobs/sha256") == 1001);
}
