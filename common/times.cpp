#include "common/times.hpp"

#include <time.h>

#include <algorithm>

#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// Seconds that are added for "Z", "+02:00", "-07:30". Empty: it is none.
std::optional<long> offset_of(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') ||
        text[3] != ':')
        return {};
    auto hours = parse_unsigned(text.substr(1, 2), 23);
    auto minutes = parse_unsigned(text.substr(4, 2), 59);
    if (!hours || !minutes) return {};
    long seconds = static_cast<long>(*hours * 3600 + *minutes * 60);
    return text[0] == '+' ? seconds : -seconds;
}

}  // namespace

std::optional<std::time_t> parse_time(std::string_view text) {
    std::tm parts{};
    std::string copy(text);
    const char* rest = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (!rest) return {};
    std::string_view tail(rest);
    if (tail.starts_with('.')) {
        std::size_t end = tail.find_first_not_of("0123456789", 1);
        if (end == 1) return {};
        tail.remove_prefix(std::min(end, tail.size()));
    }
    auto offset = offset_of(tail);
    if (!offset) return {};
    return ::timegm(&parts) - *offset;
}

std::string format_time(std::time_t time) {
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char text[64];
    std::size_t size =
        std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text, size};
}

std::string time_ago(std::time_t then, std::time_t now) {
    struct Unit {
        long seconds;
        long until;  ///< in this unit: beyond, the next one is used
        const char* one;
        const char* many;
    };
    // Docker's borders (go-units).
    constexpr Unit units[] = {
        {1, 60, "1 second", "seconds"},
        {60, 60, "About a minute", "minutes"},
        {3600, 48, "About an hour", "hours"},
        {24L * 3600, 14, "1 day", "days"},
        {7L * 24 * 3600, 8, "1 week", "weeks"},
        {30L * 24 * 3600, 24, "1 month", "months"},
    };
    long passed = std::max(0L, static_cast<long>(now - then));
    if (passed == 0) return "Less than a second ago";
    for (const Unit& unit : units) {
        long count = passed / unit.seconds;
        if (count >= unit.until) continue;
        if (count == 1) return cat(unit.one, " ago");
        return cat(count, " ", unit.many, " ago");
    }
    return cat(passed / (365L * 24 * 3600), " years ago");
}

}  // namespace slipway
