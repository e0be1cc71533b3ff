#include "06-engine/cli/moment.hpp"

#include <time.h>

#include <optional>
#include <string>

#include "05-build/duration.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/numbers.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

// ".5" behind the seconds, in nanoseconds; takes it off.
std::optional<std::int64_t> take_fraction(std::string& text) {
    std::size_t point = text.find('.');
    if (point == std::string::npos) return 0;
    std::size_t end = text.find_first_not_of("0123456789", point + 1);
    if (end == std::string::npos) end = text.size();
    std::string digits = text.substr(point + 1, end - point - 1);
    constexpr std::size_t most = 9;
    if (digits.empty() || digits.size() > most) return {};
    digits.append(most - digits.size(), '0');
    text.erase(point, end - point);
    auto value = parse_unsigned(digits, ns_per_s);
    return value ? std::optional(static_cast<std::int64_t>(*value))
                 : std::nullopt;
}

// "2024-05-01T12:34" gets what is missing of "T00:00:00"; empty for a clock
// that ends elsewhere.
std::string with_whole_clock(const std::string& date_and_clock) {
    constexpr std::string_view rest = "T00:00:00";
    constexpr std::size_t date = 10, part = 3;
    std::size_t clock = date_and_clock.size() - date;
    if (clock > rest.size() || clock % part != 0) return "";
    return date_and_clock + std::string(rest.substr(clock));
}

// No zone: this machine's, with its summer time of that day.
std::optional<std::time_t> parse_local(const std::string& text) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (!rest || *rest != '\0') return {};
    parts.tm_isdst = -1;
    return ::mktime(&parts);
}

std::optional<std::int64_t> parse_date(std::string text) {
    constexpr std::size_t date = 10;
    auto fraction = take_fraction(text);
    if (!fraction || text.size() < date) return {};
    std::size_t zone = text.find_first_of("zZ+-", date);
    std::string local = with_whole_clock(text.substr(0, zone));
    std::optional<std::time_t> seconds =
        zone == std::string::npos ? parse_local(local)
                                  : parse_time(local + text.substr(zone));
    if (!seconds) return {};
    return *seconds * ns_per_s + *fraction;
}

std::optional<std::int64_t> parse_seconds(std::string text) {
    constexpr std::uint64_t most = INT64_MAX / ns_per_s - 1;
    auto fraction = take_fraction(text);
    auto seconds = parse_unsigned(text, most);
    if (!fraction || !seconds) return {};
    return static_cast<std::int64_t>(*seconds) * ns_per_s + *fraction;
}

}  // namespace

std::int64_t parse_moment(std::string_view option, std::string_view text,
                          std::int64_t now) {
    if (auto ago = parse_duration(text); ago && text != "0") return now - *ago;
    auto moment = parse_date(std::string(text));
    if (!moment) moment = parse_seconds(std::string(text));
    if (!moment)
        refuse_option(option, text, "it is neither a time nor so long ago",
                      "write 2024-05-01T12:34:56, 10m or 1h30m");
    return *moment;
}

std::int64_t moment_now() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * ns_per_s + now.tv_nsec;
}

}  // namespace slipway
