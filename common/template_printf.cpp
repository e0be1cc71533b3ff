#include <cstdio>

#include "common/error.hpp"
#include "common/template_functions.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

/// "%-8.3f", read.
struct Verb {
    bool left = false, zero = false, plus = false, space = false, sharp = false;
    std::size_t width = 0;
    int precision = -1;
    char letter = '\0';
};

[[noreturn]] void fail(std::string_view why) {
    throw Error(ErrorKind::InvalidArgument, why);
}

std::size_t digits(std::string_view& rest) {
    constexpr std::size_t widest = 10000;
    std::size_t number = 0;
    while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
        number = number * 10 + static_cast<std::size_t>(rest[0] - '0');
        if (number > widest) fail("a width beyond 10000");
        rest.remove_prefix(1);
    }
    return number;
}

// `rest` begins behind the %.
Verb read_verb(std::string_view& rest) {
    Verb verb;
    for (bool flag = true; flag && !rest.empty();) {
        switch (rest[0]) {
            case '-':
                verb.left = true;
                break;
            case '0':
                verb.zero = true;
                break;
            case '+':
                verb.plus = true;
                break;
            case ' ':
                verb.space = true;
                break;
            case '#':
                verb.sharp = true;
                break;
            default:
                flag = false;
        }
        if (flag) rest.remove_prefix(1);
    }
    verb.width = digits(rest);
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        verb.precision = static_cast<int>(digits(rest));
    }
    if (rest.empty()) fail("a % with nothing behind it");
    verb.letter = rest[0];
    rest.remove_prefix(1);
    return verb;
}

std::string hexadecimal(const TemplateValue& value, char letter) {
    const char* form = letter == 'x' ? "%02x" : "%02X";
    char digits[24];
    std::string text;
    if (value.is_text()) {
        for (char c : value.text()) {
            std::snprintf(digits, sizeof digits, form,
                          static_cast<unsigned char>(c));
            text += digits;
        }
        return text;
    }
    auto number = value.json().get<std::int64_t>();
    std::uint64_t size = number < 0 ? 0 - static_cast<std::uint64_t>(number)
                                    : static_cast<std::uint64_t>(number);
    std::snprintf(digits, sizeof digits, letter == 'x' ? "%lx" : "%lX", size);
    return (number < 0 ? "-" : "") + std::string(digits);
}

std::string decimal(const TemplateValue& value, const Verb& verb) {
    constexpr int most_digits = 60;
    char form[] = {'%', '.', '*', verb.letter, '\0'};
    int precision = verb.precision >= 0  ? std::min(verb.precision, most_digits)
                    : verb.letter == 'g' ? 17
                                         : 6;
    char text[512];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    std::snprintf(text, sizeof text, form, precision,
                  value.json().get<double>());
#pragma GCC diagnostic pop
    if (verb.letter == 'g' && verb.precision < 0)
        return printed(ordered_json(value.json().get<double>()));
    return text;
}

std::string cut(std::string text, const Verb& verb) {
    if (verb.precision >= 0 &&
        static_cast<std::size_t>(verb.precision) < text.size())
        text.resize(static_cast<std::size_t>(verb.precision));
    return text;
}

std::string converted(const Verb& verb, const TemplateValue& value) {
    auto wants = [&](bool fits, std::string_view what) {
        if (!fits)
            fail(cat("%", std::string_view(&verb.letter, 1), " wants ", what,
                     ", not ", kind_of(value)));
    };
    const ordered_json& json = value.json();
    bool whole = json.is_number_integer();
    switch (verb.letter) {
        case 'v':
            return printed(json);
        case 's':
            return cut(printed(json), verb);
        case 'q':
            wants(value.is_text(), "a text");
            return quote(cut(value.text(), verb));
        case 'd':
            wants(whole, "a whole number");
            return json.dump();
        case 't':
            wants(json.is_boolean(), "a truth value");
            return json.dump();
        case 'c':
            wants(whole, "a whole number");
            return {static_cast<char>(json.get<std::int64_t>())};
        case 'x':
        case 'X':
            wants(whole || value.is_text(), "a whole number or a text");
            return hexadecimal(value, verb.letter);
        case 'f':
        case 'e':
        case 'g':
            wants(json.is_number(), "a number");
            return decimal(value, verb);
        default:
            break;
    }
    fail(cat("%", std::string_view(&verb.letter, 1), " is not known"));
}

// Go counts letters, not bytes.
std::size_t letters_of(std::string_view text) {
    std::size_t count = 0;
    for (char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
}

std::string filled(std::string text, const Verb& verb, bool is_number) {
    if (is_number && !text.starts_with('-') && (verb.plus || verb.space))
        text.insert(0, 1, verb.plus ? '+' : ' ');
    std::size_t letters = letters_of(text);
    if (letters >= verb.width) return text;
    std::size_t missing = verb.width - letters;
    if (verb.left) return text.append(missing, ' ');
    bool signs = verb.zero && !text.empty() && is_number &&
                 (text[0] == '-' || text[0] == '+');
    return text.insert(signs ? 1 : 0, missing, verb.zero ? '0' : ' ');
}

}  // namespace

std::string template_printf(const TemplateArguments& arguments) {
    if (!arguments[0].is_text()) fail("the first argument is the form, a text");
    std::string_view rest = arguments[0].text();
    std::size_t next = 1;
    std::string result;
    while (!rest.empty()) {
        std::size_t percent = std::min(rest.find('%'), rest.size());
        result += rest.substr(0, percent);
        rest.remove_prefix(percent);
        if (rest.empty()) break;
        rest.remove_prefix(1);
        Verb verb = read_verb(rest);
        if (verb.letter == '%') {
            result += '%';
            continue;
        }
        if (next == arguments.size()) fail("fewer values than % signs");
        const TemplateValue& value = arguments[next++];
        result += filled(converted(verb, value), verb,
                         value.json().is_number() && verb.letter != 'c');
        if (result.size() > longest_template_text)
            fail("the text becomes too long");
    }
    if (next < arguments.size()) fail("more values than % signs");
    return result;
}

}  // namespace slipway
