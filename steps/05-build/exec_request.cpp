#include "05-build/exec_request.hpp"

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

using Json = nlohmann::json;

namespace {

// Texts may be any bytes (a secret is), which JSON's texts may not.
Json bytes(const std::string& text) {
    return Json::binary({text.begin(), text.end()});
}

std::string text_of(const Json& value) {
    const auto& binary = value.get_binary();
    return {binary.begin(), binary.end()};
}

Json list(const std::vector<std::string>& texts) {
    Json array = Json::array();
    for (const std::string& text : texts) array.push_back(bytes(text));
    return array;
}

std::vector<std::string> texts_of(const Json& array) {
    std::vector<std::string> texts;
    for (const Json& each : array) texts.push_back(text_of(each));
    return texts;
}

Json mount_json(const ExecMount& mount) {
    return {static_cast<int>(mount.kind),
            bytes(mount.target),
            bytes(mount.source),
            list(mount.layers),
            bytes(mount.folder),
            mount.read_only,
            mount.size,
            bytes(mount.content),
            mount.mode,
            mount.uid,
            mount.gid};
}

ExecMount mount_of(const Json& json) {
    ExecMount mount;
    std::size_t at = 0;
    mount.kind = static_cast<ExecMount::Kind>(json.at(at++).get<int>());
    mount.target = text_of(json.at(at++));
    mount.source = text_of(json.at(at++));
    mount.layers = texts_of(json.at(at++));
    mount.folder = text_of(json.at(at++));
    json.at(at++).get_to(mount.read_only);
    json.at(at++).get_to(mount.size);
    mount.content = text_of(json.at(at++));
    json.at(at++).get_to(mount.mode);
    json.at(at++).get_to(mount.uid);
    json.at(at++).get_to(mount.gid);
    return mount;
}

template <class Number>
Json optional_json(const std::optional<Number>& number) {
    return number ? Json(*number) : Json();
}

std::optional<std::uint64_t> optional_of(const Json& json) {
    if (json.is_null()) return {};
    return json.get<std::uint64_t>();
}

}  // namespace

std::string exec_request_text(const ExecRequest& request) {
    Json mounts = Json::array();
    for (const ExecMount& mount : request.mounts)
        mounts.push_back(mount_json(mount));
    Json json = {
        {"layers", list(request.layers)},
        {"upper", bytes(request.upper)},
        {"work", bytes(request.work)},
        {"user_xattr", request.user_xattr},
        {"place", bytes(request.place)},
        {"command", list(request.command)},
        {"environment", list(request.environment)},
        {"user", bytes(request.user)},
        {"workdir", bytes(request.workdir)},
        {"hostname", bytes(request.hostname)},
        {"network", static_cast<int>(request.network)},
        {"mounts", std::move(mounts)},
        {"memory", optional_json(request.memory)},
        {"pids", optional_json(request.pids)},
    };
    std::string text;
    Json::to_cbor(json, text);
    return text;
}

ExecRequest parse_exec_request(std::string_view text) {
    try {
        Json json = Json::from_cbor(text);
        ExecRequest request;
        request.layers = texts_of(json.at("layers"));
        request.upper = text_of(json.at("upper"));
        request.work = text_of(json.at("work"));
        json.at("user_xattr").get_to(request.user_xattr);
        request.place = text_of(json.at("place"));
        request.command = texts_of(json.at("command"));
        request.environment = texts_of(json.at("environment"));
        request.user = text_of(json.at("user"));
        request.workdir = text_of(json.at("workdir"));
        request.hostname = text_of(json.at("hostname"));
        request.network =
            static_cast<ExecNetwork>(json.at("network").get<int>());
        for (const Json& mount : json.at("mounts"))
            request.mounts.push_back(mount_of(mount));
        request.memory = optional_of(json.at("memory"));
        request.pids = optional_of(json.at("pids"));
        return request;
    } catch (const Json::exception& error) {
        throw Error(ErrorKind::InvalidArgument,
                    cat("what is to be run: ", error.what()));
    }
}

}  // namespace slipway
