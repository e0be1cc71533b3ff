// Docker's form of a profile, of which config.json's is made: rules have
// conditions, and there is one file for all machines.
#include <linux/capability.h>
#include <sys/utsname.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "06-engine/security/capabilities.hpp"
#include "06-engine/security/seccomp.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::json;

// This machine, in Go's word and in libseccomp's.
#if defined(__x86_64__)
constexpr char go_name[] = "amd64";
constexpr char seccomp_name[] = "SCMP_ARCH_X86_64";
#elif defined(__aarch64__)
constexpr char go_name[] = "arm64";
constexpr char seccomp_name[] = "SCMP_ARCH_AARCH64";
#else
#error "add the architecture here"
#endif

// "5.10.0-8-amd64" and "4.8": the first two numbers.
std::pair<std::uint64_t, std::uint64_t> kernel_version(std::string_view text) {
    std::vector<std::string> parts = split(text, '.');
    auto number = [&](std::size_t i) -> std::uint64_t {
        if (i >= parts.size()) return 0;
        std::size_t digits =
            std::min(parts[i].find_first_not_of("0123456789"), parts[i].size());
        return parse_unsigned(parts[i].substr(0, digits), UINT32_MAX)
            .value_or(0);
    };
    return {number(0), number(1)};
}

bool kernel_is_at_least(const DocumentField& field) {
    struct utsname name {};
    check(::uname(&name), "uname");
    return kernel_version(name.release) >= kernel_version(field.text());
}

bool has_capability(CapabilityMask capabilities, const std::string& name) {
    auto number = capability_number(name);
    return number && (capabilities >> *number & 1) != 0;
}

std::vector<std::string> texts_of(const DocumentField& field, const char* key) {
    auto found = field.find(key);
    return found ? found->texts() : std::vector<std::string>{};
}

bool is_excluded(const DocumentField& rule, CapabilityMask capabilities) {
    auto when = rule.find("excludes");
    if (!when) return false;
    for (const std::string& arch : texts_of(*when, "arches"))
        if (arch == go_name) return true;
    for (const std::string& name : texts_of(*when, "caps"))
        if (has_capability(capabilities, name)) return true;
    auto kernel = when->find("minKernel");
    return kernel && kernel_is_at_least(*kernel);
}

bool is_included(const DocumentField& rule, CapabilityMask capabilities) {
    auto when = rule.find("includes");
    if (!when) return true;
    std::vector<std::string> arches = texts_of(*when, "arches");
    if (!arches.empty() &&
        std::find(arches.begin(), arches.end(), go_name) == arches.end())
        return false;
    for (const std::string& name : texts_of(*when, "caps"))
        if (!has_capability(capabilities, name)) return false;
    auto kernel = when->find("minKernel");
    return !kernel || kernel_is_at_least(*kernel);
}

json rule_json(const DocumentField& rule) {
    json made = json::object();
    for (const char* key : {"names", "action", "errnoRet", "args"})
        if (auto field = rule.find(key)) made[key] = field->value();
    auto name = rule.find("name");
    if (!name) return made;
    if (made.contains("names") && !made["names"].empty())
        name->refuse("a rule has name or names, not both");
    made["names"] = json::array({name->text()});
    return made;
}

// Which of a map's lines is about this machine.
json architectures_of(const DocumentField& profile) {
    json list = json::array();
    for (const std::string& name : texts_of(profile, "architectures"))
        list.push_back(name);
    auto map = profile.find("archMap");
    if (!map) return list;
    for (const DocumentField& line : map->items(most_json_values)) {
        if (line.at("architecture").text() != seccomp_name) continue;
        if (!list.empty())
            map->refuse("a profile has architectures or archMap, not both");
        list.push_back(seccomp_name);
        for (const std::string& name : texts_of(line, "subArchitectures"))
            list.push_back(name);
    }
    return list;
}

}  // namespace

json docker_seccomp(const DocumentField& profile, std::uint64_t capabilities) {
    json made = json::object();
    for (const char* key : {"defaultAction", "defaultErrnoRet", "flags",
                            "listenerPath", "listenerMetadata"})
        if (auto field = profile.find(key)) made[key] = field->value();
    json architectures = architectures_of(profile);
    if (!architectures.empty()) made["architectures"] = architectures;
    auto rules = profile.find("syscalls");
    if (!rules) return made;
    made["syscalls"] = json::array();
    for (const DocumentField& rule : rules->items(most_json_values))
        if (!is_excluded(rule, capabilities) && is_included(rule, capabilities))
            made["syscalls"].push_back(rule_json(rule));
    return made;
}

}  // namespace slipway
