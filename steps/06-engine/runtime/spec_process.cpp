#include <linux/ioprio.h>
#include <sys/resource.h>

#include <algorithm>

#include "06-engine/runtime/spec_parts.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

//@ begin spec-user
User read_user(const DocumentField& field, std::optional<mode_t>& umask) {
    User user;
    user.uid = read_id(field.at("uid"));
    user.gid = read_id(field.at("gid"));
    if (auto groups = field.find("additionalGids"))
        for (const DocumentField& item : groups->items(NGROUPS_MAX))
            user.groups.push_back(read_id(item));
    if (auto mask = field.find("umask"))
        umask = static_cast<mode_t>(mask->number(0777));
    return user;
}
//@ end spec-user

// A name that nobody knows is passed over: a program that was built for a newer
// kernel must run on this one, only with less.
CapabilityMask read_capability_set(const DocumentField& from, const char* key,
                                   std::vector<std::string>& warnings) {
    CapabilityMask mask = 0;
    auto list = from.find(key);
    if (!list) return mask;
    for (const std::string& name : list->texts()) {
        if (auto number = capability_number(name))
            mask |= CapabilityMask{1} << *number;
        else
            warnings.push_back(cat("process.capabilities.", key, ": ",
                                   shown_text(name), " is no capability here"));
    }
    return mask;
}

CapabilitySets read_capabilities(const DocumentField& field,
                                 std::vector<std::string>& warnings) {
    CapabilitySets sets;
    sets.bounding = read_capability_set(field, "bounding", warnings);
    sets.effective = read_capability_set(field, "effective", warnings);
    sets.inheritable = read_capability_set(field, "inheritable", warnings);
    sets.permitted = read_capability_set(field, "permitted", warnings);
    sets.ambient = read_capability_set(field, "ambient", warnings);
    return sets;
}

// Source: getrlimit(2).
constexpr NamedValue<int> rlimit_types[] = {
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
};

std::vector<Rlimit> read_rlimits(const DocumentField& list) {
    std::vector<Rlimit> limits;
    for (const DocumentField& item : list.items(std::size(rlimit_types))) {
        DocumentField type = item.at("type");
        Rlimit limit{type.text(), read_named(type, rlimit_types),
                     item.at("soft").number(UINT64_MAX),
                     item.at("hard").number(UINT64_MAX)};
        if (limit.soft > limit.hard)
            item.refuse(
                cat("soft, ", limit.soft, ", is above hard, ", limit.hard));
        for (const Rlimit& before : limits)
            if (before.resource == limit.resource)
                type.refuse(cat(limit.type, " is there twice"));
        limits.push_back(std::move(limit));
    }
    return limits;
}

// Source: sched(7), linux/sched.h, whose names glibc's sched.h has only in
// part.
constexpr NamedValue<std::uint32_t> policies[] = {
    {"SCHED_OTHER", 0},    {"SCHED_FIFO", 1}, {"SCHED_RR", 2},
    {"SCHED_BATCH", 3},    {"SCHED_ISO", 4},  {"SCHED_IDLE", 5},
    {"SCHED_DEADLINE", 6},
};
constexpr std::uint32_t fifo = 1, round_robin = 2, deadline = 6;

