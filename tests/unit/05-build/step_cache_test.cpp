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
    TempDir folder("record");
    std::string file = folder.path() + "/stages/record";
    CHECK(read_stage_record(file).empty());
    StepRecord copy{"COPY . .", "k1", {{{"file a", "1"}, {"file b", "1"}}}};
    StepRecord run{"RUN make", "k2", {{{"the command", "make"}}}};
    write_stage_record(file, {copy, run});
    auto before = read_stage_record(file);
    REQUIRE(before.size() == 2);
    CHECK(before[0].details.inputs == copy.details.inputs);

    StepRecord now = copy;
    CHECK(why_not_cached(before, 0, now) ==
          "its layer is not in the store any more");
    now.key = "k3";
    now.details.inputs[1].value = "2";
    CHECK(why_not_cached(before, 0, now) == "file b is \"2\", it was \"1\"");
    // The same instruction, now in another place.
    CHECK(why_not_cached(before, 5, now) == "file b is \"2\", it was \"1\"");
    now.text = "COPY x .";
    CHECK(why_not_cached(before, 0, now) ==
          "the instruction has changed, it was \"COPY . .\"");
    CHECK(why_not_cached(before, 7, now) == "the instruction is new");
    CHECK(why_not_cached({}, 0, now) == "this stage was not built here before");
    write_file_atomic(file, "damaged");
    CHECK(read_stage_record(file).empty());
}
