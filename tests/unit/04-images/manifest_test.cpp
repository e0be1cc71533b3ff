#include "04-images/manifest.hpp"

#include "04-images/content_store.hpp"
#include "04-images/media_type.hpp"
#include "unit/04-images/document_fixture.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

Error manifest_refusal(const std::string& bytes, std::string_view type = "") {
    return refusal([&] { parse_manifest(bytes, type); });
}

Error index_refusal(const std::string& bytes, std::string_view type = "") {
    return refusal([&] { parse_index(bytes, type); });
}

// The manifest with `from` replaced by `to`.
Error refused_with(const std::string& from, const std::string& to) {
    return manifest_refusal(replaced(good_manifest(), from, to));
}

}  // namespace

TEST_CASE("a manifest of OCI") {
    Manifest manifest = parse_manifest(good_manifest(), oci_manifest_type);
    CHECK(manifest.media_type == oci_manifest_type);
    CHECK(manifest.config.digest.text() == digest_text('c'));
    CHECK(manifest.config.size == 7);
    REQUIRE(manifest.layers.size() == 2);
    CHECK(manifest.layers[0].digest.text() == digest_text('1'));
    CHECK(manifest.layers[1].media_type.ends_with("+zstd"));
    CHECK(manifest_text(manifest) == good_manifest());
    // OCI leaves mediaType to the author.
    std::string untyped = replaced(
        good_manifest(), cat("\"mediaType\":\"", oci_manifest_type, "\","), "");
    CHECK(parse_manifest(untyped, "").media_type == oci_manifest_type);
    CHECK(parse_manifest(untyped, docker_manifest_type).media_type ==
          docker_manifest_type);
}

TEST_CASE("a manifest of Docker") {
    std::string bytes =
        cat("{\"schemaVersion\": 2, \"mediaType\": \"", docker_manifest_type,
            "\", \"config\": ",
            descriptor_text(std::string(docker_config_type), 'c', "1469"),
            ", \"layers\": [",
            descriptor_text(cat(docker_layer_type, ".gzip"), '1', "3"), "]}");
    Manifest manifest = parse_manifest(bytes, docker_manifest_type);
    CHECK(manifest.config.size == 1469);
    CHECK(layer_compression(manifest.layers.at(0).media_type) ==
          Compression::Gzip);
}

