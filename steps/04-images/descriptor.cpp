#include "04-images/descriptor.hpp"

#include <nlohmann/json.hpp>

#include "04-images/content_store.hpp"
#include "04-images/media_type.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

std::string text_or_empty(const DocumentField& field, const char* key) {
    auto found = field.find(key);
    return found ? found->text() : "";
}

std::string read_media_type(const DocumentField& field) {
    std::string type = field.text();
    if (!is_media_type(type)) field.refuse("it is no media type");
    return type;
}

}  // namespace

Platform read_platform(const DocumentField& field) {
    Platform platform{field.at("os").text(), field.at("architecture").text(),
                      text_or_empty(field, "variant"),
                      text_or_empty(field, "os.version")};
    if (auto features = field.find("os.features"))
        platform.os_features = features->texts();
    return platform;
}

Digest read_digest(const DocumentField& field) {
    std::string digest = field.text();
    constexpr std::size_t longest = 200;  // sha512 has 135
    if (digest.size() > longest) field.refuse("it is no digest");
    try {
        return Digest::parse(digest);
    } catch (const Error& error) {
        field.refuse(error.message());
    }
}

Descriptor read_descriptor(const DocumentField& field) {
    Descriptor descriptor{read_media_type(field.at("mediaType")),
                          read_digest(field.at("digest")),
                          field.at("size").number(largest_blob)};
    if (auto platform = field.find("platform"))
        descriptor.platform = read_platform(*platform);
    if (auto annotations = field.find("annotations"))
        descriptor.annotations = annotations->text_map();
    if (auto urls = field.find("urls")) descriptor.urls = urls->texts();
    descriptor.artifact_type = text_or_empty(field, "artifactType");
    return descriptor;
}

void add_platform(nlohmann::ordered_json& object, const Platform& platform) {
    object["architecture"] = platform.architecture;
    object["os"] = platform.os;
    if (!platform.os_version.empty())
        object["os.version"] = platform.os_version;
    if (!platform.os_features.empty())
        object["os.features"] = platform.os_features;
    if (!platform.variant.empty()) object["variant"] = platform.variant;
}

nlohmann::ordered_json descriptor_json(const Descriptor& descriptor) {
    nlohmann::ordered_json object;
    object["mediaType"] = descriptor.media_type;
    object["digest"] = descriptor.digest.text();
    object["size"] = descriptor.size;
    if (!descriptor.urls.empty()) object["urls"] = descriptor.urls;
    if (!descriptor.annotations.empty())
        object["annotations"] = descriptor.annotations;
    if (descriptor.platform)
        add_platform(object["platform"], *descriptor.platform);
    if (!descriptor.artifact_type.empty())
        object["artifactType"] = descriptor.artifact_type;
    return object;
}

}  // namespace slipway
