// Layers that are unpacked while their archive is read.
#include "04-images/early_unpack.hpp"

#include <filesystem>
#include <stdexcept>

#include "common/files.hpp"
#include "unit/04-images/archive_fixture.hpp"
#include "unit/catch.hpp"

namespace slipway {
namespace {

struct EarlyTest : LoadTest {
    EarlyTest() : folder("snapshots"), snapshots(folder.path()) {}
    /// Reads an archive; what is made of its layers is in `snapshots` then.
    void read(const ByteSource& source) {
        StoreLease lease = hold_store(store);
        EarlyUnpack early(snapshots, {}, {});
        read_archive(lease, source, &early);
        early.wait();
        for (const Digest& layer : snapshots.list())
            CHECK(early.has_made(layer));
    }
    bool is_empty() const {
        for (const auto& entry :
             std::filesystem::directory_iterator(folder.path()))
            if (entry.is_directory()) return false;
        return true;
    }
    TempDir folder;
    Snapshots snapshots;
};

std::string layer_tar(const std::string& text) {
    return tar_file("file", text) + tar_end();
}

// As skopeo and podman write it: HEX.tar.
std::string docker_archive(const std::string& layer, const std::string& name) {
    std::string config = config_of({layer});
    return tar_file(name, layer) + tar_file(hex_of(config) + ".json", config) +
           docker_manifest(
               docker_entry(hex_of(config) + ".json", {name}, "[\"app:1\"]")) +
           tar_end();
}

}  // namespace

TEST_CASE("a layer whose name has its digest is unpacked on the way") {
    EarlyTest test;
    std::string layer = layer_tar("here");
    std::string name = hex_of(layer) + ".tar";
    SECTION("HEX.tar") {}
    SECTION("of a folder") {
        name = "blobs/sha256/" + hex_of(layer);
    }
    test.read(source_from(docker_archive(layer, name), 1000));
    REQUIRE(test.snapshots.has(Digest::of(layer)));
    CHECK(read_file(test.snapshots.path(Digest::of(layer)) + "/file", 100) ==
          "here");
}

TEST_CASE("more layers than threads") {
    EarlyTest test;
    std::string files;
    std::vector<std::string> layers, names;
    for (int i = 0; i < 9; ++i) {
        layers.push_back(layer_tar(cat("text ", i)));
        names.push_back(hex_of(layers.back()) + ".tar");
        files += tar_file(names.back(), layers.back());
    }
    std::string config = config_of(layers);
    files += tar_file("config", config) +
             docker_manifest(docker_entry("config", names, "[\"app:1\"]")) +
             tar_end();
    test.read(source_from(files, 1 << 16));
    CHECK(test.snapshots.list().size() == layers.size());
}

TEST_CASE("what is no layer is left to who knows more") {
    EarlyTest test;
    std::string layer = layer_tar("here");
    SECTION("a name without a digest") {
        test.read(source_from(docker_archive(layer, "id/layer.tar"), 1000));
    }
    SECTION("a name with another digest") {
        std::string name = hex_of("other") + ".tar";
        test.read(source_from(docker_archive(layer, name), 1000));
    }
    SECTION("no tar") {
        layer = std::string(2000, 'x');
        test.read(source_from(docker_archive(layer, hex_of(layer)), 1000));
    }
    SECTION("a tar that leads out") {
        layer = tar_file("../file", "out") + tar_end();
        test.read(source_from(docker_archive(layer, hex_of(layer)), 1000));
    }
    CHECK(test.is_empty());
}

TEST_CASE("an archive that ends in the middle leaves no layer") {
    EarlyTest test;
    std::string layer = tar_file("file", std::string(100'000, 'x')) + tar_end();
    std::string whole = docker_archive(layer, hex_of(layer) + ".tar");
    SECTION("it ends") {
        auto half = source_from(whole.substr(0, 50'000), 1000);
        CHECK_THROWS_AS(test.read(half), Error);
    }
    SECTION("it breaks") {
        ByteSource start = source_from(whole, 1000);
        std::size_t left = 60;
        CHECK_THROWS_AS(test.read([&](char* buffer, std::size_t capacity) {
            if (left-- == 0)
                throw Error(ErrorKind::System, "the other side is gone");
            return start(buffer, capacity);
        }),
                        Error);
    }
    CHECK(test.is_empty());
}

}  // namespace slipway
