#include "06-engine/engine/process_text.hpp"

#include <nlohmann/json.hpp>

namespace slipway {

namespace {

using nlohmann::ordered_json;

ordered_json names_of(CapabilityMask mask) {
    ordered_json names = ordered_json::array();
    for (const std::string& name : capability_names())
        if ((mask & CapabilityMask{1} << *capability_number(name)) != 0)
            names.push_back(name);
    return names;
}

ordered_json rlimits_of(const ProcessSpec& process) {
    ordered_json list = ordered_json::array();
    for (const Rlimit& each : process.rlimits)
        list.push_back(
            {{"type", each.type}, {"soft", each.soft}, {"hard", each.hard}});
    return list;
}

}  // namespace

std::string process_text(const ProcessSpec& process) {
    ordered_json user = {{"uid", process.user.uid},
                         {"gid", process.user.gid},
                         {"additionalGids", process.user.groups}};
    if (process.umask) user["umask"] = *process.umask;
    ordered_json json = {{"terminal", process.terminal},
                         {"user", user},
                         {"args", process.args},
                         {"env", process.env},
                         {"cwd", process.cwd},
                         {"rlimits", rlimits_of(process)},
                         {"noNewPrivileges", process.no_new_privileges}};
    if (const auto& sets = process.capabilities)
        json["capabilities"] = {{"bounding", names_of(sets->bounding)},
                                {"effective", names_of(sets->effective)},
                                {"inheritable", names_of(sets->inheritable)},
                                {"permitted", names_of(sets->permitted)},
                                {"ambient", names_of(sets->ambient)}};
    if (process.oom_score_adj) json["oomScoreAdj"] = *process.oom_score_adj;
    return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace slipway
