#include "04-images/image_index.hpp"

#include <fcntl.h>

#include <thread>

#include <nlohmann/json.hpp>

#include "04-images/foreign_json.hpp"
#include "unit/04-images/store_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using Json = nlohmann::ordered_json;

namespace {

const Digest some_digest = Digest::of("manifest");

NamedImage image(const std::string& name) {
    return {name, oci_manifest, some_digest, 8};
}

// An index with one entry, whose fields are replaced by those of `patch`.
std::string index_with(const std::string& patch) {
    Json entry = Json::parse(descriptor(oci_manifest, {some_digest, 8}));
    entry.merge_patch(Json::parse(patch));
    Json index = Json::parse(empty_index());
    index["manifests"].push_back(entry);
    return index.dump();
}

std::vector<std::string> names_of(const std::vector<NamedImage>& images) {
    std::vector<std::string> names;
    for (const NamedImage& one : images) names.push_back(one.name);
    return names;
}

}  // namespace

TEST_CASE("names are set, moved and removed") {
    std::string index = with_images(empty_index(), {image("a"), image("b")});
    CHECK(names_of(images_in(index)) == std::vector<std::string>{"a", "b"});
    NamedImage other{"a", oci_index, Digest::of("other"), 5};
    index = with_images(index, {other});
    std::vector<NamedImage> images = images_in(index);
    REQUIRE(names_of(images) == std::vector<std::string>{"a", "b"});
    CHECK(images[0].digest == other.digest);
    CHECK(images[0].media_type == oci_index);
    CHECK(images[0].size == 5);
    std::vector<std::string> removed;
    index = without_images(index, {"b", "c", ""}, &removed);
    CHECK(removed == std::vector<std::string>{"b"});
    CHECK(names_of(images_in(index)) == std::vector<std::string>{"a"});
    CHECK(without_images(index, {"c"}) == index);
}

TEST_CASE("an image is listed without a name only while it has none") {
    using Names = std::vector<std::string>;
    NamedImage unnamed = image("sha256:" + std::string(64, '1'));
    NamedImage other{"sha256:" + std::string(64, '2'), oci_manifest,
                     Digest::of("other"), 5};
    std::string index = with_images(empty_index(), {unnamed, other});
    CHECK(names_of(images_in(index)) == Names{unnamed.name, other.name});
    index = with_images(index, {image("a")});
    CHECK(names_of(images_in(index)) == Names{other.name, "a"});
    CHECK(with_images(index, {unnamed}) == index);
}

TEST_CASE("a name that another tool gave twice is there once afterwards") {
    Json index = Json::parse(
        with_images(empty_index(), {image("a"), image("twice"), image("z")}));
    Json again = index["manifests"][1];
    index["manifests"].push_back(again);
    index["manifests"].push_back(again);
    std::string after = with_images(index.dump(), {image("twice")});
    CHECK(names_of(images_in(after)) ==
          std::vector<std::string>{"a", "twice", "z"});
    after = without_images(index.dump(), {"twice"});
    CHECK(names_of(images_in(after)) == std::vector<std::string>{"a", "z"});
}

TEST_CASE("both annotations carry the name; docker writes the tag into one") {
    Json index = Json::parse(with_images(empty_index(), {image("x:1")}));
    Json annotations = index["manifests"][0]["annotations"];
    CHECK(annotations["org.opencontainers.image.ref.name"] == "x:1");
    CHECK(annotations["io.containerd.image.name"] == "x:1");
    auto name_in = [](const std::string& patch) {
        return names_of(images_in(index_with(patch)));
    };
    CHECK(name_in(R"({"annotations":{
        "org.opencontainers.image.ref.name":"1",
        "io.containerd.image.name":"x:1"}})") ==
          std::vector<std::string>{"x:1"});
    CHECK(name_in(R"({"annotations":{
        "org.opencontainers.image.ref.name":"1"}})") ==
          std::vector<std::string>{"1"});
    CHECK(name_in(R"({"annotations":{
        "io.containerd.image.name":"x:1"}})") ==
          std::vector<std::string>{"x:1"});
    // As umoci tag leaves it.
    CHECK(name_in(R"({"annotations":{
        "org.opencontainers.image.ref.name":"new",
        "io.containerd.image.name":"x:1"}})") ==
          std::vector<std::string>{"new"});
    CHECK(name_in("{}").empty());
    CHECK(name_in(R"({"annotations":{"a":"b"}})").empty());
}

