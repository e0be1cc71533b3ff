#include "05-build/step_cache.hpp"

#include "04-images/pins.hpp"
#include "04-images/prune.hpp"
#include "common/files.hpp"
#include "unit/04-images/store_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Cache {
    TempDir folder{"cache"};
    ImageStore store{folder.path()};
    Digest key = Digest::of("key");

    CachedStep make_step(const std::string& bytes) {
        StoreLease lease = hold_store(store.content);
        BlobName blob = put_blob(lease, bytes);
        store.snapshots.make(Digest::of(bytes), [](auto& path) {
            write_file_atomic(path + "/file", "text");
            return 4U;
        });
        return {ImageLayer{{"application/vnd.oci.image.layer.v1.tar",
                            blob.digest, blob.size},
                           Digest::of(bytes)},
                "2024-01-01T00:00:00Z"};
    }
};

}  // namespace

TEST_CASE("a step is found by its key, and what it made is kept from prune") {
    Cache cache;
    StepCache steps(cache.store);
    CHECK_FALSE(steps.find(cache.key));
    steps.keep(cache.key, cache.make_step("layer"), "RUN x");
    prune_store(cache.store, Wait::Yes);
    auto found = steps.find(cache.key);
    REQUIRE(found);
    CHECK(found->layer->diff_id == Digest::of("layer"));
    CHECK(found->created == "2024-01-01T00:00:00Z");

    remove_pin(cache.store, list_cache(cache.store).at(0).name);
    CHECK_FALSE(steps.find(cache.key));
    CHECK(prune_store(cache.store, Wait::Yes)->snapshots.size() == 1);
}

TEST_CASE("a step whose layer is gone, or that is damaged, is not found") {
    Cache cache;
    StepCache steps(cache.store);
    steps.keep(cache.key, cache.make_step("layer"), "RUN x");
    std::string name = list_cache(cache.store).at(0).name;
    SECTION("no snapshot") {
        cache.store.snapshots.remove(Digest::of("layer"));
    }
    SECTION("no text") {
        put_pin(cache.store, name, "{\"blobs\": [");
    }
    SECTION("another object") {
        put_pin(cache.store, name, "{}");
    }
    CHECK_FALSE(steps.find(cache.key));
    CHECK(list_cache(cache.store).size() == 1);
}

TEST_CASE("what was not brought to the disk ends with the machine's run") {
    Cache cache;
    StepCache steps(cache.store);
    steps.keep(cache.key, cache.make_step("layer"), "RUN x");
    std::string name = list_cache(cache.store).at(0).name;
    auto from_another_run = [&] {
        std::string text = *read_pin(cache.store, name);
        std::size_t boot = text.find("\"boot\":\"") + 8;
        text[boot] = text[boot] == '0' ? '1' : '0';
        put_pin(cache.store, name, text);
    };
    SECTION("not durable") {
        from_another_run();
        CHECK_FALSE(steps.find(cache.key));
    }
    SECTION("durable") {
        steps.make_durable();
        from_another_run();
        CHECK(steps.find(cache.key));
    }
}

TEST_CASE("why a step is not cached") {
    Cache cache;
    std::string file = cache.folder.path() + "/stages/record";
    CHECK(read_stage_record(file).empty());
    StepKey files{{{"file a", "1"}, {"file b", "1"}}};
    write_details(cache.store, "k1", files);
    write_stage_record(file, {{"COPY . .", "k1"}, {"RUN make", "k2"}});
    auto before = read_stage_record(file);
    REQUIRE(before.size() == 2);
    auto why = [&](std::size_t index, const StepRecord& now) {
        return why_not_cached(cache.store, before, index, now, files);
    };

    CHECK(why(0, {"COPY . .", "k1"}) ==
          "its layer is not in the store any more");
    files.inputs[1].value = "2";
    CHECK(why(0, {"COPY . .", "k3"}) == "file b is \"2\", it was \"1\"");
    // The same instruction, now in another place.
    CHECK(why(5, {"COPY . .", "k3"}) == "file b is \"2\", it was \"1\"");
    // Nobody knows any more what it was made of.
    CHECK(why(1, {"RUN make", "k3"}) == "what it depends on has changed");
    CHECK(why(0, {"COPY x .", "k3"}) ==
          "the instruction has changed, it was \"COPY . .\"");
    CHECK(why(7, {"COPY x .", "k3"}) == "the instruction is new");
    before.clear();
    CHECK(why(0, {"COPY . .", "k3"}) == "this stage was not built here before");
    write_file_atomic(file, "damaged");
    CHECK(read_stage_record(file).empty());
}
