#include "04-images/archive_load.hpp"

#include "04-images/blob_references.hpp"
#include "04-images/garbage.hpp"
#include "04-images/manifest.hpp"
#include "unit/04-images/archive_fixture.hpp"
#include "unit/04-images/packed_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

std::vector<std::string> names_of(const std::vector<NamedImage>& images) {
    std::vector<std::string> names;
    for (const NamedImage& image : images) names.push_back(image.name);
    return names;
}

std::string layer_text(const LoadTest& test, const NamedImage& image,
                       std::size_t number = 0) {
    StoredImage read = read_image(test.store, image);
    return read_blob(test.store, read.manifest.layers.at(number).digest, 99);
}

/// The entries of an OCI archive with one image.
struct OciArchive {
    std::string layer = "layer";
    std::string config = config_of({layer});
    std::string manifest = cat(
        R"({"schemaVersion":2,"mediaType":")", oci_manifest, R"(","config":)",
        descriptor("application/vnd.oci.image.config.v1+json",
                   {Digest::of(config), config.size()}),
        R"(,"layers":[)",
        descriptor("application/vnd.oci.image.layer.v1.tar",
                   {Digest::of(layer), layer.size()}),
        "]}");
    std::string annotations =
        R"({"org.opencontainers.image.ref.name":"example.org/app:1"})";

    std::string index() const {
        std::string entry =
            descriptor(oci_manifest, {Digest::of(manifest), manifest.size()});
        entry.pop_back();
        return tar_file("index.json",
                        cat(R"({"schemaVersion":2,"manifests":[)", entry,
                            R"(,"annotations":)", annotations, "}]}"));
    }
    std::string all() const {
        return tar_file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})") +
               index() + blob_file(manifest) + blob_file(config) +
               blob_file(layer);
    }
};

}  // namespace

TEST_CASE("what save writes, load reads") {
    TestStore from;
    StoreLease lease = hold_store(from.store);
    BlobName one = put_image(lease, {"shared", "one"});
    BlobName two = put_image(lease, {"shared", "two"});
    set_images(lease, {named("docker.io/library/app:1", one),
                       named("example.org/team/app:2", two)});
    std::string tar = saved(from.store, {"app:1", "example.org/team/app:2"});
    LoadTest to;
    SECTION("plain") {}
    SECTION("gzip") {
        tar = gzipped(tar);
    }
    SECTION("zstd") {
        tar = zstd_packed(tar);
    }
    StoreLease held = hold_store(to.store);
    std::vector<NamedImage> images = read_archive(held, source_from(tar, 1000));
    REQUIRE(images.size() == 2);
    CHECK(list_images(to.store).empty());  // the caller gives the names
    set_images(held, images);
    CHECK(saved(to.store, {"app:1", "example.org/team/app:2"}) ==
          saved(from.store, {"app:1", "example.org/team/app:2"}));
    // Nothing else is there.
    CHECK(to.files_in("blobs/sha256") == 7);
    CHECK(to.files_in("ingest") == 0);
}

TEST_CASE("load: an OCI archive, its entries in any order") {
    OciArchive archive;
    LoadTest test;
    std::string tar;
    SECTION("as usual") {
        tar = archive.all();
    }
    SECTION("the index last") {
        tar = blob_file(archive.layer) + blob_file(archive.config) +
              blob_file(archive.manifest) + archive.index();
    }
    SECTION("names with ./") {
        tar = tar_folder("./blobs") + tar_folder("./blobs/sha256") +
              blob_file(archive.manifest) + blob_file(archive.config) +
              tar_file("./blobs/sha256/" + hex_of("layer"), "layer") +
              tar_entry({.name = "./index.json"},
                        archive.index().substr(512, 400).c_str());
    }
    std::vector<NamedImage> images = test.load(tar, 700);
    REQUIRE(names_of(images) == std::vector<std::string>{"example.org/app:1"});
    CHECK(images[0].digest == Digest::of(archive.manifest));
    CHECK(layer_text(test, images[0]) == "layer");
}

TEST_CASE("load: names of an OCI archive") {
    OciArchive archive;
    LoadTest test;
    SECTION("docker's: the tag, and the whole name") {
        archive.annotations =
            R"({"org.opencontainers.image.ref.name":"1",)"
            R"("io.containerd.image.name":"docker.io/library/app:1"})";
        CHECK(names_of(test.load(archive.all()))[0] ==
              "docker.io/library/app:1");
    }
    SECTION("a short one is made whole") {
        archive.annotations = R"({"org.opencontainers.image.ref.name":"app"})";
        CHECK(names_of(test.load(archive.all()))[0] ==
              "docker.io/library/app:latest");
    }
    SECTION("none: the image has its ID") {
        archive.annotations = "{}";
        NamedImage image = test.load(archive.all()).at(0);
        CHECK(image.is_unnamed());
        CHECK(image.name == Digest::of(archive.config).text());
        set_images(hold_store(test.store), {image});
        CHECK(collect_garbage(test.store, Wait::No)->blobs.empty());
    }
    SECTION("a digest, which is a promise") {
        std::string name =
            "example.org/app@" + Digest::of(archive.manifest).text();
        archive.annotations =
            cat(R"({"org.opencontainers.image.ref.name":")", name, "\"}");
        CHECK(names_of(test.load(archive.all()))[0] == name);
    }
}