TEST_CASE("what other tools wrote is kept, value for value") {
    Json index = Json::parse(index_with(R"({
        "annotations":{"org.opencontainers.image.ref.name":"theirs"},
        "platform":{"os":"plan9","architecture":"mips"},
        "x":[1,-2,0.1,18446744073709551615,null,true,"\u0000\ud83d\ude00"]})"));
    index["manifests"].push_back(
        {{"digest", "sha512:ab"}, {"size", 1}, {"mediaType", "a/b"}});
    index["annotations"] = {{"z", "1"}, {"a", "2"}};
    index["mediaType"] = "their/own";
    std::string before = index.dump();
    CHECK(names_of(images_in(before)) == std::vector<std::string>{"theirs"});
    std::string after = with_images(before, {image("ours")});
    CHECK(names_of(images_in(after)) ==
          std::vector<std::string>{"theirs", "ours"});
    CHECK(without_images(after, {"ours"}) == before);
}

TEST_CASE("names with odd characters come back as they were") {
    std::string name = GENERATE(
        as<std::string>{}, "a b", "\"quoted\"", "back\\slash", "\x1b[31mred",
        "new\nline", "../../../etc/passwd", "/", "name@sha256:abc", "ümläut",
        std::string("zero\0byte", 9), std::string(4096, 'l'), "{}", "$(id)");
    std::string index = with_images(empty_index(), {image(name), image("z")});
    CHECK(names_of(images_in(index)) == std::vector<std::string>{name, "z"});
    CHECK(names_of(images_in(without_images(index, {name}))) ==
          std::vector<std::string>{"z"});
}

TEST_CASE("impossible names are refused") {
    std::string name = GENERATE(as<std::string>{}, "", "\xff", "a\xc3",
                                std::string(4097, 'l'));
    CHECK_THROWS_AS(with_images(empty_index(), {image(name)}), Error);
}

