#include "04-images/containers.hpp"

#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "04-images/ingest.hpp"
#include "04-images/prune.hpp"
#include "04-images/reference.hpp"
#include "common/text.hpp"
#include "unit/04-images/store_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

/// A store with one image of two layers, unpacked.
struct Images {
    TempDir folder{"containers"};
    ImageStore store{folder.path()};
    std::string name = "docker.io/library/app:1";

    Images() {
        StoreLease lease = hold_store(store.content);
        set_images(lease, {named(name, put_image(lease, {"one", "two"}))});
        for (const char* bytes : {"one", "two"})
            store.snapshots.make(Digest::of(bytes), [](auto& path) {
                write_file_atomic(path + "/file", "text");
                return 4U;
            });
    }
    StoredImage image() { return find_stored_image(store.content, "app:1"); }
};

}  // namespace

TEST_CASE("an image is found by name, and by the beginning of its ID") {
    Images images;
    StoredImage image = images.image();
    std::string id = image.id().text();
    for (const std::string& text :
         {std::string("app:1"), images.name, id, id.substr(7), id.substr(7, 5),
          image.manifest_digest.text()})
        CHECK(find_stored_image(images.store.content, text).id() == image.id());
    for (const char* text : {"app", "app:2", "fffffffffffffff", "UPPER:CASE/x"})
        CHECK_THROWS_AS(find_stored_image(images.store.content, text), Error);
}

TEST_CASE("with a digest the tag says nothing more") {
    Images images;
    Digest digest = images.image().manifest_digest;
    Reference name = parse_reference(cat("app:2@", digest.text()));
    NamedImage by_digest = images.image().name;
    by_digest.name = name.stored_name();
    set_images(hold_store(images.store.content), {by_digest});
    for (const std::string& text : {name.text(), name.stored_name()})
        CHECK(find_stored_image(images.store.content, text).name.name ==
              cat("docker.io/library/app@", digest.text()));
}

TEST_CASE("a damaged image hides no other, and its name can be removed") {
    Images images;
    const ContentStore& store = images.store.content;
    StoredImage image = images.image();
    BlobName bad = put_image(hold_store(store), {"bad"});
    set_images(hold_store(store), {named("docker.io/library/bad:1", bad)});
    write_file_atomic(store.blob_path(bad.digest), "{");
    CHECK_THROWS_AS(find_stored_image(store, "bad:1"), Error);
    CHECK(find_stored_image(store, image.id().text()).id() == image.id());
    REQUIRE(find_by_name(store, "bad:1"));
    remove_images(store, {find_by_name(store, "bad:1")->name});
    CHECK_FALSE(find_by_name(store, "bad:1"));
    CHECK(images.image().id() == image.id());
}

TEST_CASE("of an index it is the image for the platform that is wanted") {
    Images images;
    const ContentStore& store = images.store.content;
    StoreLease lease = hold_store(store);
    std::string list;
    for (const char* platform : {"amd64", "arm64"}) {
        std::string entry =
            descriptor(oci_manifest, put_image(lease, {platform}));
        entry.pop_back();
        list += cat(list.empty() ? "" : ",", entry,
                    ",\"platform\":{\"os\":\"linux\",\"architecture\":\"",
                    platform, "\"}}");
    }
    BlobName index =
        put_blob(lease, cat("{\"schemaVersion\":2,\"mediaType\":\"", oci_index,
                            "\",\"manifests\":[", list, "]}"));
    set_images(lease, {named("docker.io/library/both:1", index, oci_index)});
    for (const char* platform : {"amd64", "arm64"})
        CHECK(find_stored_image(store, "both:1",
                                parse_platform(cat("linux/", platform)))
                  .layers()[0]
                  .diff_id == Digest::of(platform));
}

TEST_CASE("a kept container keeps its image's blobs and layers") {
    Images images;
    {
        Container box = create_container(images.store, images.image(), "box");
        CHECK(box.overlay(images.store).lower.size() == 2);
        CHECK_THROWS_AS(open_container(images.store, "box"), Error);  // in use
        CHECK_THROWS_AS(create_container(images.store, images.image(), "box"),
                        Error);
    }
    remove_images(images.store.content, {images.name});
    auto pruned = prune_store(images.store, Wait::No);
    REQUIRE(pruned);
    CHECK(pruned->content.blobs.empty());
    CHECK(pruned->snapshots.empty());

    Container box = open_container(images.store, "box");
    CHECK(box.image.name.name == images.name);
    remove_container(box);
    box.layers.clear();
    CHECK(list_containers(images.store).empty());
    pruned = prune_store(images.store, Wait::No);
    CHECK(pruned->content.blobs.size() == 4);
    CHECK(pruned->snapshots.size() == 2);
    CHECK(pruned->bytes > 8);
}

TEST_CASE("prune asks what is needed when nobody can need more") {
    Images images;
    ::mkdir((images.folder.path() + "/containers").c_str(), 0700);
    ::mkdir((images.folder.path() + "/containers/box").c_str(), 0700);
    write_file_atomic(images.folder.path() + "/containers/box/image", "{");
    {
        StoreLease lease = hold_store(images.store.content);
        CHECK_FALSE(prune_store(images.store, Wait::No));  // it did not look
    }
    CHECK_THROWS_AS(prune_store(images.store, Wait::No), Error);
}

TEST_CASE("layers that something runs on are not pruned") {
    Images images;
    auto box = std::make_unique<Container>(
        create_container(images.store, images.image(), ""));
    remove_images(images.store.content, {images.name});
    CHECK(prune_store(images.store, Wait::No)->snapshots.empty());
    CHECK(std::filesystem::exists(box->folder));
    std::string folder = box->folder;
    box.reset();  // as if killed: the folder stays, the locks go
    CHECK(prune_store(images.store, Wait::No)->snapshots.size() == 2);
    CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("a container that is being made is no leftover") {
    Images images;
    std::atomic<bool> done = false;
    std::string failure;
    std::thread other([&] {
        try {
            while (!done) remove_container_leftovers(images.store);
        } catch (const Error& error) {
            failure = error.message();
        }
    });
    StoredImage image = images.image();
    int made = 0;
    try {
        for (; made < 300; ++made) {
            Container box = create_container(images.store, image, "");
            if (!std::filesystem::exists(box.upper())) break;
            remove_container(box);
        }
    } catch (const Error& error) {
        failure += error.message();
    }
    done = true;
    other.join();
    CHECK(failure.empty());
    CHECK(made == 300);
}

TEST_CASE("container names cannot lead elsewhere") {
    Images images;
    for (const char* name : {"..", ".", "a/b", "-a", "a b", "/etc", "\n"})
        CHECK_THROWS_AS(create_container(images.store, images.image(), name),
                        Error);
    CHECK(list_containers(images.store).empty());
}
