#include "04-images/new_image.hpp"

#include <filesystem>

#include "04-images/fsck.hpp"
#include "04-images/garbage.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/04-images/packed_fixture.hpp"
#include "unit/04-images/stream_fixture.hpp"
#include "unit/04-images/tar_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

const std::string root_tar = tar_folder("etc") + tar_file("etc/name", "value") +
                             tar_file("bin", "program") + tar_end();

struct ImportTest {
    TempDir folder{"import"};
    ImageStore store{folder.path() + "/root"};
    NewImage plan;

    ImportTest() {
        plan.name = "docker.io/library/app:1";
        plan.message = "Imported from -";
        plan.created = 1'000'000'000;
    }

    StoredImage import(const std::string& tar) {
        return import_image(store, source_from(tar, 1000), plan);
    }
    std::size_t files_in(const std::string& inside) const {
        std::filesystem::directory_iterator entries(store.root + inside);
        return static_cast<std::size_t>(std::distance(begin(entries), {}));
    }
};

}  // namespace

TEST_CASE("import makes an image of one layer") {
    ImportTest test;
    test.plan.platform = parse_platform("linux/arm64");
    test.plan.changes = {"CMD [\"/bin/name\"]", "ENV A=1"};
    StoredImage image = test.import(root_tar);
    CHECK(image.config.platform.text() == "linux/arm64");
    CHECK(image.config.created == "2001-09-09T01:46:40Z");
    CHECK(image.config.config.cmd == std::vector<std::string>{"/bin/name"});
    CHECK(image.config.config.env == std::vector<std::string>{"A=1"});
    REQUIRE(image.config.history.size() == 1);
    CHECK(image.config.history[0].comment == "Imported from -");
    CHECK_FALSE(image.config.history[0].empty_layer);
    REQUIRE(image.config.diff_ids.size() == 1);
    CHECK(image.config.diff_ids[0] == Digest::of(root_tar));
    std::string snapshot = test.store.snapshots.path(image.config.diff_ids[0]);
    CHECK(read_file(snapshot + "/etc/name", 99) == "value");
    CHECK(find_image(test.store.content, test.plan.name)->digest ==
          image.manifest_digest);
    CHECK(check_store(test.store.content).empty());
}

TEST_CASE("import: however the tar is packed, it is the same image") {
    ImportTest test, other;
    StoredImage plain = test.import(root_tar);
    CHECK(other.import(gzipped(root_tar)).manifest_digest ==
          plain.manifest_digest);
    CHECK(other.import(zstd_packed(root_tar)).manifest_digest ==
          plain.manifest_digest);
}

TEST_CASE("import: the layer is packed as was asked") {
    ImportTest test;
    Digest id = test.import(root_tar).id();
    test.plan.compression = Compression::Zstd;
    StoredImage zstd = test.import(root_tar);
    CHECK(zstd.manifest.layers[0].media_type ==
          "application/vnd.oci.image.layer.v1.tar+zstd");
    test.plan.compression = Compression::None;
    StoredImage plain = test.import(root_tar);
    CHECK(plain.manifest.layers[0].digest == Digest::of(root_tar));
    CHECK(zstd.id() == id);  // which does not say how it is packed
    CHECK(plain.id() == id);
}

TEST_CASE("import without a name: the image has its ID, and stays") {
    ImportTest test;
    test.plan.name.clear();
    StoredImage image = test.import(root_tar);
    CHECK(image.name.name == image.id().text());
    CHECK(image.name.is_unnamed());
    CHECK(collect_garbage(test.store.content, Wait::No)->blobs.empty());
    CHECK(find_stored_image(test.store.content, image.id().hex().substr(0, 12))
              .id() == image.id());
}

TEST_CASE("import of a bad tar makes no image (case 42)") {
    ImportTest test;
    std::string tar =
        GENERATE(std::string("no tar at all"), root_tar.substr(0, 1000),
                 root_tar.substr(0, 1026), root_tar.substr(0, 512),
                 gzipped(root_tar) + "x", gzipped(root_tar).substr(0, 60),
                 root_tar + "x", tar_file("../outside", "x") + tar_end());
    CAPTURE(tar.size(), tar.substr(0, 30));
    CHECK_THROWS_AS(test.import(tar), Error);
    CHECK(list_images(test.store.content).empty());
    CHECK(test.files_in("/images/ingest") == 0);
    CHECK(test.store.snapshots.list().empty());
    CHECK(test.files_in("/..") == 1);
    collect_garbage(test.store.content, Wait::No);
    CHECK(test.files_in("/images/blobs/sha256") == 0);
}

TEST_CASE("import: a bad change is found before the tar is read") {
    ImportTest test;
    test.plan.changes = {"RUN x"};
    auto unread = [](char*, std::size_t) -> std::size_t {
        throw Error(ErrorKind::System, "it was read");
    };
    CHECK_THROWS_WITH(import_image(test.store, unread, test.plan),
                      ContainsSubstring("RUN x"));
}
