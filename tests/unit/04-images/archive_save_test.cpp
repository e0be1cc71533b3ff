#include "04-images/archive_save.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "04-images/blob_references.hpp"
#include "unit/04-images/archive_fixture.hpp"
#include "unit/04-images/read_tar_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

// "app:1" with the layers "shared" and "one", "app:2" with "shared" and "two".
struct TwoImages : TestStore {
    StoreLease lease = hold_store(store);
    BlobName one = put_image(lease, {"shared", "one"});
    BlobName two = put_image(lease, {"shared", "two"});

    TwoImages() {
        set_images(lease, {named("docker.io/library/app:1", one),
                           named("docker.io/library/app:2", two)});
    }
};

std::map<std::string, std::string> archive_texts(const std::string& tar) {
    std::map<std::string, std::string> texts;
    for (const test::ReadEntry& entry : test::read_tar(tar)) {
        if (S_ISDIR(entry.mode)) continue;
        CHECK(texts.emplace(entry.name, entry.text).second);
    }
    return texts;
}

void overwrite(const std::string& path, const std::string& bytes) {
    UniqueFd file(check(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC),
                        "open ", path));
    write_all(file.get(), bytes);
}

}  // namespace

TEST_CASE("save writes an OCI layout and a Docker archive into one tar") {
    TwoImages test;
    auto files = archive_texts(saved(test.store, {"app:1"}));
    CHECK(files["oci-layout"] == R"({"imageLayoutVersion":"1.0.0"})");
    std::vector<NamedImage> images = images_in(files["index.json"]);
    REQUIRE(images.size() == 1);
    CHECK(images[0].name == "docker.io/library/app:1");
    CHECK(images[0].digest == test.one.digest);
    auto docker = nlohmann::json::parse(files["manifest.json"]);
    REQUIRE(docker.size() == 1);
    CHECK(docker[0]["RepoTags"] == nlohmann::json{"docker.io/library/app:1"});
    CHECK(docker[0]["Layers"][0] == "blobs/sha256/" + hex_of("shared"));
    CHECK(docker[0]["Layers"][1] == "blobs/sha256/" + hex_of("one"));
    std::string config = docker[0]["Config"];
    CHECK(files.at(config) == config_of({"shared", "one"}));
    CHECK(files.at("blobs/sha256/" + hex_of("one")) == "one");
    CHECK(files.size() == 3 + 4);  // manifest, config, two layers
}

TEST_CASE("save writes a blob once, whoever needs it") {
    TwoImages test;
    set_images(test.lease, {named("docker.io/library/other:1", test.one)});
    auto files = archive_texts(
        saved(test.store, {"app:1", "app:2", "other:1", "app:1"}));
    CHECK(files.size() == 3 + 7);
    CHECK(images_in(files["index.json"]).size() == 3);
    auto docker = nlohmann::json::parse(files["manifest.json"]);
    CHECK(docker.size() == 2);  // two names, one entry
    for (const auto& entry : docker)
        if (entry["RepoTags"].size() == 2)
            CHECK(entry["RepoTags"] ==
                  nlohmann::json{"docker.io/library/app:1",
                                 "docker.io/library/other:1"});
}

TEST_CASE("save writes the same bytes at any time and in any store") {
    TwoImages test, other;
    std::string tar = saved(test.store, {"app:1", "app:2"});
    CHECK(tar == saved(other.store, {"app:1", "app:2"}));
    for (const auto& entry : test::read_tar(tar)) {
        CHECK(entry.seconds == 0);
        CHECK(entry.uid == 0);
    }
}

TEST_CASE("save of an image without a name gives it none") {
    TestStore test;
    BlobName image = put_image(hold_store(test.store), {"layer"});
    std::string id = Digest::of(config_of({"layer"})).text();
    set_images(hold_store(test.store), {named(id, image)});
    auto files = archive_texts(saved(test.store, {id}));
    CHECK(images_in(files["index.json"]).empty());
    CHECK(references_in(files["index.json"]).size() == 1);
    auto docker = nlohmann::json::parse(files["manifest.json"]);
    CHECK(docker[0]["RepoTags"].empty());
}

TEST_CASE("save of an index takes all its images, or the one that is here") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    BlobName here = put_image(lease, {"here"});
    BlobName there{Digest::of("there"), 5};
    bool is_whole = GENERATE(true, false);
    if (is_whole) there = put_image(lease, {"for arm"});
    auto entry = [](const BlobName& blob, const std::string& platform) {
        std::string text = descriptor(oci_manifest, blob);
        text.pop_back();
        return cat(text, R"(,"platform":{"os":"linux","architecture":")",
                   platform, "\"}}");
    };
    std::string host = host_platform().architecture;
    BlobName index = put_blob(
        lease, cat(R"({"schemaVersion":2,"manifests":[)", entry(here, host),
                   ",", entry(there, "s390x"), "]}"));
    set_images(lease, {named("docker.io/library/app:1", index, oci_index)});
    auto files = archive_texts(saved(test.store, {"app:1"}));
    std::vector<NamedImage> images = images_in(files["index.json"]);
    CHECK(images[0].digest == (is_whole ? index : here).digest);
    CHECK(files.contains("blobs/sha256/" + hex_of("for arm")) == is_whole);
    LoadTest other;
    CHECK(other.load(saved(test.store, {"app:1"})).size() == 1);
}

TEST_CASE("save of a damaged image does not end well (case 43)") {
    TwoImages test;
    std::string path = test.store.blob_path(Digest::of("one"));
    StoredImage image = find_stored_image(test.store, "app:1");
    std::string written;
    auto sink = [&](std::string_view bytes) { written += bytes; };
    auto save = [&] { save_images(test.lease, {image}, sink); };
    SECTION("a byte is wrong") {
        overwrite(path, "oNe");
        CHECK_THROWS_AS(save(), Error);
        LoadTest other;  // what was written is no archive
        CHECK(other.refused(written).kind() != ErrorKind::System);
    }
    SECTION("a byte is missing") {
        overwrite(path, "on");
        CHECK_THROWS_AS(save(), Error);
        CHECK(written.empty());
    }
    SECTION("a layer is missing") {
        std::filesystem::remove(path);
        CHECK_THROWS_AS(save(), Error);
        CHECK(written.empty());
    }
}

TEST_CASE("save ends when nobody takes the bytes") {
    TwoImages test;
    StoredImage image = find_stored_image(test.store, "app:1");
    auto full = [](std::string_view) {
        throw Error(ErrorKind::System, "write", ENOSPC);
    };
    try {
        save_images(test.lease, {image}, full);
        FAIL("it did not throw");
    } catch (const Error& error) {
        CHECK(error.system_errno() == ENOSPC);
    }
}
