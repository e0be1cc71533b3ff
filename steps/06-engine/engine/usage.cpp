#include "06-engine/engine/usage.hpp"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "03-cgroups/stats.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/state.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;
using Folders = std::vector<CgroupFolder>;

constexpr std::size_t largest_file = 1 << 20;

std::string text_of(const std::string& path) {
    try {
        return read_file(path, largest_file);
    } catch (const Error&) {
        return {};  // it has ended meanwhile
    }
}

std::int64_t monotonic_ns() {
    constexpr std::int64_t second = 1'000'000'000;
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * second + now.tv_nsec;
}

// Of the first tree that has one of the files.
std::string group_file(const Folders& folders, const char* v1, const char* v2) {
    for (const CgroupFolder& folder : folders)
        if (auto text = folder.read(folder.version == 1 ? v1 : v2))
            return *text;
    return {};
}

std::optional<std::uint64_t> group_number(const Folders& folders,
                                          const char* v1, const char* v2) {
    std::string text = group_file(folders, v1, v2);
    return parse_unsigned(text.substr(0, text.find('\n')), UINT64_MAX);
}

std::uint64_t machine_memory() {
    constexpr std::uint64_t kib = 1024;
    std::string text = text_of("/proc/meminfo");
    std::size_t at = text.find_first_of("0123456789");
    if (at == text.npos) return 0;
    std::size_t end = text.find_first_not_of("0123456789", at);
    return parse_unsigned(text.substr(at, end - at), UINT64_MAX / kib)
               .value_or(0) *
           kib;
}

// What the kernel could take back at once does not count, as in Docker.
std::uint64_t memory_in_use(const Folders& folders) {
    std::uint64_t memory =
        group_number(folders, "memory.usage_in_bytes", "memory.current")
            .value_or(0);
    std::string stat = group_file(folders, "memory.stat", "memory.stat");
    auto cached = keyed_value(stat, "total_inactive_file");
    if (!cached) cached = keyed_value(stat, "inactive_file");
    return memory - std::min(memory, cached.value_or(0));
}

std::uint64_t link_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

// Words of a line, however many blanks there are between them.
std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (std::string& word : split(line, ' '))
        if (!word.empty()) words.push_back(std::move(word));
    return words;
}

std::uint64_t number_or_zero(std::string_view text) {
    return parse_unsigned(text, UINT64_MAX).value_or(0);
}

}  // namespace

Traffic parse_traffic(std::string_view text) {
    constexpr std::size_t received = 0, sent = 8;  // columns of /proc/net/dev
    Traffic traffic;
    for (const std::string& line : split(text, '\n')) {
        std::size_t colon = line.find(':');
        if (colon == line.npos) continue;
        std::vector<std::string> name = words_of(line.substr(0, colon));
        std::vector<std::string> numbers = words_of(line.substr(colon + 1));
        if (name.empty() || name[0] == "lo" || numbers.size() <= sent) continue;
        traffic.received += number_or_zero(numbers[received]);
        traffic.sent += number_or_zero(numbers[sent]);
    }
    return traffic;
}

BlockBytes parse_block_bytes(std::string_view text) {
    BlockBytes bytes;
    for (const std::string& line : split(text, '\n')) {
        std::vector<std::string> words = words_of(line);
        if (words.size() == 3 && words[1] == "Read")
            bytes.read += number_or_zero(words[2]);
        if (words.size() == 3 && words[1] == "Write")
            bytes.written += number_or_zero(words[2]);
        for (std::string_view word : words) {
            constexpr std::string_view read = "rbytes=", written = "wbytes=";
            if (word.starts_with(read))
                bytes.read += number_or_zero(word.substr(read.size()));
            if (word.starts_with(written))
                bytes.written += number_or_zero(word.substr(written.size()));
        }
    }
    return bytes;
}

Usage group_usage(const Folders& folders) {
    constexpr std::uint64_t ns_of_us = 1000;
    Usage usage;
    usage.at_ns = monotonic_ns();
    usage.cpu_ns = read_cpu_us(folders).value_or(0) * ns_of_us;
    usage.memory = memory_in_use(folders);
    usage.memory_limit =
        std::min(machine_memory(),
                 group_number(folders, "memory.limit_in_bytes", "memory.max")
                     .value_or(UINT64_MAX));
    BlockBytes blocks = parse_block_bytes(group_file(
        folders, "blkio.throttle.io_service_bytes_recursive", "io.stat"));
    usage.read = blocks.read;
    usage.written = blocks.written;
    auto pids = group_number(folders, "pids.current", "pids.current");
    usage.pids = pids ? *pids : processes_of(folders).size();
    return usage;
}

std::optional<Usage> read_usage(const Engine& engine, const std::string& id,
                                int init) {
    if (init == 0) return {};
    try {
        ContainerState state =
            ContainerFolder::look(engine.runtime().root, id).state_or_remains();
        Usage usage = group_usage(open_cgroups(state.cgroups));
        std::string folder = cat("/proc/", init);
        // On the host's network all of its traffic would be counted.
        if (link_of(folder + "/ns/net") != link_of("/proc/self/ns/net")) {
            Traffic traffic = parse_traffic(text_of(folder + "/net/dev"));
            usage.received = traffic.received;
            usage.sent = traffic.sent;
        }
        return usage;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
        return {};
    }
}

//@ begin processor-percent
double processor_percent(const Usage& before, const Usage& now) {
    auto passed = static_cast<double>(now.at_ns - before.at_ns);
    if (passed <= 0 || now.cpu_ns < before.cpu_ns) return 0;
    return 100 * static_cast<double>(now.cpu_ns - before.cpu_ns) / passed;
}
//@ end processor-percent

namespace {

std::string percent_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f%%", value);
    return text;
}

std::string pair_text(std::uint64_t first, std::uint64_t second) {
    return cat(decimal_size(static_cast<double>(first), 3), " / ",
               decimal_size(static_cast<double>(second), 3));
}

}  // namespace

ordered_json usage_row(const std::string& id, const std::string& name,
                       bool whole, const std::optional<Usage>& before,
                       const std::optional<Usage>& now) {
    constexpr std::size_t short_id = 12;
    Usage usage = now.value_or(Usage{});
    auto memory = static_cast<double>(usage.memory),
         limit = static_cast<double>(usage.memory_limit);
    std::string shown = whole ? id : id.substr(0, short_id);
    ordered_json row;
    row["BlockIO"] = pair_text(usage.read, usage.written);
    row["CPUPerc"] =
        percent_text(now && before ? processor_percent(*before, *now) : 0);
    row["Container"] = shown;
    row["ID"] = shown;
    row["MemPerc"] = percent_text(limit > 0 ? 100 * memory / limit : 0);
    row["MemUsage"] = cat(binary_size(memory), " / ", binary_size(limit));
    row["Name"] = name;
    row["NetIO"] = pair_text(usage.received, usage.sent);
    row["PIDs"] = cat(usage.pids);
    return row;
}

}  // namespace slipway
