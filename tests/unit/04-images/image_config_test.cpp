#include "04-images/image_config.hpp"

#include "unit/04-images/document_fixture.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

std::string good_config() {
    return cat(
        R"({"created":"2024-01-02T03:04:05Z","author":"a","architecture":"arm",)",
        R"("os":"linux","variant":"v7","config":{"User":"app:1",)",
        R"("ExposedPorts":{"443/tcp":{},"80/tcp":{}},"Env":["PATH=/bin","E="],)",
        R"("Entrypoint":["/e"],"Cmd":["a","b"],"Healthcheck":{)",
        R"("Test":["CMD-SHELL","true"],"Interval":30000000000,"Retries":3},)",
        R"("ArgsEscaped":true,"Volumes":{"/v":{}},"WorkingDir":"/w",)",
        R"("OnBuild":["RUN x"],"Labels":{"a":"1","b":""},)",
        R"("StopSignal":"SIGQUIT","Shell":["/bin/sh","-c"]},)",
        R"("rootfs":{"type":"layers","diff_ids":[")", digest_text('1'),
        R"(",")", digest_text('2'), R"("]},)",
        R"("history":[{"created_by":"ADD"},{"comment":"c","empty_layer":true},)",
        R"({"created_by":"RUN"}]})");
}

Error refused_with(const std::string& from, const std::string& to) {
    return refusal(
        [&] { parse_image_config(replaced(good_config(), from, to)); });
}

}  // namespace

TEST_CASE("a config, all its fields") {
    ImageConfig config = parse_image_config(good_config());
    CHECK(config.platform.text() == "linux/arm/v7");
    CHECK(config.created == "2024-01-02T03:04:05Z");
    const RunConfig& run = config.config;
    CHECK(run.user == "app:1");
    CHECK(run.exposed_ports == std::set<std::string>{"443/tcp", "80/tcp"});
    CHECK(run.env == std::vector<std::string>{"PATH=/bin", "E="});
    CHECK(run.cmd == std::vector<std::string>{"a", "b"});
    CHECK(run.labels.at("b").empty());
    REQUIRE(run.healthcheck);
    CHECK(run.healthcheck->interval == 30'000'000'000);
    CHECK(run.args_escaped);
    CHECK(config.diff_ids.size() == 2);
    REQUIRE(config.history.size() == 3);
    CHECK(config.history[1].empty_layer);
    CHECK(image_config_text(config) == good_config());
}

TEST_CASE("null is what Go writes for nothing") {
    ImageConfig config = parse_image_config(
        cat(R"({"architecture":"amd64","os":"linux","config":{"Cmd":null,)",
            R"("Volumes":null,"Labels":null,"Entrypoint":"sh","OnBuild":null,)",
            R"("Hostname":"","Image":7},"rootfs":{"type":"layers",)",
            R"("diff_ids":null},"history":null,"docker_version":"1"})"));
    CHECK(config.config.cmd.empty());
    CHECK(config.config.entrypoint == std::vector<std::string>{"sh"});
    CHECK(config.diff_ids.empty());
    CHECK(
        image_config_text(config) ==
        R"({"architecture":"amd64","os":"linux","config":{"Entrypoint":["sh"])"
        R"(},"rootfs":{"type":"layers","diff_ids":[]}})");
}

TEST_CASE("a config that is wrong is refused by the field's name") {
    struct Case {
        std::string from, to, message;
    };
    auto test = GENERATE(values<Case>({
        {"\"os\":", "\"so\":", "image config: os is missing"},
        {"\"linux\"", "\"\"", "image config: os: it is empty"},
        {"\"arm\"", "7", "image config: architecture: it is no text"},
        {"\"rootfs\"", "\"r\"", "image config: rootfs is missing"},
        {"\"layers\"", "\"tree\"", "image config: rootfs.type: it is not"},
        {"sha256:1", "sha256:x", "image config: rootfs.diff_ids[0]: digest"},
        {"\"PATH=/bin\"", "1", "image config: config.Env[0]: it is no text"},
        {"PATH=/bin", "P\\u0000", "config.Env[0]: it has a NUL"},
        {"app:1", "\\u0000", "config.User: it has a NUL"},
        {"[\"/e\"]", "{}", "image config: config.Entrypoint: it is no list"},
        {"{\"/v\":{}}", "[\"/v\"]", "config.Volumes: it is no object"},
        {"\"/v\"", "\"/\\u0000\"", "config.Volumes: it has a NUL"},
        {"\"a\":\"1\"", "\"a\":1", "image config: config.Labels.a: it is no"},
        {"30000000000", "-1", "config.Healthcheck.Interval: it is no whole"},
        {"\"Retries\":3", "\"Retries\":1e3", "Retries: it is no whole"},
        {"_layer\":true", "_layer\":1", "history[1].empty_layer: it is nei"},
        {"\"empty_layer\":true", "\"e\":1",
         "history: it tells of 3 layers; rootfs.diff_ids has 2"},
    }));
    Error error = refused_with(test.from, test.to);
    CHECK_THAT(error.message(), ContainsSubstring(test.message));
    CHECK(error.kind() == ErrorKind::InvalidArgument);
}

TEST_CASE("a history may tell of fewer layers than there are") {
    std::string bytes = replaced(good_config(), R"({"created_by":"ADD"},)", "");
    CHECK(parse_image_config(bytes).history.size() == 2);
}

TEST_CASE("a config has a greatest size") {
    std::string large = good_config();
    large.append(largest_config - large.size(), ' ');
    CHECK_NOTHROW(parse_image_config(large));
    CHECK(refusal([&] { parse_image_config(large + " "); }).message() ==
          "image config: it is larger than 8 MiB");
    ImageConfig config = parse_image_config(good_config());
    config.diff_ids.resize(most_layers + 1, config.diff_ids[0]);
    CHECK_THAT(refusal([&] {
                   parse_image_config(image_config_text(config));
               }).message(),
               ContainsSubstring("rootfs.diff_ids: 501 entries"));
}

TEST_CASE("manifest and config have the same layers") {
    Manifest manifest = parse_manifest(good_manifest(), "");
    ImageConfig config = parse_image_config(good_config());
    CHECK_NOTHROW(check_same_layers(manifest, config));
    config.diff_ids.pop_back();
    CHECK(refusal([&] { check_same_layers(manifest, config); }).message() ==
          "the manifest has 2 layers, the config's rootfs.diff_ids 1");
}

TEST_CASE("what cannot be UTF-8 is replaced when it is written") {
    ImageConfig config = parse_image_config(good_config());
    config.config.env = {"A=\xff"};
    CHECK(parse_image_config(image_config_text(config)).config.env[0] ==
          "A=\xef\xbf\xbd");
}

TEST_CASE("ChainIDs") {
    CHECK(chain_ids({}).empty());
    std::vector<Digest> layers = {Digest::of("a"), Digest::of("b"),
                                  Digest::of("c")};
    std::vector<Digest> chain = chain_ids(layers);
    REQUIRE(chain.size() == 3);
    CHECK(chain[0] == layers[0]);
    // By sha256sum, of the texts joined by a blank.
    CHECK(chain[1].text() ==
          "sha256:51c0c8ace48498d6f5fee6b0592cc06f"
          "2da0f3cbe09c5a34a97dce85c3889676");
    CHECK(chain[2].text() ==
          "sha256:2fce7f8ce91bcf0a1428b36e1024639f"
          "dbd9469eea762dba98aa749631885106");
}