TEST_CASE("annotations, subject and urls are read and written") {
    std::string bytes =
        replaced(good_manifest(), "]}",
                 cat(R"(],"subject":)", descriptor_text("a/b", '5'),
                     R"(,"annotations":{"a":"1","b":""}})"));
    bytes = replaced(bytes, R"("size":7},)",
                     R"("size":7,"urls":["https://example.com/"]},)");
    Manifest manifest = parse_manifest(bytes, "");
    CHECK(manifest.annotations.at("a") == "1");
    REQUIRE(manifest.subject);
    CHECK(manifest.subject->digest.text() == digest_text('5'));
    CHECK(manifest_text(manifest) == bytes);
}

TEST_CASE("case 44: a manifest that is an index as well, and the reverse") {
    for (const char* field :
         {"manifests", "Manifests", "MANIFESTS", "fsLayers", "fslayers"}) {
        std::string both = replaced(good_manifest(), "{\"schemaVersion\"",
                                    cat("{\"", field,
                                        "\":null,"
                                        "\"schemaVersion\""));
        CHECK_THAT(manifest_refusal(both).message(),
                   ContainsSubstring("which no manifest has"));
    }
    for (const char* field : {"layers", "Layers", "config", "fsLayers"}) {
        std::string both = replaced(index_of(""), "{\"schemaVersion\"",
                                    cat("{\"", field,
                                        "\":[],"
                                        "\"schemaVersion\""));
        CHECK_THAT(index_refusal(both).message(),
                   ContainsSubstring("which no index has"));
    }
}

TEST_CASE("a document of another type than expected is refused") {
    Error error = manifest_refusal(good_manifest(), docker_manifest_type);
    CHECK(error.kind() == ErrorKind::InvalidArgument);
    CHECK_THAT(error.message(),
               ContainsSubstring("manifest: mediaType: it sa"));
    CHECK(manifest_refusal(good_manifest(), oci_index_type).kind() ==
          ErrorKind::InvalidArgument);
    CHECK_THAT(index_refusal(good_manifest()).message(),
               ContainsSubstring("which no index has"));
    Error unknown = refused_with(std::string(oci_manifest_type), "a/b");
    CHECK(unknown.kind() == ErrorKind::Unsupported);
    CHECK_THAT(unknown.message(), ContainsSubstring("\"a/b\" is not known"));
    Error old = refused_with("\"schemaVersion\":2", "\"schemaVersion\":1");
    CHECK(old.kind() == ErrorKind::Unsupported);
    CHECK_THAT(old.message(), ContainsSubstring("schema 1"));
    CHECK_THAT(refused_with("Version\":2", "Version\":3").message(),
               ContainsSubstring("schemaVersion is 3"));
}

TEST_CASE("types of config and layer that are not known are refused") {
    Error chart = refused_with(std::string(oci_config_type),
                               "application/vnd.cncf.helm.config.v1+json");
    CHECK(chart.kind() == ErrorKind::Unsupported);
    CHECK_THAT(chart.message(), ContainsSubstring("manifest: config: \"appl"));
    for (const char* type : {"application/vnd.oci.image.layer.v1.tar+xz", "a/b",
                             "application/vnd.oci.image.layer.v1.tar+encrypted",
                             "application/vnd.oci.image.layer.v1.tar.gzip"}) {
        Error layer = refused_with(cat(oci_layer_type, "+zstd"), type);
        CHECK(layer.kind() == ErrorKind::Unsupported);
        CHECK_THAT(layer.message(), ContainsSubstring("manifest: layers[1]: "));
        CHECK_NOTHROW(parse_artifact(
            replaced(good_manifest(), cat(oci_layer_type, "+zstd"), type), ""));
    }
}

TEST_CASE("case 44: the urls of a foreign layer are not followed") {
    for (const char* type :
         {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
          "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"}) {
        std::string plain =
            replaced(good_manifest(), cat(oci_layer_type, "+gzip"), type);
        CHECK_NOTHROW(parse_manifest(plain, ""));
        Error error = manifest_refusal(
            replaced(plain, R"("size":7},{)",
                     R"("size":7,"urls":["https://example.com/secret"]},{)"));
        CHECK(error.kind() == ErrorKind::Unsupported);
        CHECK_THAT(error.message(), ContainsSubstring("layers[0]: a foreign"));
    }
}

TEST_CASE("an error names the document and the field") {
    struct Case {
        std::string from, to, message;
    };
    auto test = GENERATE(values<Case>({
        {"\"config\"", "\"konfig\"", "manifest: config is missing"},
        {"\"layers\"", "\"lagers\"", "manifest: layers is missing"},
        {"\"layers\":[", "\"layers\":[1,", "manifest: layers[0]: it is no obj"},
        {"\"size\":7},{", "\"size\":-1},{",
         "manifest: layers[0].size: it is no"},
        {"\"size\":7},{", "\"size\":9223372036854775808},{",
         "manifest: layers[0].size: it is no whole number"},
        {"\"size\":7},{", "\"size\":1.5},{", "manifest: layers[0].size"},
        {"\"size\":7},{", "\"size\":\"7\"},{", "manifest: layers[0].size"},
        {"\"size\":7},{", "\"zise\":7},{", "layers[0]: size is missing"},
        {"\"size\":7}", "\"size\":8388609}", "manifest: config: the config is"},
        {"sha256:1", "sha256:/", "manifest: layers[0].digest: digest"},
        {"sha256:1", "sha512:1", "manifest: layers[0].digest: digest"},
        {"\"sha256:1", "\"../../1", "manifest: layers[0].digest: digest"},
        {"application/vnd.oci.image.layer", "a b/c",
         "manifest: layers[0].mediaType: it is no media type"},
        {"application/vnd.oci.image.layer", "a/b\\r\\nHost: c",
         "manifest: layers[0].mediaType: it is no media type"},
        {"\"schemaVersion\":2,", "", "manifest: schemaVersion is missing"},
        {"]}", "],\"annotations\":{\"a\":1}}", "manifest: annotations.a: it"},
        {"]}", "],\"subject\":[]}", "manifest: subject: it is no object"},
    }));
    Error error = refused_with(test.from, test.to);
    CHECK_THAT(error.message(), ContainsSubstring(test.message));
    CHECK(error.kind() == ErrorKind::InvalidArgument);
}

TEST_CASE("a manifest has a greatest size and number of layers") {
    std::string large = good_manifest();
    large.append(largest_manifest - large.size(), ' ');
    CHECK_NOTHROW(parse_manifest(large, ""));
    CHECK(manifest_refusal(large + " ").message() ==
          "manifest: it is larger than 4 MiB");
    CHECK(index_refusal(std::string(largest_manifest + 1, ' ')).message() ==
          "index: it is larger than 4 MiB");
    Manifest manifest = parse_manifest(good_manifest(), "");
    manifest.layers.resize(most_layers, manifest.layers[0]);
    CHECK(parse_manifest(manifest_text(manifest), "").layers.size() == 500);
    manifest.layers.push_back(manifest.layers[0]);
    CHECK_THAT(manifest_refusal(manifest_text(manifest)).message(),
               ContainsSubstring("manifest: layers: 501 entries"));
}

TEST_CASE("an index, and one that is empty") {
    std::string bytes =
        index_of(index_entry('a', R"({"architecture":"arm","os":"linux",)"
                                  R"("os.version":"1","os.features":["f"],)"
                                  R"("variant":"v7"})") +
                 "," + index_entry('b', ""));
    Index index = parse_index(bytes, oci_index_type);
    REQUIRE(index.manifests.size() == 2);
    CHECK(index.manifests[0].platform->text() == "linux/arm/v7");
    CHECK(index.manifests[0].platform->os_features ==
          std::vector<std::string>{"f"});
    CHECK_FALSE(index.manifests[1].platform);
    CHECK(index_text(index) == bytes);
    CHECK(parse_index(index_of(""), "").manifests.empty());
    CHECK_THAT(index_refusal(replaced(bytes, "\"os\"", "\"so\"")).message(),
               ContainsSubstring("manifests[0].platform: os is missing"));
}

TEST_CASE("media types") {
    CHECK(layer_compression(oci_layer_type) == Compression::None);
    CHECK(layer_compression(docker_layer_type) == Compression::None);
    CHECK(layer_compression(cat(docker_layer_type, ".zstd")) ==
          Compression::Zstd);
    CHECK(is_media_type("a/b+c"));
    for (const char* text : {"", "a", "/", "a/", "/b", "a/b/c", "a/b;c", "a/ b",
                             "a/b\n", "a/\xc3\xa9"})
        CHECK_FALSE(is_media_type(text));
    CHECK_FALSE(is_media_type("a/" + std::string(300, 'b')));
}
