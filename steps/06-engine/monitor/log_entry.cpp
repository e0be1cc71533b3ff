#include "06-engine/monitor/log_entry.hpp"

#include <chrono>

#include "common/numbers.hpp"

namespace slipway {

namespace {

// Takes `expected` off the beginning of `rest`.
bool take(std::string_view& rest, std::string_view expected) {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(expected.size());
    return true;
}

bool is_escaped(std::string_view text, std::size_t quote) {
    std::size_t backslashes = 0;
    while (backslashes < quote && text[quote - backslashes - 1] == '\\')
        ++backslashes;
    return backslashes % 2 == 1;
}

// A string's text, behind its first quote, and takes it off with the last one.
std::optional<std::string_view> take_text(std::string_view& rest) {
    std::size_t end = rest.find('"');
    while (end != std::string_view::npos && is_escaped(rest, end))
        end = rest.find('"', end + 1);
    if (end == std::string_view::npos) return {};
    std::string_view text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return text;
}

std::optional<LogStream> take_stream(std::string_view& rest) {
    if (take(rest, R"(,"stream":"stdout")")) return LogStream::Out;
    if (take(rest, R"(,"stream":"stderr")")) return LogStream::Err;
    return {};
}

// Objects of texts alone: the first brace outside of a text is its end.
std::string_view take_object(std::string_view& rest) {
    std::string_view whole = rest;
    while (!rest.empty() && rest[0] != '}') {
        bool is_text = rest[0] == '"';
        rest.remove_prefix(1);
        if (is_text && !take_text(rest)) return {};
    }
    take(rest, "}");
    return whole.substr(0, whole.size() - rest.size());
}

void append_utf8(std::string& out, unsigned code) {
    auto byte = [&](unsigned bits) { out += static_cast<char>(bits); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) {
        byte(0xC0U | code >> 6U);
    } else {
        byte(0xE0U | code >> 12U);
        byte(0x80U | (code >> 6U & 0x3FU));
    }
    byte(0x80U | (code & 0x3FU));
}

std::optional<unsigned> hex_value(std::string_view digits) {
    unsigned value = 0;
    for (char digit : digits) {
        constexpr std::string_view known = "0123456789abcdef";
        std::size_t at = known.find(digit);
        if (at == std::string_view::npos) return {};
        value = value << 4U | static_cast<unsigned>(at);
    }
    return digits.size() == 4 ? std::optional(value) : std::nullopt;
}

// What stands behind a backslash; returns how much of it was taken.
std::size_t append_escape(std::string& out, std::string_view rest) {
    char kind = rest.empty() ? '\0' : rest[0];
    if (kind == 'u') {
        auto code = hex_value(rest.substr(1, 4));
        if (!code) return 0;
        append_utf8(out, *code);
        return 5;
    }
    constexpr std::string_view kinds = "nrt\"\\/bf", meant = "\n\r\t\"\\/\b\f";
    std::size_t at = kinds.find(kind);
    if (at == std::string_view::npos) return 0;
    out += meant[at];
    return 1;
}

}  // namespace

std::optional<LogEntry> parse_log_entry(std::string_view line) {
    LogEntry entry;
    if (!take(line, R"({"log":")")) return {};
    auto text = take_text(line);
    if (!text) return {};
    auto stream = take_stream(line);
    if (!stream) return {};
    if (take(line, R"(,"attrs":)")) entry.attributes = take_object(line);
    if (!take(line, R"(,"time":")")) return {};
    auto time = take_text(line);
    if (!time || line != "}") return {};
    entry.text = *text;
    entry.stream = *stream;
    entry.time = *time;
    return entry;
}

void append_unescaped(std::string& out, std::string_view text) {
    while (true) {
        std::size_t plain = text.find('\\');
        out += text.substr(0, plain);
        if (plain == std::string_view::npos) return;
        text.remove_prefix(plain + 1);
        std::size_t taken = append_escape(out, text);
        if (taken == 0) out += '\\';
        text.remove_prefix(taken);
    }
}

std::optional<std::int64_t> log_time_ns(std::string_view time) {
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (time.size() <= form.size() || time.back() != 'Z') return {};
    auto number = [&](std::size_t at, std::size_t length) {
        return static_cast<unsigned>(
            parse_unsigned(time.substr(at, length), 9999).value_or(0));
    };
    namespace c = std::chrono;
    c::year_month_day date{c::year(static_cast<int>(number(0, 4))),
                           c::month(number(5, 2)), c::day(number(8, 2))};
    if (!date.ok()) return {};
    c::nanoseconds since = c::sys_days(date).time_since_epoch();
    since += c::hours(number(11, 2)) + c::minutes(number(14, 2)) +
             c::seconds(number(17, 2));
    std::string_view fraction = time.substr(form.size());
    fraction.remove_suffix(1);
    std::int64_t unit = 100'000'000;
    for (std::size_t i = 1; i < fraction.size() && unit > 0; ++i, unit /= 10)
        since += c::nanoseconds(unit * (fraction[i] - '0'));
    return since.count();
}

}  // namespace slipway
