// Archives that somebody made to do harm, or that were damaged on their way.
#include <random>

#include "unit/04-images/archive_fixture.hpp"
#include "unit/04-images/packed_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

const std::string config = config_of({"layer"});

/// An archive whose manifest.json names these files.
std::string naming(const std::string& config_path,
                   const std::string& layer_path,
                   const std::string& tags = "[\"app\"]") {
    return docker_manifest(docker_entry(config_path, {layer_path}, tags));
}

void check_kind(const Error& error, ErrorKind kind) {
    INFO(error.message());
    CHECK(static_cast<int>(error.kind()) == static_cast<int>(kind));
    CHECK(error.message().size() < 1000);
}
void check_invalid(const Error& error) {
    check_kind(error, ErrorKind::InvalidArgument);
}
void check_damaged(const Error& error) {
    check_kind(error, ErrorKind::DataLoss);
}

}  // namespace

TEST_CASE("case 42: an archive that ends early is no image") {
    std::string whole = old_archive(std::string(3000, 'l'));
    LoadTest test;
    StoreLease lease = hold_store(test.store);
    // At each block, and in the middle of each: the last one has the tags.
    for (std::size_t size = 0; size < whole.size() - 2048; size += 256) {
        INFO(size);
        CHECK_THROWS_AS(read_archive(lease, source_from(whole.substr(0, size))),
                        Error);
        CHECK(test.files_in("ingest") == 0);
    }
    CHECK(list_images(test.store).empty());
}

TEST_CASE("case 42: a packed archive that ends early, or is broken") {
    std::string whole = old_archive(std::string(3000, 'l')) + tar_end();
    std::string packed =
        GENERATE(true, false) ? gzipped(whole) : zstd_packed(whole);
    std::string broken = packed;
    SECTION("cut") {
        broken.resize(packed.size() - 3);
    }
    SECTION("checksum") {
        broken[packed.size() - 2] ^= 1;
    }
    SECTION("garbage behind it") {
        broken += "garbage";
    }
    LoadTest test;
    StoreLease lease = hold_store(test.store);
    CHECK_THROWS_AS(read_archive(lease, source_from(broken)), Error);
    CHECK(test.files_in("ingest") == 0);
    CHECK(read_archive(lease, source_from(packed)).size() == 1);
}

