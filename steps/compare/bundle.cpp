#include "compare/bundle.hpp"

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway::compare {
namespace {

using nlohmann::json;

// Lists of namespaces and mounts: their members go by these names.
bool remove_named(json& list, const std::string& name) {
    for (auto member = list.begin(); member != list.end(); ++member)
        if (member->value("type", "") == name ||
            member->value("destination", "") == name) {
            list.erase(member);
            return true;
        }
    return false;
}

void apply(json& config, const Edit& edit) {
    json::json_pointer pointer(edit.pointer);
    json::json_pointer above = pointer.parent_pointer();
    if (!edit.value.empty()) {
        config[pointer] = json::parse(edit.value);
        return;
    }
    if (!config.contains(above)) return;
    json& parent = config[above];
    if (parent.is_object())
        parent.erase(pointer.back());  // not there: not there any more either
    else if (!remove_named(parent, pointer.back()))
        throw Error(ErrorKind::InvalidArgument,
                    cat("config.json has no ", edit.pointer));
}

}  // namespace

std::string bundle_config(std::string_view spec, const std::string& rootfs,
                          const std::string& cgroup, bool little_processor,
                          const std::vector<std::string>& command,
                          const std::vector<Edit>& edits) {
    json config = json::parse(spec);
    config["process"]["terminal"] = false;
    config["process"]["args"] = command;
    config["root"]["path"] = rootfs;
    config["hostname"] = "box";
    config["linux"]["cgroupsPath"] = cgroup;
    constexpr int memory = 64 << 20, processes = 64, period = 100'000;
    int quota = little_processor ? period / 10 : period;
    json& resources = config["linux"]["resources"];
    resources["memory"] = {{"limit", memory}};
    resources["pids"] = {{"limit", processes}};
    resources["cpu"] = {{"quota", quota}, {"period", period}};
    for (const Edit& edit : edits) apply(config, edit);
    return config.dump(1);
}

}  // namespace slipway::compare
