#include "common/numbers.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <string>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
    throw Error(ErrorKind::InvalidArgument,
                cat("size ", quote(text), ": ", reason))
        .advise("write a number with an optional unit: 512m, 1.5g, 1073741824");
}

std::size_t count_digits(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9')
        ++count;
    return count;
}

// The power of two that a unit stands for, or empty: "m", "mb", "mib", "b", "".
std::optional<unsigned> unit_shift(std::string unit) {
    for (char& c : unit)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (unit.empty() || unit == "b") return 0;
    constexpr std::string_view letters = "kmgtp";
    std::size_t place = letters.find(unit[0]);
    std::string_view rest = std::string_view(unit).substr(1);
    if (place == std::string_view::npos ||
        !(rest.empty() || rest == "b" || rest == "ib"))
        return std::nullopt;
    return static_cast<unsigned>(10 * (place + 1));
}

}  // namespace

std::optional<std::uint64_t> parse_unsigned(std::string_view text,
                                            std::uint64_t largest) {
    // from_chars reads no sign and no blanks into an unsigned; it must also
    // have stopped at the end.
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc() || stopped != end ||
        value > largest)
        return std::nullopt;
    return value;
}

std::uint64_t parse_size(std::string_view text) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    std::string_view rest = text;
    std::string_view whole = rest.substr(0, count_digits(rest));
    rest.remove_prefix(whole.size());
    if (whole.empty()) refuse(text, "it does not begin with a digit");
    std::string_view fraction;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        fraction = rest.substr(0, count_digits(rest));
        rest.remove_prefix(fraction.size());
        if (fraction.empty()) refuse(text, "no digit follows the point");
    }
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    std::optional<unsigned> shift = unit_shift(std::string(rest));
    if (!shift) refuse(text, cat("unknown unit ", quote(rest)));

    std::optional<std::uint64_t> value = parse_unsigned(whole, most >> *shift);
    if (!value) refuse(text, "it is too large");
    // A fraction below one has no more than 2^50 (1p) steps: exact in a double.
    std::string decimal = cat("0.", fraction);
    double part = 0;
    std::from_chars(decimal.data(), decimal.data() + decimal.size(), part);
    std::uint64_t bytes =
        (*value << *shift) +
        static_cast<std::uint64_t>(std::ldexp(part, static_cast<int>(*shift)));
    if (bytes > most) refuse(text, "it is too large");
    return bytes;
}

std::string format_size(std::uint64_t bytes) {
    constexpr const char* units[] = {"B",   "KiB", "MiB", "GiB",
                                     "TiB", "PiB", "EiB"};
    std::size_t unit = 0;
    auto value = static_cast<double>(bytes);
    constexpr double step = 1024;
    // 1023.95 would be shown as "1024.0".
    for (; value >= step - 0.05 && unit + 1 < std::size(units); ++unit)
        value /= step;
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    std::string number = text;
    if (number.ends_with(".0")) number.resize(number.size() - 2);
    return cat(number, " ", units[unit]);
}

namespace {

std::string scaled(double value, double step, const char* const (&units)[7],
                   int digits) {
    std::size_t unit = 0;
    for (; value >= step && unit + 1 < std::size(units); ++unit) value /= step;
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    return cat(text, units[unit]);
}

}  // namespace

std::string decimal_size(double bytes, int digits) {
    return scaled(bytes, 1000, {"B", "kB", "MB", "GB", "TB", "PB", "EB"},
                  digits);
}

std::string binary_size(double bytes) {
    return scaled(bytes, 1024, {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"},
                  4);
}

std::optional<double> parse_decimal(std::string_view text) {
    std::size_t whole = count_digits(text);
    std::string_view rest = text.substr(whole);
    bool point = rest.starts_with('.') && rest.size() > 1 &&
                 count_digits(rest.substr(1)) == rest.size() - 1;
    if (whole == 0 || (!rest.empty() && !point)) return std::nullopt;
    double value = 0;
    auto [stopped, error] =
        std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    return value;
}

}  // namespace slipway
