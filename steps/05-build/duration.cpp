#include "05-build/duration.hpp"

#include <limits>

#include "05-build/letters.hpp"

namespace slipway {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t nanoseconds;
};

// Longer names first where one begins like another.
constexpr Unit units[] = {{"ns", 1},
                          {"us", 1'000},
                          {"\u00b5s", 1'000},  // micro sign
                          {"\u03bcs", 1'000},  // Greek letter mu
                          {"ms", 1'000'000},
                          {"s", 1'000'000'000},
                          {"m", 60'000'000'000},
                          {"h", 3'600'000'000'000}};

constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();

std::string_view take_digits(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

const Unit* take_unit(std::string_view& text) {
    for (const Unit& unit : units)
        if (text.starts_with(unit.name)) {
            text.remove_prefix(unit.name.size());
            return &unit;
        }
    return nullptr;
}

// The digits as a number of units; nothing when it is too large.
std::optional<std::uint64_t> whole(std::string_view digits,
                                   std::uint64_t unit) {
    std::uint64_t value = 0;
    for (char c : digits) {
        auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (most / unit - digit) / 10) return {};
        value = value * 10 + digit;
    }
    return value * unit;
}

// Digits behind the point, rounded down to nanoseconds: from the last one on,
// so that rounding in between changes nothing.
std::uint64_t fraction(std::string_view digits, std::uint64_t unit) {
    std::uint64_t value = 0;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit)
        value = (static_cast<std::uint64_t>(*digit - '0') * unit + value) / 10;
    return value;
}

std::optional<std::uint64_t> take_part(std::string_view& text) {
    std::string_view digits = take_digits(text), decimals;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        decimals = take_digits(text);
    }
    if (digits.empty() && decimals.empty()) return {};
    const Unit* unit = take_unit(text);
    if (!unit) return {};
    auto value = whole(digits, unit->nanoseconds);
    if (!value) return {};
    std::uint64_t sum = *value + fraction(decimals, unit->nanoseconds);
    if (sum > most) return {};
    return sum;
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
    bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text == "0") return 0;
    if (text.empty()) return {};
    std::uint64_t sum = 0;
    while (!text.empty()) {
        auto part = take_part(text);
        if (!part || *part > most - sum) return {};
        sum += *part;
    }
    auto value = static_cast<std::int64_t>(sum);
    return negative ? -value : value;
}

}  // namespace slipway