TEST_CASE("case 42: bytes behind the end of the archive") {
    LoadTest test;
    StoreLease lease = hold_store(test.store);
    auto load = [&](const std::string& tar) {
        return read_archive(lease, source_from(tar)).size();
    };
    std::string zeros(100'000, '\0');
    CHECK(load(old_archive() + tar_end() + zeros) == 1);
    CHECK_THROWS_AS(load(old_archive() + tar_end() + zeros + "x"), Error);
}

TEST_CASE("case 42: what broke half-way leaves nothing in ingest") {
    LoadTest test;
    StoreLease lease = hold_store(test.store);
    std::string layer(2'000'000, 'l');
    for (const std::string& file : {blob_file(layer), tar_file("l", layer)}) {
        auto rest = source_from(file);
        std::size_t sent = 0;
        auto breaks = [&](char* buffer, std::size_t capacity) {
            if (sent > 1'000'000)
                throw Error(ErrorKind::Unavailable, "the other side is gone");
            std::size_t got = rest(buffer, capacity);
            sent += got;
            return got;
        };
        CHECK_THROWS_WITH(read_archive(lease, breaks),
                          ContainsSubstring("the other side is gone"));
        CHECK(test.files_in("ingest") == 0);
        CHECK(test.files_in("blobs/sha256") == 0);
    }
}

TEST_CASE("case 43: a blob with another digest than its name") {
    LoadTest test;
    std::string name = "blobs/sha256/" + hex_of("layer");
    check_damaged(test.refused(tar_file(name, "lAyer")));
    check_damaged(test.refused(tar_file(name, "laye")));
    check_damaged(test.refused(tar_file(name, "layers")));
    CHECK(test.files_in("blobs/sha256") == 0);
    SECTION("while the store has the right one") {
        put_blob(hold_store(test.store), "layer");
        check_damaged(test.refused(tar_file(name, "laye")));
        CHECK(read_blob(test.store, Digest::of("layer"), 99) == "layer");
    }
}

TEST_CASE("case 43: manifest.json and the files do not fit") {
    LoadTest test;
    std::string files = tar_file("c", config) + tar_file("l", "layer");
    CHECK(test.load(files + naming("c", "l")).size() == 1);
    check_damaged(test.refused(tar_file("c", config) + tar_file("l", "lAyer") +
                               naming("c", "l")));
    std::string named_config = hex_of(config) + ".json";
    std::string other = config + " ";
    check_damaged(test.refused(tar_file(named_config, other) +
                               tar_file("l", "layer") +
                               naming(named_config, "l")));
    check_damaged(test.refused(tar_file("sha256:" + hex_of(config), other) +
                               tar_file("l", "layer") +
                               naming("sha256:" + hex_of(config), "l")));
    check_damaged(test.refused(files + naming("c", "missing")));
    check_damaged(test.refused(files + naming("missing", "l")));
    check_invalid(test.refused(
        files + docker_manifest(docker_entry("c", {"l", "l"}, "[\"app\"]"))));
    check_invalid(
        test.refused(files + docker_manifest(docker_entry("c", {}, "[]"))));
    check_invalid(test.refused(files + naming("l", "l")));  // no config
}

TEST_CASE("case 43: sizes and digests of an OCI archive") {
    std::string layer = "layer";
    BlobName layer_name{Digest::of(layer), layer.size()};
    BlobName config_name{Digest::of(config), config.size()};
    bool lacks_layer = false;
    SECTION("the layer's size") {
        ++layer_name.size;
    }
    SECTION("the config's size") {
        --config_name.size;
    }
    SECTION("a layer that is not there") {
        lacks_layer = true;
    }
    SECTION("a config that is not there") {
        config_name.digest = Digest::of("another");
    }
    std::string manifest = cat(
        R"({"schemaVersion":2,"config":)",
        descriptor("application/vnd.oci.image.config.v1+json", config_name),
        R"(,"layers":[)",
        descriptor("application/vnd.oci.image.layer.v1.tar", layer_name), "]}");
    std::string index =
        cat(R"({"schemaVersion":2,"manifests":[)",
            descriptor(oci_manifest, {Digest::of(manifest), manifest.size()}),
            "]}");
    LoadTest test;
    Error error = test.refused(tar_file("index.json", index) +
                               blob_file(config) + blob_file(manifest) +
                               (lacks_layer ? "" : blob_file(layer)));
    check_damaged(error);
}

TEST_CASE("case 43: a name's digest is that of its image") {
    std::string promised = "app@" + Digest::of("something else").text();
    LoadTest test;
    check_damaged(test.refused(tar_file("c", config) + tar_file("l", "layer") +
                               naming("c", "l", cat("[\"", promised, "\"]"))));
}

TEST_CASE("case 44: index.json that is a manifest as well, or names nothing") {
    LoadTest test;
    auto refused = [&](const std::string& text) {
        return test.refused(tar_file("index.json", text));
    };
    check_invalid(refused(R"({"schemaVersion":2,"manifests":[],"layers":[]})"));
    check_invalid(refused(R"({"schemaVersion":2,"manifests":[]})"));
    check_invalid(refused(R"({"schemaVersion":2})"));
    check_invalid(refused("[]"));
    check_invalid(refused("no JSON"));
    auto entry = [](const std::string& digest, const std::string& size) {
        return cat(R"({"schemaVersion":2,"manifests":[{"mediaType":")",
                   oci_manifest, R"(","digest":")", digest, R"(","size":)",
                   size, "}]}");
    };
    std::string digest = Digest::of("x").text();
    check_damaged(refused(entry(digest, "1")));
    check_invalid(refused(entry(digest, "9223372036854775808")));
    check_invalid(refused(entry(digest, "-1")));
    check_invalid(refused(entry("sha256:../../x", "1")));
}

TEST_CASE("case 45: names that lead out of the archive") {
    LoadTest test;
    std::string files = tar_file("c", config) + tar_file("l", "layer");
    auto path =
        GENERATE("../../x", "../c", "a/../../c", "/../c", "..", "", "a/../c");
    INFO(path);
    std::string outside = test.folder.path() + "/x";
    write_file_atomic(outside, "outside");
    if (*path) check_invalid(test.refused(tar_file(path, "x") + files));
    check_invalid(test.refused(files + naming(path, "l")));
    check_invalid(test.refused(files + naming("c", path)));
    check_invalid(
        test.refused(tar_symlink("m", path) + files + naming("c", "m")));
    CHECK(read_file(outside, 99) == "outside");
}

TEST_CASE("case 45: absolute names count from the archive's own root") {
    LoadTest test;
    std::string files = tar_file("/etc/config", config) +
                        tar_symlink("l", "/etc/layer") +
                        tar_file("etc/layer", "layer");
    CHECK(test.load(files + naming("/etc/config", "l")).size() == 1);
    check_damaged(
        test.refused(tar_file("c", config) + naming("c", "/etc/passwd")));
    check_damaged(test.refused(tar_file("c", config) +
                               tar_symlink("l", "/etc/passwd") +
                               naming("c", "l")));
}

TEST_CASE("case 45: links that never end, files that are none") {
    LoadTest test;
    std::string files = tar_file("c", config);
    check_invalid(test.refused(files + tar_symlink("a", "b") +
                               tar_symlink("b", "a") + naming("c", "a")));
    check_invalid(
        test.refused(files + tar_symlink("a", "a") + naming("c", "a")));
    for (char type : {'3', '4', '6'})
        check_invalid(test.refused(tar_entry({.name = "l", .type = type})));
    // Documents are files: what they link to is nobody's to say.
    check_invalid(
        test.refused(tar_file("m", "[]") + tar_symlink("manifest.json", "m")));
}