TEST_CASE("load: several images, and several names of one") {
    std::string first = config_of({"a", "b"}), second = config_of({"b"});
    std::string tar =
        docker_manifest(
            docker_entry("first", {"a.tar", "b.tar"}, R"(["x:1","x:2"])") +
            "," + docker_entry("second", {"b.tar"}, R"(["y:1"])")) +
        tar_file("b.tar", "b") + tar_file("a.tar", "a") +
        tar_file("second", second) + tar_file("first", first);
    LoadTest test;
    std::vector<NamedImage> images = test.load(tar);
    CHECK(names_of(images) ==
          std::vector<std::string>{"docker.io/library/x:1",
                                   "docker.io/library/x:2",
                                   "docker.io/library/y:1"});
    CHECK(images[0].digest == images[1].digest);
    CHECK(layer_text(test, images[0], 1) == "b");
    CHECK(layer_text(test, images[2]) == "b");
}

TEST_CASE("load: Docker's archive of old, the image keeps its ID") {
    LoadTest test;
    NamedImage image = test.load(old_archive()).at(0);
    CHECK(image.name == "docker.io/library/app:1");
    StoredImage read = read_image(test.store, image);
    CHECK(read.id() == Digest::of(config_of({"layer"})));
    // Manifest, config, layer; not id/json, id/VERSION, repositories.
    CHECK(test.files_in("blobs/sha256") == 3);
    set_images(hold_store(test.store), {image});
    CHECK(collect_garbage(test.store, Wait::No)->blobs.empty());
}

TEST_CASE("load: layers that are links to one another's") {
    std::string config = config_of({"layer", "layer"});
    std::string link;
    SECTION("docker's") {
        link = tar_symlink("b/layer.tar", "../a/layer.tar");
    }
    SECTION("from the top") {
        link = tar_symlink("b/layer.tar", "/a/layer.tar");
    }
    SECTION("hard") {
        link = tar_hard_link("b/layer.tar", "a/layer.tar");
    }
    LoadTest test;
    auto images = test.load(
        link + tar_file("a/layer.tar", "layer") +
        tar_file("config.json", config) +
        docker_manifest(docker_entry(
            "config.json", {"a/layer.tar", "b/layer.tar"}, "[\"app\"]")));
    CHECK(layer_text(test, images.at(0), 1) == "layer");
}

TEST_CASE("load: packed layers in a Docker archive") {
    std::string packed = gzipped("layer"), type = "gzip";
    bool is_zstd = GENERATE(false, true);
    if (is_zstd) packed = zstd_packed("layer"), type = "zstd";
    std::string config = config_of({"layer"});
    LoadTest test;
    auto images =
        test.load(tar_file("l", packed) + tar_file("c", config) +
                  docker_manifest(docker_entry("c", {"l"}, "[\"app\"]")));
    StoredImage read = read_image(test.store, images.at(0));
    CHECK(read.manifest.layers[0].media_type ==
          "application/vnd.oci.image.layer.v1.tar+" + type);
    CHECK(read.manifest.layers[0].digest == Digest::of(packed));
}

TEST_CASE("load: an image without tags") {
    LoadTest test;
    auto tags = GENERATE("null", "[]");
    NamedImage image = test.load(old_archive("layer", tags)).at(0);
    CHECK(image.is_unnamed());
    CHECK(image.name == Digest::of(config_of({"layer"})).text());
}

TEST_CASE("load takes blobs that are here as they are") {
    OciArchive archive;
    LoadTest test;
    put_blob(hold_store(test.store), "layer");
    CHECK(test.load(archive.all()).size() == 1);
    SECTION("one that is damaged is replaced") {
        std::filesystem::resize_file(test.store.blob_path(Digest::of("layer")),
                                     2);
        CHECK(test.load(archive.all()).size() == 1);
        CHECK(read_blob(test.store, Digest::of("layer"), 99) == "layer");
    }
}

TEST_CASE("load of what is no archive of images") {
    LoadTest test;
    CHECK(test.refused("").message().find("neither index.json") !=
          std::string::npos);
    CHECK(test.refused(tar_file("etc/passwd", "root")).kind() ==
          ErrorKind::InvalidArgument);
    CHECK(test.refused(docker_manifest("")).message() ==
          "there is no image in it");
    StoreLease lease = hold_store(test.store);
    CHECK_THROWS_AS(read_archive(lease, source_from("\x7f"
                                                    "ELF, not a tar")),
                    Error);
    CHECK_THROWS_AS(read_archive(lease, source_from(std::string(2000, 'x'))),
                    Error);
}