TEST_CASE("an index of wrong types is an error, not a crash") {
    std::string text = GENERATE(
        as<std::string>{}, "", " ", "null", "0", "[]", "\"text\"", "{}",
        R"({"schemaVersion":2})", R"({"schemaVersion":1,"manifests":[]})",
        R"({"schemaVersion":"2","manifests":[]})",
        R"({"schemaVersion":2,"manifests":{}})",
        R"({"schemaVersion":2,"manifests":null})",
        R"({"schemaVersion":2,"manifests":[1]})",
        R"({"schemaVersion":2,"manifests":[null]})",
        R"({"schemaVersion":2,"manifests":[[]]})",
        R"({"schemaVersion":2,"manifests":[]} x)",
        R"({"schemaVersion":2,"manifests":[],"x":1e999})",
        "{\"schemaVersion\":2,\"manifests\":[],\"x\":\"\xff\"}",
        R"({"schemaVersion":2,"manifests":[)", std::string(1000, '['),
        std::string(100'000, '{'));
    CHECK_THROWS_AS(images_in(text), Error);
    CHECK_THROWS_AS(with_images(text, {image("a")}), Error);
    CHECK_THROWS_AS(without_images(text, {"a"}), Error);
}

TEST_CASE("an entry of wrong types is an error, not a crash") {
    constexpr char named[] =
        R"("annotations":{"org.opencontainers.image.ref.name":"a"})";
    std::string patch = GENERATE(
        as<std::string>{}, R"("digest":null)", R"("digest":1)",
        R"("digest":"sha256:short")", R"("digest":"sha256:../../../../etc")",
        R"("size":null)", R"("size":-1)", R"("size":1.5)", R"("size":"8")",
        R"("size":1e30)", R"("mediaType":null)", R"("mediaType":[])",
        R"("annotations":[])", R"("annotations":"a")",
        R"("annotations":{"io.containerd.image.name":1})",
        R"("annotations":{"org.opencontainers.image.ref.name":{}})");
    std::string index = index_with(cat("{", named, ",", patch, "}"));
    CHECK_THROWS_AS(images_in(index), Error);
}

TEST_CASE("deep nesting is refused without recursion") {
    auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '[') +
               std::string(static_cast<std::size_t>(depth), ']');
    };
    CHECK(parse_foreign_json(nested(deepest_json)).is_array());
    CHECK_THROWS_AS(parse_foreign_json(nested(deepest_json + 1)), Error);
    CHECK_THROWS_AS(parse_foreign_json(nested(2'000'000)), Error);
    // Brackets in texts do not count, and escapes do not end a text.
    CHECK(parse_foreign_json("\"\\\"" + nested(100) + "\"").is_string());
    CHECK_THROWS_AS(parse_foreign_json("[\"\\\\\"," + nested(100) + "]"),
                    Error);
}

TEST_CASE("an index.json of 100 MB is not read") {
    TestStore test;
    std::filesystem::resize_file(test.path("index.json"), 100 << 20);
    CHECK_THROWS_WITH(list_images(test.store), ContainsSubstring("larger"));
    StoreLease lease = hold_store(test.store);
    BlobName blob = put_image(lease, {"layer"});
    CHECK_THROWS_AS(set_images(lease, {named("a", blob)}), Error);
    CHECK_THROWS_AS(remove_images(test.store, {"a"}), Error);
    CHECK(std::filesystem::file_size(test.path("index.json")) == 100 << 20);
}

TEST_CASE("an index that we could not read again is not written") {
    std::vector<NamedImage> images;
    for (int i = 0; i < 600; ++i)
        images.push_back(image(std::string(4000, 'n') + as_text(i)));
    CHECK_THROWS_WITH(with_images(empty_index(), images),
                      ContainsSubstring("more than"));
}

TEST_CASE("index.json as a symlink or FIFO is not followed") {
    TestStore test;
    std::string path = test.path("index.json");
    std::filesystem::rename(path, test.path("elsewhere"));
    SECTION("symlink") {
        std::filesystem::create_symlink("elsewhere", path);
    }
    SECTION("FIFO") {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    }
    CHECK_THROWS_AS(list_images(test.store), Error);
}

TEST_CASE("names in a store") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    BlobName blob = put_image(lease, {"layer"});
    set_images(lease, {named("a", blob), named("b", blob)});
    CHECK(find_image(test.store, "b")->digest == blob.digest);
    CHECK_FALSE(find_image(test.store, "c"));
    CHECK(remove_images(test.store, {"a", "c", "a"}) ==
          std::vector<std::string>{"a"});
    CHECK(remove_images(test.store, {"a"}).empty());
    CHECK(names_of(list_images(test.store)) == std::vector<std::string>{"b"});
}

TEST_CASE("an image is named only when its manifest is there, all or none") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    BlobName blob = put_image(lease, {"layer"});
    BlobName wrong_size{blob.digest, blob.size + 1};
    BlobName missing{Digest::of("missing"), 7};
    for (const BlobName& bad : {wrong_size, missing})
        CHECK_THROWS_AS(
            set_images(lease, {named("good", blob), named("bad", bad)}), Error);
    CHECK(list_images(test.store).empty());
}

TEST_CASE("many name images at once: no name is lost") {
    TestStore test;
    StoreLease lease = hold_store(test.store);
    BlobName blob = put_image(lease, {"layer"});
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            for (int j = 0; j < 10; ++j) {
                std::string name = cat(i, "-", j);
                set_images(lease, {named(name, blob)});
                if (j % 2 == 1) remove_images(test.store, {name});
            }
        });
    for (int i = 0; i < 100; ++i) list_images(test.store);  // never half a file
    for (std::thread& thread : threads) thread.join();
    CHECK(list_images(test.store).size() == 40);
}

TEST_CASE("an object of very many fields is refused at once") {
    auto object = [](std::size_t count) {
        std::string text = "{";
        for (std::size_t i = 0; i < count; ++i)
            text += cat(i == 0 ? "" : ",", "\"", i, "\":0");
        return text + "}";
    };
    CHECK(parse_foreign_json(object(most_json_fields)).size() ==
          most_json_fields);
    CHECK_THROWS_WITH(parse_foreign_json(object(most_json_fields + 1)),
                      ContainsSubstring("1000 fields"));
    // Each field would be compared with all before it.
    CHECK_THROWS_AS(parse_foreign_json("[" + object(400'000) + "]"), Error);
    CHECK_THROWS_AS(images_in(object(400'000)), Error);
}
