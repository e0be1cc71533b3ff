#include "06-engine/engine/process_view.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <map>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_file = 1 << 20;

// Empty: it is not there, or may not be read.
std::string text_of(const std::string& path) {
    try {
        return read_file(path, largest_file);
    } catch (const Error&) {
        return {};
    }
}

template <class Number>
Number number_of(std::string_view text) {
    Number number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// "MemTotal:   123 kB", "btime 123"
std::uint64_t value_in(const std::string& text, std::string_view key) {
    std::size_t at = text.find(key);
    if (at == text.npos) return 0;
    at = text.find_first_of("0123456789", at + key.size());
    if (at == text.npos) return 0;
    return number_of<std::uint64_t>(std::string_view(text).substr(at, 20));
}

/// What is the same for all rows.
struct Host {
    std::uint64_t ticks = 100, boot = 0, memory_kib = 1, page = 4096;
    std::time_t now = 0;
    std::map<uid_t, std::string> users;
};

// The host's own file: getpwuid() would load libraries.
std::map<uid_t, std::string> read_users() {
    std::map<uid_t, std::string> users;
    for (const std::string& line : split(text_of("/etc/passwd"), '\n')) {
        std::vector<std::string> fields = split(line, ':');
        if (fields.size() < 3) continue;
        if (auto uid = parse_unsigned(fields[2], UINT32_MAX))
            users.emplace(static_cast<uid_t>(*uid), fields[0]);
    }
    return users;
}

Host read_host() {
    Host host;
    host.ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    host.page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    host.boot = value_in(text_of("/proc/stat"), "btime");
    host.memory_kib = std::max<std::uint64_t>(
        1, value_in(text_of("/proc/meminfo"), "MemTotal:"));
    host.now = ::time(nullptr);
    host.users = read_users();
    return host;
}

struct Process {
    pid_t pid;
    uid_t uid;
    gid_t gid;
    ProcessStat stat;
};

std::optional<Process> read_process(pid_t pid) {
    std::string folder = cat("/proc/", pid);
    struct stat owner {};
    if (::stat(folder.c_str(), &owner) != 0) return {};
    auto stat = parse_process_stat(text_of(folder + "/stat"));
    if (!stat) return {};
    return Process{pid, owner.st_uid, owner.st_gid, *stat};
}

std::uint64_t seconds_used(const Process& process, const Host& host) {
    return (process.stat.user_ticks + process.stat.system_ticks) / host.ticks;
}

std::time_t started_at(const Process& process, const Host& host) {
    return static_cast<std::time_t>(host.boot +
                                    process.stat.start_ticks / host.ticks);
}

std::uint64_t age_of(const Process& process, const Host& host) {
    return static_cast<std::uint64_t>(
        std::max<std::time_t>(0, host.now - started_at(process, host)));
}

std::string user_of(const Process& process, const Host& host) {
    auto found = host.users.find(process.uid);
    return found == host.users.end() ? cat(process.uid) : found->second;
}

// "14:02" of the last day, "Nov28" of the days before.
std::string start_text(const Process& process, const Host& host) {
    constexpr std::uint64_t day = 86400;
    std::time_t start = started_at(process, host);
    std::tm parts{};
    ::localtime_r(&start, &parts);
    char text[16];
    const char* form = age_of(process, host) < day ? "%H:%M" : "%b%d";
    return {text, std::strftime(text, sizeof text, form, &parts)};
}

double processor_share(const Process& process, const Host& host) {
    std::uint64_t age = age_of(process, host);
    auto ticks = static_cast<double>(process.stat.user_ticks +
                                     process.stat.system_ticks);
    return age == 0 ? 0
                    : 100 * ticks / static_cast<double>(host.ticks) /
                          static_cast<double>(age);
}

std::string one_digit(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

std::string command_line(const Process& process) {
    std::string text = text_of(cat("/proc/", process.pid, "/cmdline"));
    while (text.ends_with('\0')) text.pop_back();
    std::replace(text.begin(), text.end(), '\0', ' ');
    return text.empty() ? cat("[", process.stat.name, "]") : text;
}

// ps(1), PROCESS STATE CODES.
std::string state_text(const Process& process) {
    const ProcessStat& stat = process.stat;
    std::string text(1, stat.state);
    if (stat.nice != 0) text += stat.nice < 0 ? '<' : 'N';
    if (stat.session == process.pid) text += 's';
    if (stat.threads > 1) text += 'l';
    if (stat.terminal_group == stat.group) text += '+';
    return text;
}

// "0:00", minutes without hours, as ps u has TIME.
std::string minutes_text(std::uint64_t seconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%lu:%02lu", seconds / 60, seconds % 60);
    return text;
}

std::string memory_field(const std::string& field, const Process& process,
                         const Host& host) {
    constexpr std::uint64_t kib = 1024;
    std::uint64_t resident = process.stat.resident_pages * host.page / kib;
    if (field == "rss") return cat(resident);
    if (field == "vsz") return cat(process.stat.virtual_bytes / kib);
    return one_digit(100 * static_cast<double>(resident) /
                     static_cast<double>(host.memory_kib));
}

std::string time_field(const std::string& field, const Process& process,
                       const Host& host) {
    if (field == "time") return clock_text(seconds_used(process, host), true);
    if (field == "btime") return minutes_text(seconds_used(process, host));
    if (field == "etime") return clock_text(age_of(process, host), false);
    if (field == "etimes") return cat(age_of(process, host));
    if (field == "stime") return start_text(process, host);
    double share = processor_share(process, host);
    return field == "c" ? cat(static_cast<int>(share)) : one_digit(share);
}

std::string field_text(const std::string& field, const Process& process,
                       const Host& host) {
    const ProcessStat& stat = process.stat;
    if (field == "pid") return cat(process.pid);
    if (field == "ppid") return cat(stat.parent);
    if (field == "user") return user_of(process, host);
    if (field == "uid") return cat(process.uid);
    if (field == "gid") return cat(process.gid);
    if (field == "pgid") return cat(stat.group);
    if (field == "sid") return cat(stat.session);
    if (field == "tty") return terminal_text(stat.terminal);
    if (field == "comm") return stat.name;
    if (field == "args") return command_line(process);
    if (field == "s") return {stat.state};
    if (field == "stat") return state_text(process);
    if (field == "ni") return cat(stat.nice);
    // ps turns the kernel's scale around: pri in its output.c.
    if (field == "pri") return cat(39 - stat.priority);
    if (field == "psr") return cat(stat.processor);
    if (field == "nlwp") return cat(stat.threads);
    if (field == "rss" || field == "vsz" || field == "%mem")
        return memory_field(field, process, host);
    return time_field(field, process, host);
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
    std::size_t open = text.find('('), close = text.rfind(')');
    if (open == text.npos || close == text.npos || close < open) return {};
    // The fields behind the name, of which proc(5) counts the first as 3.
    std::vector<std::string> fields =
        split(text.substr(std::min(close + 2, text.size())), ' ');
    constexpr std::size_t wanted = 39 - 2;
    if (fields.size() < wanted) return {};
    auto field = [&](std::size_t number) -> std::string_view {
        return fields[number - 3];
    };
    ProcessStat stat;
    stat.name = text.substr(open + 1, close - open - 1);
    stat.state = field(3).empty() ? '?' : field(3)[0];
    stat.parent = number_of<int>(field(4));
    stat.group = number_of<int>(field(5));
    stat.session = number_of<int>(field(6));
    stat.terminal = number_of<int>(field(7));
    stat.terminal_group = number_of<int>(field(8));
    stat.user_ticks = number_of<std::uint64_t>(field(14));
    stat.system_ticks = number_of<std::uint64_t>(field(15));
    stat.priority = number_of<long>(field(18));
    stat.nice = number_of<long>(field(19));
    stat.threads = number_of<long>(field(20));
    stat.start_ticks = number_of<std::uint64_t>(field(22));
    stat.virtual_bytes = number_of<std::uint64_t>(field(23));
    stat.resident_pages = number_of<std::uint64_t>(field(24));
    stat.processor = number_of<int>(field(39));
    return stat;
}

std::string terminal_text(int device) {
    if (device == 0) return "?";
    constexpr unsigned first_pts = 136, last_pts = 143, console = 4;
    auto number = static_cast<dev_t>(static_cast<unsigned>(device));
    unsigned of_kind = major(number), minor_number = minor(number);
    if (of_kind >= first_pts && of_kind <= last_pts)
        return cat("pts/", (of_kind - first_pts) * 256 + minor_number);
    return of_kind == console ? cat("tty", minor_number) : "?";
}

std::string clock_text(std::uint64_t seconds, bool full) {
    constexpr std::uint64_t minute = 60, hour = 3600, day = 86400;
    char text[48];
    if (seconds >= day)
        std::snprintf(text, sizeof text, "%lu-%02lu:%02lu:%02lu", seconds / day,
                      seconds % day / hour, seconds % hour / minute,
                      seconds % minute);
    else if (full || seconds >= hour)
        std::snprintf(text, sizeof text, "%02lu:%02lu:%02lu", seconds / hour,
                      seconds % hour / minute, seconds % minute);
    else
        std::snprintf(text, sizeof text, "%02lu:%02lu", seconds / minute,
                      seconds % minute);
    return text;
}

std::vector<std::vector<std::string>> process_table(
    const std::vector<pid_t>& pids, const std::vector<ProcessColumn>& columns) {
    Host host = read_host();
    std::vector<std::vector<std::string>> rows(1);
    for (const ProcessColumn& column : columns) rows[0].push_back(column.title);
    for (pid_t pid : pids) {
        auto process = read_process(pid);
        if (!process) continue;
        std::vector<std::string> row;
        row.reserve(columns.size());
        for (const ProcessColumn& column : columns)
            row.push_back(field_text(column.field, *process, host));
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace slipway