constexpr NamedValue<std::uint64_t> scheduler_flags[] = {
    {"SCHED_FLAG_RESET_ON_FORK", 0x01},  {"SCHED_FLAG_RECLAIM", 0x02},
    {"SCHED_FLAG_DL_OVERRUN", 0x04},     {"SCHED_FLAG_KEEP_POLICY", 0x08},
    {"SCHED_FLAG_KEEP_PARAMS", 0x10},    {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
    {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40},
};

void read_time(const DocumentField& from, const char* key,
               SchedulerSpec& scheduler, std::uint64_t& to) {
    auto field = from.find(key);
    if (!field) return;
    to = field->number(UINT64_MAX);
    if (to != 0 && scheduler.policy != deadline)
        field->refuse("it is for SCHED_DEADLINE only");
}

void read_priority(const DocumentField& from, SchedulerSpec& scheduler) {
    bool real_time =
        scheduler.policy == fifo || scheduler.policy == round_robin;
    auto field = from.find("priority");
    if (field)
        scheduler.priority = static_cast<std::uint32_t>(field->number(99));
    if (real_time && scheduler.priority == 0)
        from.refuse("SCHED_FIFO and SCHED_RR need a priority from 1 to 99");
    if (!real_time && scheduler.priority != 0)
        field->refuse("it is for SCHED_FIFO and SCHED_RR only");
}

SchedulerSpec read_scheduler(const DocumentField& field) {
    SchedulerSpec scheduler;
    scheduler.policy = read_named(field.at("policy"), policies);
    if (auto nice = field.find("nice"))
        scheduler.nice = static_cast<std::int32_t>(nice->integer(-20, 19));
    read_priority(field, scheduler);
    if (auto flags = field.find("flags"))
        for (const DocumentField& item : flags->items(64))
            scheduler.flags |= read_named(item, scheduler_flags);
    read_time(field, "runtime", scheduler, scheduler.runtime_ns);
    read_time(field, "deadline", scheduler, scheduler.deadline_ns);
    read_time(field, "period", scheduler, scheduler.period_ns);
    return scheduler;
}

int read_io_priority(const DocumentField& field) {
    constexpr NamedValue<int> classes[] = {
        {"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
        {"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
        {"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
    };
    int priority = 0;
    if (auto given = field.find("priority"))
        priority = static_cast<int>(given->number(7));
    return read_named(field.at("class"), classes) << IOPRIO_CLASS_SHIFT |
           priority;
}

/// "0-2,5"
std::vector<unsigned> read_cpu_list(const DocumentField& field) {
    constexpr std::uint64_t last_cpu = 8191;  // the kernel's NR_CPUS is below
    std::vector<unsigned> cpus;
    std::string text = field.text();
    if (text.empty()) return cpus;
    for (const std::string& part : split(text, ',')) {
        std::size_t dash = part.find('-');
        auto first = parse_unsigned(part.substr(0, dash), last_cpu);
        auto last = dash == std::string::npos
                        ? first
                        : parse_unsigned(part.substr(dash + 1), last_cpu);
        if (!first || !last || *first > *last || cpus.size() > last_cpu)
            field.refuse(
                cat(shown_text(text), " is no list of processors like 0-2,5"));
        for (std::uint64_t cpu = *first; cpu <= *last; ++cpu)
            cpus.push_back(static_cast<unsigned>(cpu));
    }
    std::sort(cpus.begin(), cpus.end());
    cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
    return cpus;
}

CpuAffinity read_affinity(const DocumentField& field) {
    CpuAffinity affinity;
    if (auto list = field.find("initial"))
        affinity.initial_cpus = read_cpu_list(*list);
    if (auto list = field.find("final"))
        affinity.final_cpus = read_cpu_list(*list);
    return affinity;
}

void read_console_size(const DocumentField& from, ProcessSpec& process) {
    auto field = from.find("consoleSize");
    if (!field) return;
    auto side = [&](const char* key) {
        return static_cast<unsigned short>(field->at(key).number(UINT16_MAX));
    };
    ProcessSpec::ConsoleSize size{side("height"), side("width")};
    if (process.terminal) process.console_size = size;
}

void read_security(const DocumentField& field, ProcessSpec& process) {
    if (auto capabilities = field.find("capabilities"))
        process.capabilities =
            read_capabilities(*capabilities, process.warnings);
    read_field(field, "noNewPrivileges", process.no_new_privileges);
    read_field(field, "apparmorProfile", process.apparmor_profile);
    read_field(field, "selinuxLabel", process.selinux_label);
}

void read_limits(const DocumentField& field, ProcessSpec& process) {
    if (auto limits = field.find("rlimits"))
        process.rlimits = read_rlimits(*limits);
    if (auto adjust = field.find("oomScoreAdj"))
        process.oom_score_adj = static_cast<int>(adjust->integer(-1000, 1000));
    if (auto scheduler = field.find("scheduler"))
        process.scheduler = read_scheduler(*scheduler);
    if (auto priority = field.find("ioPriority"))
        process.io_priority = read_io_priority(*priority);
    if (auto affinity = field.find("execCPUAffinity"))
        process.exec_cpu_affinity = read_affinity(*affinity);
}

}  // namespace

//@ begin read-process
ProcessSpec read_process(const DocumentField& field) {
    ProcessSpec process;
    read_field(field, "terminal", process.terminal);
    read_console_size(field, process);
    // Without a user it is root, as with runc; half a user is a mistake.
    if (auto user = field.find("user"))
        process.user = read_user(*user, process.umask);
    DocumentField args = field.at("args");
    process.args = args.texts();
    if (process.args.empty())
        args.refuse("it is empty: there is nothing to run");
    if (auto env = field.find("env")) process.env = read_environment(*env);
    process.cwd = read_absolute_path(field.at("cwd"));
    read_security(field, process);
    read_limits(field, process);
    return process;
}
//@ end read-process

ProcessSpec parse_process(std::string_view json) {
    return read_process(
        parse_document(json, "process", largest_spec, spec_advice));
}

}  // namespace slipway
