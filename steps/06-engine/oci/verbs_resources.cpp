// update and events: limits and what was used.
#include <unistd.h>

#include <cstdio>

#include <nlohmann/json.hpp>

#include "03-cgroups/stats.hpp"
#include "06-engine/oci/verb.hpp"
#include "06-engine/oci/verbs.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;
constexpr std::size_t largest_resources = 1 << 20;

struct UpdateFlags {
    std::string file;
    ordered_json resources = ordered_json::object();
};

// Each option is a field of linux.resources, so it is read and checked as that.
auto into(UpdateFlags& flags, const char* section, const char* field) {
    return [&flags, section, field](const std::string& text) {
        bool negative = text.starts_with('-');
        auto number =
            parse_unsigned(negative ? text.substr(1) : text, INT64_MAX);
        ordered_json& place = flags.resources[section][field];
        if (!number)
            place = text;
        else if (negative)
            place = -static_cast<std::int64_t>(*number);
        else
            place = *number;
    };
}
// "0" is a list, too.
auto list_into(UpdateFlags& flags, const char* field) {
    return [&flags, field](const std::string& text) {
        flags.resources["cpu"][field] = text;
    };
}
auto bytes_into(UpdateFlags& flags, const char* field) {
    return [&flags, field](const std::string& text) {
        ordered_json& place = flags.resources["memory"][field];
        if (text == "-1")
            place = -1;
        else
            place = parse_size(text);
    };
}

void declare_update(CommandLine& line, UpdateFlags& flags) {
    line.value("-r,--resources", "FILE",
               "linux.resources as JSON; - is standard input",
               [&](auto& value) { flags.file = value; });
    line.value("--memory", "BYTES", "limit", bytes_into(flags, "limit"));
    line.value("--memory-reservation", "BYTES", "soft limit",
               bytes_into(flags, "reservation"));
    line.value("--memory-swap", "BYTES", "memory and swap; -1: no limit",
               bytes_into(flags, "swap"));
    line.value("--cpu-period", "US", "length of a period",
               into(flags, "cpu", "period"));
    line.value("--cpu-quota", "US", "time in each period; -1: no limit",
               into(flags, "cpu", "quota"));
    line.value("--cpu-burst", "US", "time saved up",
               into(flags, "cpu", "burst"));
    line.value("--cpu-share", "N", "weight, 2 to 262144",
               into(flags, "cpu", "shares"));
    line.value("--cpu-rt-period", "US", "real time",
               into(flags, "cpu", "realtimePeriod"));
    line.value("--cpu-rt-runtime", "US", "real time",
               into(flags, "cpu", "realtimeRuntime"));
    line.value("--cpu-idle", "N", "1: only when nobody else wants",
               into(flags, "cpu", "idle"));
    line.value("--cpuset-cpus", "LIST", "processors", list_into(flags, "cpus"));
    line.value("--cpuset-mems", "LIST", "memory nodes",
               list_into(flags, "mems"));
    line.value("--pids-limit", "N", "processes", into(flags, "pids", "limit"));
    line.value("--blkio-weight", "N", "10 to 1000",
               into(flags, "blockIO", "weight"));
}

Resources read_update(const UpdateFlags& flags) {
    std::string text = flags.resources.dump();
    if (flags.file == "-")
        text = read_all(STDIN_FILENO, largest_resources);
    else if (!flags.file.empty())
        text = read_file(flags.file, largest_resources);
    return read_resources(parse_document(
        text, "resources", largest_resources,
        "the fields are those of config.json's linux.resources"));
}

// The file as a number; "max" and a file that is not there give `otherwise`.
std::uint64_t number_in(const std::vector<CgroupFolder>& folders,
                        const char* v1, const char* v2,
                        std::uint64_t otherwise = 0) {
    for (const CgroupFolder& folder : folders)
        if (auto text = folder.read(folder.version == 1 ? v1 : v2)) {
            std::string_view line = *text;
            return parse_unsigned(line.substr(0, line.find('\n')), UINT64_MAX)
                .value_or(otherwise);
        }
    return otherwise;
}

ordered_json stats_json(const std::vector<CgroupFolder>& folders) {
    constexpr std::uint64_t ns_of_us = 1000;
    CgroupStats stats = read_cgroup_stats(folders);
    ordered_json cpu = {
        {"usage",
         {{"total", stats.cpu_us.value_or(0) * ns_of_us},
          {"kernel", stats.system_us.value_or(0) * ns_of_us},
          {"user", stats.user_us.value_or(0) * ns_of_us}}},
        {"throttling",
         {{"periods", stats.periods.value_or(0)},
          {"throttledPeriods", stats.throttled_periods.value_or(0)},
          {"throttledTime", stats.throttled_us.value_or(0) * ns_of_us}}}};
    ordered_json memory = {
        {"usage",
         {{"limit", number_in(folders, "memory.limit_in_bytes", "memory.max",
                              UINT64_MAX)},
          {"usage",
           number_in(folders, "memory.usage_in_bytes", "memory.current")},
          {"max", stats.memory_peak.value_or(0)},
          {"failcnt", number_in(folders, "memory.failcnt", "")}}},
        {"oomKills", stats.oom_kills.value_or(0)}};
    ordered_json pids = {
        {"current", number_in(folders, "pids.current", "pids.current")},
        {"limit", number_in(folders, "pids.max", "pids.max")}};
    return {{"cpu", cpu}, {"memory", memory}, {"pids", pids}};
}

}  // namespace

Verb update_verb(OciSettings& settings) {
    auto flags = std::make_shared<UpdateFlags>();
    return {"update", "[OPTION...] ID", "Change the limits of a container.",
            [flags](CommandLine& line) { declare_update(line, *flags); },
            logged(settings, [&settings, flags](auto& words) {
                expect_words(words, 1, 1, "update [OPTION...] ID");
                update_container(settings.context(), words[0],
                                 read_update(*flags));
                return 0;
            })};
}

Verb events_verb(OciSettings& settings) {
    auto once = std::make_shared<bool>(false);
    return {
        "events", "--stats ID", "Print what a container has used.",
        [once](CommandLine& line) { line.flag("--stats", "once", *once); },
        logged(settings, [&settings, once](auto& words) {
            expect_words(words, 1, 1, "events --stats ID");
            if (!*once)
                throw Error(ErrorKind::Unsupported, "events without --stats")
                    .advise("ask again with --stats when you want to know");
            ContainerFolder folder =
                ContainerFolder::look(settings.context().root, words[0]);
            ContainerState state = folder.state_or_remains();
            if (status_of(folder, state) == ContainerStatus::Stopped)
                throw Error(ErrorKind::Conflict,
                            cat("container not running: ", quote(words[0])));
            ordered_json event = {
                {"type", "stats"},
                {"id", words[0]},
                {"data", stats_json(open_cgroups(state.cgroups))}};
            std::puts(event.dump().c_str());
            return 0;
        })};
}

}  // namespace slipway
