#include "04-images/platform.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <map>

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct Machine {
    std::string architecture, variant;
};

/// Words of uname, Debian and Go for the same thing.
const std::map<std::string, Machine, std::less<>>& other_names() {
    static const std::map<std::string, Machine, std::less<>> names = {
        {"x86_64", {"amd64", ""}},
        {"x86-64", {"amd64", ""}},
        {"i386", {"386", ""}},
        {"i486", {"386", ""}},
        {"i586", {"386", ""}},
        {"i686", {"386", ""}},
        {"aarch64", {"arm64", ""}},
        {"armhf", {"arm", "v7"}},
        {"armel", {"arm", "v6"}},
        {"armv5tel", {"arm", "v5"}},
        {"armv5tejl", {"arm", "v5"}},
        {"armv6l", {"arm", "v6"}},
        {"armv7l", {"arm", "v7"}},
        {"armv8l", {"arm", "v8"}},
        {"loongarch64", {"loong64", ""}},
    };
    return names;
}

const std::vector<std::string>& known_architectures() {
    static const std::vector<std::string> known = {
        "386",      "amd64",   "arm",     "arm64", "loong64",
        "mips64le", "ppc64le", "riscv64", "s390x"};
    return known;
}

constexpr std::string_view known_systems[] = {"linux",   "windows", "darwin",
                                              "freebsd", "openbsd", "netbsd",
                                              "solaris", "android"};

bool is_system(std::string_view word) {
    return std::find(std::begin(known_systems), std::end(known_systems),
                     word) != std::end(known_systems);
}

bool is_architecture(const std::string& word) {
    const auto& known = known_architectures();
    return other_names().contains(word) ||
           std::find(known.begin(), known.end(), word) != known.end();
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

/// One spelling for what is the same: arm64/v8 is arm64, arm is arm/v7.
Platform plain(Platform platform) {
    platform.os = lower(platform.os);
    platform.architecture = lower(platform.architecture);
    platform.variant = lower(platform.variant);
    auto other = other_names().find(platform.architecture);
    if (other != other_names().end()) {
        platform.architecture = other->second.architecture;
        if (!other->second.variant.empty())
            platform.variant = other->second.variant;
    }
    std::string& variant = platform.variant;
    if (parse_unsigned(variant, 99)) variant = cat("v", variant);
    if (platform.architecture == "amd64" && variant == "v1") variant = "";
    if (platform.architecture == "arm64" && variant == "v8") variant = "";
    if (platform.architecture == "arm" && variant.empty()) variant = "v7";
    return platform;
}

/// A variant "v9.2" is {9, 2}, no variant is `otherwise`.
struct Version {
    std::uint64_t major, minor;
};

std::optional<Version> version_of(std::string_view variant,
                                  std::uint64_t otherwise) {
    if (variant.empty()) return Version{otherwise, 0};
    if (!variant.starts_with('v')) return std::nullopt;
    std::size_t point = variant.find('.');
    auto major = parse_unsigned(variant.substr(1, point - 1), 9);
    auto minor = point == std::string_view::npos
                     ? std::optional<std::uint64_t>(0)
                     : parse_unsigned(variant.substr(point + 1), 9);
    if (!major || !minor) return std::nullopt;
    return Version{*major, *minor};
}

std::string variant_text(const Version& version) {
    if (version.minor == 0) return cat("v", version.major);
    return cat("v", version.major, ".", version.minor);
}

using Machines = std::vector<Machine>;

void add_arm(Machines& machines, std::uint64_t from) {
    for (std::uint64_t major = from; major >= 5; --major)
        machines.push_back({"arm", cat("v", major)});
}

// v9.0 left the line at v8.5, so v9.x runs what is made for v8.(x+5).
void add_arm64(Machines& machines, Version version) {
    if (version.major == 9) {
        for (std::uint64_t minor = version.minor + 1; minor-- > 0;)
            machines.push_back({"arm64", variant_text({9, minor})});
        version = {8, version.minor + 5};
    }
    for (std::uint64_t minor = version.minor + 1; minor-- > 0;)
        machines.push_back(
            {"arm64", minor == 0 ? "" : variant_text({8, minor})});
    add_arm(machines, 8);
}

/// What a machine runs, the best first. `wanted` is in its plain spelling.
Machines runnable(const Platform& wanted) {
    Machines machines;
    const std::string& kind = wanted.architecture;
    auto version = version_of(wanted.variant, kind == "arm64" ? 8 : 1);
    if (kind == "amd64" && version) {
        for (std::uint64_t major = version->major; major > 1; --major)
            machines.push_back({kind, cat("v", major)});
        machines.push_back({kind, ""});
        machines.push_back({"386", ""});
    } else if (kind == "arm" && version) {
        add_arm(machines, version->major);
    } else if (kind == "arm64" && version && version->major >= 8) {
        add_arm64(machines, *version);
    }
    if (machines.empty()) machines.push_back({kind, wanted.variant});
    return machines;
}

void check_word(std::string_view whole, std::string_view word) {
    constexpr std::size_t longest = 32;
    auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '.' || c == '-';
    };
    if (!word.empty() && word.size() <= longest &&
        std::all_of(word.begin(), word.end(), allowed))
        return;
    throw Error(ErrorKind::InvalidArgument,
                cat("platform ", quote(whole.substr(0, 100))))
        .advise(
            "write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, as in "
            "linux/amd64 or linux/arm/v7");
}

Platform parse_one_word(const std::string& word) {
    if (is_system(word)) {
        Platform platform = host_platform();
        platform.os = word;
        return platform;
    }
    if (is_architecture(word)) return platform_of_machine(word);
    std::string meant = nearest(word, known_architectures());
    throw Error(ErrorKind::InvalidArgument, cat("platform ", quote(word),
                                                " is neither a system nor an "
                                                "architecture"))
        .advise(meant.empty() ? "write OS/ARCHITECTURE, as in linux/amd64"
                              : cat("did you mean ", meant, "?"));
}

}  // namespace

std::string Platform::text() const {
    std::string text = cat(os, "/", architecture);
    return variant.empty() ? text : cat(text, "/", variant);
}

Platform platform_of_machine(std::string_view machine) {
    auto other = other_names().find(machine);
    if (other == other_names().end()) return {"linux", std::string(machine)};
    return {"linux", other->second.architecture, other->second.variant};
}

Platform host_platform() {
    struct utsname name {};
    check(::uname(&name), "uname");
    return platform_of_machine(name.machine);
}

Platform parse_platform(std::string_view text) {
    std::vector<std::string> words = split(lower(text.substr(0, 200)), '/');
    for (const std::string& word : words) check_word(text, word);
    if (words.size() > 3) check_word(text, "");
    if (words.size() == 1) return parse_one_word(words[0]);
    Platform platform = platform_of_machine(words[1]);
    platform.os = words[0];
    if (words.size() == 3) platform.variant = words[2];
    return platform;
}

std::optional<std::size_t> platform_rank(const Platform& wanted,
                                         const Platform& offered) {
    Platform have = plain(offered);
    Platform want = plain(wanted);
    if (have.os != want.os) return std::nullopt;
    Machines machines = runnable(want);
    auto found = std::find_if(
        machines.begin(), machines.end(), [&](const Machine& machine) {
            return machine.architecture == have.architecture &&
                   machine.variant == have.variant;
        });
    if (found == machines.end()) return std::nullopt;
    return static_cast<std::size_t>(found - machines.begin());
}

}  // namespace slipway
