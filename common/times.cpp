#include "common/times.hpp"

#include <time.h>

#include <algorithm>
#include <chrono>

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

// Not gmtime(3): that reads /etc/localtime, though UTC needs no zone.
std::string format_time(std::time_t time) {
    using namespace std::chrono;
    sys_seconds moment{seconds(time)};
    auto midnight = floor<days>(moment);
    year_month_day date{midnight};
    hh_mm_ss clock{moment - midnight};
    auto two = [](auto number) { return cat(100 + number).substr(1); };
    return cat(int{date.year()}, "-", two(unsigned{date.month()}), "-",
               two(unsigned{date.day()}), "T", two(clock.hours().count()), ":",
               two(clock.minutes().count()), ":", two(clock.seconds().count()),
               "Z");
}

std::string now_text() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    std::string seconds = format_time(now.tv_sec);
    std::string fraction = cat(1'000'000'000 + now.tv_nsec).substr(1);
    return cat(seconds.substr(0, seconds.size() - 1), ".", fraction, "Z");
}

std::string duration_text(std::int64_t seconds) {
    constexpr std::int64_t minute = 60, hour = 3600, day = 24 * hour;
    if (seconds < 1) return "Less than a second";
    if (seconds == 1) return "1 second";
    if (seconds < minute) return cat(seconds, " seconds");
    if (seconds < 2 * minute) return "About a minute";
    if (seconds < hour) return cat(seconds / minute, " minutes");
    std::int64_t hours = (seconds + hour / 2) / hour;
    if (hours == 1) return "About an hour";
    if (hours < 48) return cat(hours, " hours");
    std::int64_t days = hours / 24;
    if (days < 14) return cat(days, " days");
    if (days < 60) return cat(days / 7, " weeks");
    if (days < 730) return cat(days / 30, " months");
    return cat(seconds / (365 * day), " years");
}

std::string time_ago(std::time_t then, std::time_t now) {
    return duration_text(now - then) + " ago";
}

std::string local_time_text(std::time_t time) {
    std::tm parts{};
    ::localtime_r(&time, &parts);
    char text[64];
    std::size_t size =
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z %Z", &parts);
    return {text, size};
}

}  // namespace slipway
