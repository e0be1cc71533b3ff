#include "04-images/pull.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "04-images/fsck.hpp"
#include "04-images/ingest.hpp"
#include "04-images/media_type.hpp"
#include "common/files.hpp"
#include "unit/04-images/registry_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

/// An image of layers without files, each another tar, on a server.
struct RemoteImage {
    std::map<std::string, std::string> blobs;  // by digest
    std::string manifest, config;
    std::vector<Descriptor> layers;

    Descriptor add(std::string_view type, const std::string& bytes) {
        Digest digest = Digest::of(bytes);
        blobs[digest.text()] = bytes;
        return {std::string(type), digest, bytes.size()};
    }
    explicit RemoteImage(std::size_t count,
                         const std::vector<Digest>& diff_ids = {}) {
        ImageConfig image;
        image.platform = host_platform();
        for (std::size_t i = 0; i < count; ++i) {
            layers.push_back(
                add(oci_layer_type, std::string(1024 + 512 * i, '\0')));
            image.diff_ids.push_back(layers.back().digest);
        }
        if (!diff_ids.empty()) image.diff_ids = diff_ids;
        config = image_config_text(image);
        Manifest made{std::string(oci_manifest_type),
                      add(oci_config_type, config), layers};
        manifest = manifest_text(made);
    }
    TestAnswer serve(const TestRequest& request) const {
        std::string name = request.target.substr(request.target.rfind('/') + 1);
        if (request.target.find("/manifests/") != std::string::npos)
            return answer(200, cat("Content-Type: ", manifest_type, "\r\n"),
                          manifest);
        auto found = blobs.find(name);
        if (found == blobs.end()) return answer(404, "", "");
        return answer(200, "", found->second);
    }
};

struct PullTest {
    TempDir folder{"pull"};
    ImageStore store{folder.path()};
    Waits waits;
    std::map<std::string, LayerProgress::State> last = {};
    std::mutex mutex = {};

    Pulled pull(const TestServer& server) {
        PullPlan plan;
        plan.registry = waits.options();
        plan.registry.retry.attempts = 2;
        plan.progress = [this](const LayerProgress& progress) {
            std::lock_guard lock(mutex);
            last.insert_or_assign(progress.layer.text(), progress.state);
        };
        return pull_image(store, image_at(server), plan);
    }
    bool is_empty() const {
        return list_images(store.content).empty() &&
               store.snapshots.list().empty();
    }
};

std::size_t blobs_fetched(const TestServer& server) {
    auto requests = server.requests();
    return static_cast<std::size_t>(
        std::count_if(requests.begin(), requests.end(), [](const auto& each) {
            return each.target.find("/blobs/") != std::string::npos;
        }));
}

}  // namespace

TEST_CASE("pull brings an image once, whole, as it was") {
    RemoteImage image(3);
    TestServer server([&](auto& request) { return image.serve(request); });
    PullTest test;
    Pulled pulled = test.pull(server);
    CHECK_FALSE(pulled.was_here);
    CHECK(pulled.image.digest == Digest::of(image.manifest));
    CHECK(blobs_fetched(server) == 4);
    auto named = find_image(test.store.content, image_at(server).text());
    REQUIRE(named);
    StoredImage stored = read_image(test.store.content, *named);
    CHECK(stored.id() == Digest::of(image.config));
    for (const ImageLayer& layer : stored.layers()) {
        CHECK(test.store.snapshots.has(layer.diff_id));
        CHECK(test.last.at(layer.blob.digest.text()) ==
              LayerProgress::State::Pulled);
    }
    CHECK(check_store(test.store.content).empty());

    SECTION("the second time there is nothing to fetch") {
        CHECK(test.pull(server).was_here);
        CHECK(blobs_fetched(server) == 4);
    }
    SECTION("a layer that lost its snapshot is unpacked from the store") {
        Digest lost = stored.config.diff_ids[1];
        REQUIRE(test.store.snapshots.remove(lost));
        CHECK_FALSE(test.pull(server).was_here);
        CHECK(test.store.snapshots.has(lost));
        CHECK(blobs_fetched(server) == 4);
    }
    SECTION("of what was broken off only the rest is fetched") {
        Digest blob = image.layers[2].digest;
        std::string path = test.store.content.blob_path(blob);
        REQUIRE(::unlink(path.c_str()) == 0);
        StoreLease lease = hold_store(test.store.content);
        begin_ingest(lease, {blob, image.layers[2].size}, Wait::No)
            ->write(std::string(1000, '\0'));
        test.pull(server);
        auto requests = server.requests();
        CHECK(requests.back().header("Range") == "bytes=1000-");
        CHECK(check_store(test.store.content).empty());
    }
}

TEST_CASE("case 43: a layer that is not what the config says leaves no image") {
    RemoteImage image(
        2, {Digest::of(std::string(1024, '\0')), Digest::of("something else")});
    TestServer server([&](auto& request) { return image.serve(request); });
    PullTest test;
    CHECK(kind_thrown_by([&] { test.pull(server); }) == ErrorKind::DataLoss);
    CHECK(list_images(test.store.content).empty());
    CHECK_FALSE(test.store.snapshots.has(Digest::of("something else")));
    CHECK_FALSE(test.store.snapshots.has(Digest::of(std::string(1536, '\0'))));
}

TEST_CASE("case 43: wrong bytes are neither stored nor unpacked") {
    RemoteImage image(1);
    Digest layer = image.layers[0].digest;
    SECTION("of a layer") {
        image.blobs[layer.text()] = std::string(1023, '\0') + "x";
    }
    SECTION("of a layer, too many") {
        image.blobs[layer.text()] = std::string(2048, '\0');
    }
    SECTION("of a layer, too few") {
        image.blobs[layer.text()] = std::string(512, '\0');
    }
    SECTION("of the config") {
        image.blobs[Digest::of(image.config).text()][10] ^= 1;
    }
    TestServer server([&](auto& request) { return image.serve(request); });
    PullTest test;
    ErrorKind kind = kind_thrown_by([&] { test.pull(server); });
    CHECK((kind == ErrorKind::DataLoss || kind == ErrorKind::Unavailable));
    CHECK(test.is_empty());
    CHECK_FALSE(blob_size(test.store.content, layer));
}

TEST_CASE("a failure on one layer ends the others, and says which") {
    RemoteImage image(8);
    image.blobs.erase(image.layers[1].digest.text());
    TestServer server([&](auto& request) { return image.serve(request); });
    PullTest test;
    CHECK_THROWS_WITH(test.pull(server),
                      ContainsSubstring(image.layers[1].digest.text()));
    CHECK(list_images(test.store.content).empty());
}
