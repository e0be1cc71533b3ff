#include "04-images/fsck.hpp"

#include <fcntl.h>

#include "04-images/garbage.hpp"
#include "unit/04-images/store_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using Kind = StoreFinding::Kind;

namespace {

// A store with one image of one layer.
struct StoreWithImage : TestStore {
    StoreWithImage() {
        StoreLease lease = hold_store(store);
        manifest = put_image(lease, {"the layer"}).digest;
        set_images(lease,
                   {named("image", {manifest, *blob_size(store, manifest)})});
    }
    Digest layer = Digest::of("the layer");
    Digest manifest = layer;
};

std::vector<Kind> kinds_in(const std::vector<StoreFinding>& findings) {
    std::vector<Kind> kinds;
    for (const StoreFinding& finding : findings) {
        CHECK_FALSE(finding.problem.empty());
        CHECK_FALSE(finding.object.empty());
        kinds.push_back(finding.kind);
    }
    return kinds;
}

using Kinds = std::vector<Kind>;

}  // namespace

TEST_CASE("a store that is well has no findings") {
    StoreWithImage test;
    CHECK(check_store(test.store).empty());
    CHECK(check_store(test.store, Repair::MoveBadBlobs).empty());
    CHECK_FALSE(std::filesystem::exists(test.path("bad")));
}

TEST_CASE("damaged blobs are found, put aside, and fetched again") {
    StoreWithImage test;
    std::string damaged = GENERATE(as<std::string>{}, "", "the laye",
                                   "the layer and more", "The layer");
    write_file_atomic(test.store.blob_path(test.layer), damaged);
    std::vector<StoreFinding> findings = check_store(test.store);
    REQUIRE_FALSE(findings.empty());
    CHECK(findings[0].kind == Kind::BadBlob);
    CHECK(findings[0].digest == test.layer);
    CHECK_FALSE(findings[0].moved);
    CHECK(blob_size(test.store, test.layer) == damaged.size());

    findings = check_store(test.store, Repair::MoveBadBlobs);
    CHECK(findings[0].moved);
    CHECK_FALSE(blob_size(test.store, test.layer));
    CHECK(read_file(test.path("bad/") + std::string(test.layer.hex()), 100) ==
          damaged);
    CHECK(kinds_in(check_store(test.store)) == Kinds{Kind::Missing});

    put_blob(hold_store(test.store), "the layer");
    CHECK(check_store(test.store).empty());
    CHECK(collect_garbage(test.store, Wait::No)->bytes == damaged.size());
    CHECK(test.files_in("bad") == 0);
}

TEST_CASE("what is planted as a blob is found and put aside unread") {
    StoreWithImage test;
    std::string path = test.store.blob_path(test.layer);
    std::filesystem::rename(path, test.path("copy"));
    SECTION("symlink") {  // although the bytes are right
        std::filesystem::create_symlink(test.path("copy"), path);
    }
    SECTION("folder") {
        std::filesystem::create_directory(path);
    }
    SECTION("FIFO") {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    }
    std::vector<StoreFinding> findings =
        check_store(test.store, Repair::MoveBadBlobs);
    CHECK(kinds_in(findings) == Kinds{Kind::BadBlob, Kind::Missing});
    CHECK(findings[0].moved);
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(read_file(test.path("copy"), 100) == "the layer");
}

TEST_CASE("missing blobs are found") {
    StoreWithImage test;
    Digest missing = GENERATE(false, true) ? test.layer : test.manifest;
    std::filesystem::remove(test.store.blob_path(missing));
    std::vector<StoreFinding> findings = check_store(test.store);
    REQUIRE(kinds_in(findings) == Kinds{Kind::Missing});
    CHECK(findings[0].digest == missing);
}

TEST_CASE("descriptors with wrong sizes are found") {
    StoreWithImage test;
    std::string manifest = read_blob(test.store, test.manifest, 10'000);
    std::size_t size = manifest.rfind(":9}");
    REQUIRE(size != std::string::npos);
    StoreLease lease = hold_store(test.store);
    BlobName lying = put_blob(lease, manifest.replace(size, 3, ":8}"));
    set_images(lease, {named("lying", lying)});
    CHECK(kinds_in(check_store(test.store)) == Kinds{Kind::WrongSize});
    std::string index = read_index(test.store);
    std::string right = cat("\"size\":", lying.size);
    index.replace(index.rfind(right), right.size(), "\"size\":1");
    write_file_atomic(test.path("index.json"), index);
    CHECK(kinds_in(check_store(test.store)) ==
          Kinds{Kind::WrongSize, Kind::WrongSize});
}

TEST_CASE("manifests that are none, and indexes without any platform") {
    StoreWithImage test;
    StoreLease lease = hold_store(test.store);
    SECTION("no manifest") {
        std::string bytes = GENERATE(as<std::string>{}, "", "{}", "no JSON",
                                     "[[[[", "{\"config\":{}}");
        set_images(lease, {named("bad", put_blob(lease, bytes))});
        CHECK(kinds_in(check_store(test.store)) == Kinds{Kind::BadContent});
    }
    SECTION("no platform") {
        BlobName index = put_blob(
            lease,
            cat("{\"manifests\":[",
                descriptor(oci_manifest, {Digest::of("none"), 1}), "]}"));
        set_images(lease, {named("bad", index, oci_index)});
        CHECK(kinds_in(check_store(test.store)) == Kinds{Kind::Missing});
    }
}

TEST_CASE("a bad layout, a bad index and stray files are found") {
    StoreWithImage test;
    std::string text =
        GENERATE(as<std::string>{}, "", "{}", "[]", "no JSON",
                 R"({"imageLayoutVersion":"2.0.0"})",
                 R"({"imageLayoutVersion":1})", std::string(100'000, ' '));
    write_file_atomic(test.path("oci-layout"), text);
    CHECK(kinds_in(check_store(test.store)) == Kinds{Kind::BadLayout});
    write_file_atomic(test.path("index.json"), text);
    CHECK(kinds_in(check_store(test.store)) ==
          Kinds{Kind::BadLayout, Kind::BadIndex});
    write_file_atomic(test.path("blobs/sha256/README"), "?");
    CHECK(kinds_in(check_store(test.store)) ==
          Kinds{Kind::BadLayout, Kind::Stray, Kind::BadIndex});
    std::filesystem::remove(test.path("index.json"));
    std::filesystem::remove(test.path("oci-layout"));
    REQUIRE(::mkfifo(test.path("oci-layout").c_str(), 0600) == 0);
    CHECK(kinds_in(check_store(test.store)) ==
          Kinds{Kind::BadLayout, Kind::Stray, Kind::BadIndex});
}
