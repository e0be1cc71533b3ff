#include "06-engine/cli/limit_options.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "03-cgroups/devices.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

std::optional<std::int64_t> parse_bytes_option(std::string_view option,
                                               std::string_view text) {
    auto bytes = with_context(
        option, [&] { return static_cast<std::int64_t>(parse_size(text)); });
    if (bytes == 0) return std::nullopt;
    return bytes;
}

std::optional<std::int64_t> parse_swap_option(std::string_view text) {
    if (text == "-1") return -1;
    return parse_bytes_option("--memory-swap", text);
}

std::int64_t parse_nano_cpus(std::string_view text) {
    constexpr double billion = 1e9;
    constexpr double most = 1e6;  // processors; far beyond any machine
    KeyValue parts = cut(text, '/');
    if (parts.key.starts_with('.')) parts.key.insert(0, "0");
    auto number = parse_decimal(parts.key);
    auto divisor = parts.has_value ? parse_decimal(parts.value) : 1.0;
    if (!number || !divisor || *divisor == 0 || *number / *divisor > most)
        refuse_option("--cpus", text, "it is no number of processors",
                      "write 1.5, or 0.5 for half of one");
    std::size_t decimals =
        parts.key.size() - std::min(parts.key.find('.') + 1, parts.key.size());
    constexpr std::size_t most_decimals = 9;
    if (parts.key.find('.') != parts.key.npos && decimals > most_decimals)
        refuse_option("--cpus", text, "more than nine digits behind the point");
    return std::llround(*number / *divisor * billion);
}

namespace {

constexpr std::array<std::string_view, 15> ulimits = {
    "core",    "cpu",      "data",   "fsize",      "locks",
    "memlock", "msgqueue", "nice",   "nofile",     "nproc",
    "rss",     "rtprio",   "rttime", "sigpending", "stack"};

void check_ulimit_name(std::string_view text, const std::string& name) {
    std::vector<std::string> names(ulimits.begin(), ulimits.end());
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    std::string guess = nearest(name, names);
    refuse_option("--ulimit", text, cat("unknown limit ", quote(name)),
                  guess.empty() ? cat("limits are ", join(names, ", "))
                                : cat("did you mean ", guess, "?"));
}

}  // namespace

UlimitRequest parse_ulimit(std::string_view text) {
    KeyValue pair = cut(text);
    if (!pair.has_value)
        refuse_option("--ulimit", text, "it is no NAME=SOFT[:HARD]",
                      "write nofile=1024:2048");
    check_ulimit_name(text, pair.key);
    KeyValue values = cut(pair.value, ':');
    auto number = [&](const std::string& value) {
        return parse_integer(cat("--ulimit ", pair.key), value, -1, INT64_MAX);
    };
    UlimitRequest limit{pair.key, number(values.key), 0};
    limit.hard = values.has_value ? number(values.value) : limit.soft;
    bool soft_is_more =
        limit.hard != -1 && (limit.soft == -1 || limit.soft > limit.hard);
    if (soft_is_more)
        refuse_option("--ulimit", text, "the soft limit is above the hard one");
    return limit;
}

namespace {

KeyValue split_device(std::string_view option, std::string_view text) {
    std::size_t colon = text.rfind(':');
    if (!text.starts_with("/dev/") || colon == text.npos)
        refuse_option(option, text, "it is no DEVICE:NUMBER",
                      "the device is a path below /dev: /dev/sda:1mb");
    return {std::string(text.substr(0, colon)),
            std::string(text.substr(colon + 1)), true};
}

}  // namespace

DeviceRate parse_rate_option(std::string_view option, std::string_view text,
                             bool bytes) {
    KeyValue parts = split_device(option, text);
    if (bytes)
        return {parts.key, with_context(cat(option, " ", quote(text)), [&] {
                    return parse_size(parts.value);
                })};
    auto number = parse_unsigned(parts.value, UINT64_MAX);
    if (!number) refuse_option(option, text, "operations are a whole number");
    return {parts.key, *number};
}

DeviceRate parse_weight_device(std::string_view text) {
    constexpr char option[] = "--blkio-weight-device";
    constexpr std::uint64_t least = 10, most = 1000;
    KeyValue parts = split_device(option, text);
    auto weight = parse_unsigned(parts.value, most);
    if (!weight || (*weight != 0 && *weight < least))
        refuse_option(option, text, "a weight is from 10 to 1000");
    return {parts.key, *weight};
}

namespace {

// r, w and m, each once at most.
bool is_permissions(std::string_view text) {
    return !text.empty() && text.size() <= 3 &&
           text.find_first_not_of("rwm") == text.npos &&
           std::count(text.begin(), text.end(), text[0]) == 1 &&
           (text.size() < 3 || text[1] != text[2]);
}

}  // namespace

DeviceRequest parse_device(std::string_view text) {
    constexpr char option[] = "--device";
    std::vector<std::string> parts = split(text, ':');
    DeviceRequest device{.host = parts[0], .container = parts[0]};
    if (parts.size() == 2 && is_permissions(parts[1])) {
        device.permissions = parts[1];
    } else if (parts.size() > 1) {
        device.container = parts[1];
        if (parts.size() == 3) device.permissions = parts[2];
    }
    if (!device.host.starts_with('/'))
        refuse_option(option, text, cat(quote(device.host), " is no path"),
                      "write /dev/NAME; devices of CDI are not supported");
    if (parts.size() > 3 || !device.container.starts_with('/'))
        refuse_option(option, text, "it is no HOST[:CONTAINER[:rwm]]");
    if (!is_permissions(device.permissions))
        refuse_option(option, text,
                      cat(quote(device.permissions), " is not of r, w and m"));
    return device;
}

std::string parse_device_cgroup_rule(std::string_view text) {
    with_context("--device-cgroup-rule", [&] { parse_device_rule(text); });
    return std::string(text);
}

}  // namespace slipway