TEST_CASE("case 45: one name for two files") {
    LoadTest test;
    std::string files = tar_file("c", config) + tar_file("l", "layer");
    check_invalid(
        test.refused(files + tar_file("./l", "other") + naming("c", "l")));
    check_invalid(
        test.refused(files + tar_symlink("l", "c") + naming("c", "l")));
    check_invalid(test.refused(files + naming("c", "l") + naming("c", "l")));
}

TEST_CASE("case 45: one name for two images") {
    LoadTest test;
    std::string second = config + " ";
    std::string files =
        tar_file("c", config) + tar_file("d", second) + tar_file("l", "layer");
    std::string first = docker_entry("c", {"l"}, "[\"app\"]");
    check_invalid(test.refused(
        files + docker_manifest(first + "," +
                                docker_entry("d", {"l"}, "[\"app:latest\"]"))));
    CHECK(test.load(files + docker_manifest(first + "," + first)).size() == 1);
}

TEST_CASE("case 45: names of images that are none") {
    LoadTest test;
    std::string files = tar_file("c", config) + tar_file("l", "layer");
    for (std::string name : {"../../x", "/etc/passwd", "UPPER", "a b", "",
                             "\\u001b[31m", "a\\u0000b"})
        check_invalid(
            test.refused(files + naming("c", "l", cat("[\"", name, "\"]"))));
    check_invalid(test.refused(
        files + naming("c", "l", cat("[\"", std::string(5000, 'a'), "\"]"))));
    check_invalid(test.refused(files + naming("c", "l", "\"app\"")));
    check_invalid(test.refused(files + naming("c", "l", "[[]]")));
}

TEST_CASE("case 45: documents beyond measure") {
    LoadTest test;
    check_invalid(test.refused(
        tar_file("manifest.json", std::string(largest_manifest + 1, ' '))));
    check_invalid(
        test.refused(tar_file("manifest.json", std::string(1'000'000, '['))));
    std::string keys = "[{";
    for (int i = 0; i < 150'000; ++i) keys += cat("\"", i, "\":0,");
    check_invalid(test.refused(tar_file("manifest.json", keys + "\"x\":0}]")));
    std::string big(largest_config + 1, ' ');
    check_invalid(test.refused(tar_file("c", big) + tar_file("l", "layer") +
                               naming("c", "l")));
    check_invalid(test.refused(tar_file("manifest.json", "[{}]")));
    check_invalid(test.refused(tar_file("manifest.json", "{}")));
    check_invalid(test.refused(tar_file("manifest.json", "[]},\"x\":{")));
}

TEST_CASE("case 45: more names than anybody needs") {
    LoadTest test;
    std::string tar, folder(200, 'a');
    for (int i = 0; i < 90'000; ++i)
        tar += tar_symlink(cat(i), std::string(99, 'b'));
    SECTION("so many") {
        for (int i = 0; i < 20'000; ++i) tar += tar_folder("x");
    }
    SECTION("so long") {
        for (int i = 0; i < 4'000; ++i)
            tar += tar_long(
                       cat("x/", i, "/", std::string(250, 'c'), "/",
                           std::string(250, 'd'), "/", std::string(250, 'e'),
                           "/", std::string(250, 'f'), "/",
                           std::string(250, 'f'), "/", std::string(250, 'f'))) +
                   tar_symlink("y", "z");
    }
    check_invalid(test.refused(tar));
}

TEST_CASE("case 45: a file with holes") {
    LoadTest test;
    std::string sparse = tar_pax({{"GNU.sparse.numblocks", "1"},
                                  {"GNU.sparse.map", "1000000,5"},
                                  {"GNU.sparse.size", "1000005"}}) +
                         tar_file("l", "layer");
    check_invalid(
        test.refused(tar_file("c", config) + sparse + naming("c", "l")));
}

TEST_CASE("an archive that is changed anywhere is refused, or is the same") {
    std::mt19937 random(1);
    std::string whole = old_archive(std::string(600, 'l')) + tar_end();
    LoadTest test;
    StoreLease lease = hold_store(test.store);
    Digest id = Digest::of(config_of({std::string(600, 'l')}));
    for (int round = 0; round < 300; ++round) {
        std::string changed = whole;
        changed[random() % changed.size()] ^=
            static_cast<char>(1 << random() % 8);
        try {
            for (const NamedImage& image :
                 read_archive(lease, source_from(changed)))
                CHECK(read_image(test.store, image).id() == id);
        } catch (const Error& error) {
            CHECK(error.message().size() < 1000);
        }
        CHECK(test.files_in("ingest") == 0);
    }
}
