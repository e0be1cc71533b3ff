// The documents of an image: whoever made it wrote them. What is accepted must
// be within the limits and come back the same when it is written and read.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "04-images/image_choice.hpp"
#include "04-images/image_config.hpp"
#include "04-images/manifest.hpp"
#include "04-images/media_type.hpp"
#include "common/error.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

template <class Parse>
void try_parse(Parse parse) {
    try {
        parse();
    } catch (const Error& error) {
        must(!error.message().empty() && error.message().size() < 4096);
        must(!error.advice().empty());
        for (char c : error.message()) must(c != '\x1b' && c != '\n');
    }
}

void try_manifest(std::string_view bytes) {
    Manifest manifest = parse_manifest(bytes, "");
    must(manifest.layers.size() <= most_layers);
    must(manifest.config.size <= largest_config);
    for (const Descriptor& layer : manifest.layers)
        must(layer.urls.empty() || !is_foreign_layer(layer.media_type));
    std::string text = manifest_text(manifest);
    must(manifest_text(parse_manifest(text, manifest.media_type)) == text);
    try_parse([&] {
        (void)parse_index(bytes, "");
        std::abort();
    });
}

void try_index(std::string_view bytes) {
    Index index = parse_index(bytes, "");
    std::string text = index_text(index);
    must(index_text(parse_index(text, index.media_type)) == text);
    Platform wanted{"linux", "arm64", "v9.2"};
    must(candidates(index, wanted).size() <= index.manifests.size());
    for (char c : offered_platforms(index)) must(c != '\x1b');
}

void try_config(std::string_view bytes) {
    ImageConfig config = parse_image_config(bytes);
    must(config.diff_ids.size() <= most_layers);
    must(parse_image_config(image_config_text(config)) == config);
    must(chain_ids(config.diff_ids).size() == config.diff_ids.size());
}

// From nothing, chance makes no manifest. So one that is good is cut open where
// the first bytes say, and the rest is put in.
constexpr std::string_view good[] = {
    R"({"schemaVersion":2,"config":{"mediaType":)"
    R"("application/vnd.oci.image.config.v1+json","digest":"sha256:)"
    R"(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",)"
    R"("size":7},"layers":[{"mediaType":)"
    R"("application/vnd.oci.image.layer.v1.tar","urls":[],"digest":"sha256:)"
    R"(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",)"
    R"("size":7}]})",
    R"({"schemaVersion":2,"manifests":[{"mediaType":)"
    R"("application/vnd.oci.image.manifest.v1+json","digest":"sha256:)"
    R"(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",)"
    R"("size":7,"platform":{"os":"linux","architecture":"arm64",)"
    R"("variant":"v8.1"},"annotations":{"a":"b"}}]})",
    R"({"os":"linux","architecture":"arm","config":{"Env":["A=b"],"Volumes":)"
    R"({"/v":{}},"Healthcheck":{"Retries":3},"Cmd":["x"],"Labels":{"a":"b"}},)"
    R"("rootfs":{"type":"layers","diff_ids":["sha256:)"
    R"(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]},)"
    R"("history":[{"created_by":"x","empty_layer":true}]})"};

std::string spliced(std::string_view bytes) {
    auto byte = [&](std::size_t i) {
        return static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[i]));
    };
    std::string document(good[byte(0) % std::size(good)]);
    std::size_t place = (byte(1) * 256 + byte(2)) % document.size();
    return document.replace(place, byte(3), bytes.substr(4));
}

// They are good: otherwise most of this would test nothing.
const bool checked = [] {
    (void)parse_manifest(good[0], "");
    (void)parse_index(good[1], "");
    (void)parse_image_config(good[2]);
    return true;
}();

void try_all(std::string_view bytes) {
    try_parse([&] { try_manifest(bytes); });
    try_parse([&] { (void)parse_artifact(bytes, ""); });
    try_parse([&] { try_index(bytes); });
    try_parse([&] { try_config(bytes); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    must(checked);
    try_all(bytes);
    if (size >= 4) try_all(spliced(bytes));
    try_parse([&] { must(!parse_platform(bytes).os.empty()); });
    return 0;
}
