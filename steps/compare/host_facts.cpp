#include "compare/host_facts.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"
#include "common/times.hpp"
#include "common/unique_fd.hpp"

namespace slipway::compare {
namespace {

constexpr std::size_t most_of_proc = 4 << 20;

// The words of the first line that begins with `name`.
std::vector<std::string> words_of(const std::string& path,
                                  std::string_view name) {
    for (const std::string& line : split(read_file(path, most_of_proc), '\n'))
        if (line.starts_with(name)) {
            std::vector<std::string> words;
            std::string spaced = line.substr(name.size());
            for (char& c : spaced)
                if (c == '\t') c = ' ';
            for (const std::string& word : split(spaced, ' '))
                if (!word.empty()) words.push_back(word);
            return words;
        }
    return {};
}

void each_address(const std::function<bool(const ifaddrs&)>& use) {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return;
    std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> list(first,
                                                            ::freeifaddrs);
    for (const ifaddrs* one = first; one; one = one->ifa_next)
        if (one->ifa_addr && (one->ifa_flags & IFF_LOOPBACK) == 0 &&
            (one->ifa_flags & IFF_UP) != 0 && use(*one))
            return;
}

}  // namespace

HostLink host_link() {
    HostLink found;
    each_address([&](const ifaddrs& one) {
        if (one.ifa_addr->sa_family != AF_PACKET) return false;
        auto* link = reinterpret_cast<const sockaddr_ll*>(one.ifa_addr);
        constexpr std::string_view digits = "0123456789abcdef";
        for (int i = 0; i < 6; ++i) {
            if (i > 0) found.mac += ':';
            found.mac += digits[link->sll_addr[i] >> 4];
            found.mac += digits[link->sll_addr[i] & 15];
        }
        found.name = one.ifa_name;
        return true;
    });
    return found;
}

std::string host_address() {
    std::string found;
    each_address([&](const ifaddrs& one) {
        if (one.ifa_addr->sa_family != AF_INET) return false;
        std::array<char, INET_ADDRSTRLEN> text{};
        ::inet_ntop(
            AF_INET,
            &reinterpret_cast<const sockaddr_in*>(one.ifa_addr)->sin_addr,
            text.data(), text.size());
        found = text.data();
        return true;
    });
    return found;
}

long memory_total() {
    auto words = words_of("/proc/meminfo", "MemTotal:");
    constexpr std::uint64_t most = 1UL << 40;
    return words.empty()
               ? 0
               : static_cast<long>(parse_unsigned(words[0], most).value_or(0));
}

long boot_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

int capability_count() {
    auto words = words_of("/proc/self/status", "CapEff:");
    std::uint64_t set = 0;
    if (!words.empty())
        std::from_chars(words[0].data(), words[0].data() + words[0].size(), set,
                        16);
    return std::popcount(set);
}

unsigned long namespace_number(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

std::vector<std::string> mounts_of(const std::string& source) {
    std::vector<std::string> places;
    for (const std::string& line :
         split(read_file("/proc/self/mountinfo", most_of_proc), '\n')) {
        std::vector<std::string> words = split(line, ' ');
        constexpr std::size_t target = 4;
        if (words.size() < target + 4) continue;
        if (words[words.size() - 2] == source)
            places.push_back(unescape_octal(words[target]));
    }
    return places;
}

std::vector<std::string> mounts_below(const std::string& folder) {
    std::vector<std::string> places;
    for (const std::string& line :
         split(read_file("/proc/self/mountinfo", most_of_proc), '\n')) {
        std::vector<std::string> words = split(line, ' ');
        constexpr std::size_t target = 4;
        if (words.size() <= target) continue;
        std::string place = unescape_octal(words[target]);
        if (place.starts_with(folder + "/"))
            places.insert(places.begin(), place);
    }
    return places;
}

dev_t readable_disk(const std::string& file) {
    struct stat info {};
    check(::stat(file.c_str(), &info), "stat ", file);
    dev_t wanted = info.st_dev, other = 0;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator("/dev", none)) {
        if (!entry.is_block_file(none) ||
            ::stat(entry.path().c_str(), &info) != 0)
            continue;
        UniqueFd disk(
            ::open(entry.path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        if (!disk) continue;
        if (info.st_rdev == wanted) return wanted;
        if (other == 0 || info.st_rdev < other) other = info.st_rdev;
    }
    return other;
}

std::string cgroup_version() {
    bool v2 = false, v1 = false;
    for (const std::string& line :
         split(read_file("/proc/self/mountinfo", most_of_proc), '\n')) {
        v2 = v2 || line.find(" - cgroup2 ") != std::string::npos;
        v1 = v1 || line.find(" - cgroup ") != std::string::npos;
    }
    return v1 ? "v1" : v2 ? "v2" : "none";
}

bool has_user_namespaces() {
    return namespace_number("/proc/self/ns/user") != 0;
}

std::map<std::string, std::string> describe_host() {
    utsname name{};
    ::uname(&name);
    return {{"kernel", cat("Linux ", name.release)},
            {"architecture", name.machine},
            {"cgroup", cgroup_version()},
            {"userns", has_user_namespaces() ? "yes" : "no"},
            {"processors", cat(::sysconf(_SC_NPROCESSORS_ONLN))},
            {"memory", cat(memory_total() / 1024, " MiB")},
            {"date", format_time(std::time(nullptr))}};
}

}  // namespace slipway::compare
