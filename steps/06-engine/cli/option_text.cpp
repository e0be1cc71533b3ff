#include "06-engine/cli/option_text.hpp"

#include <algorithm>
#include <charconv>

#include "05-build/duration.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

void refuse_option(std::string_view option, std::string_view text,
                   std::string_view why, std::string advice) {
    Error error(ErrorKind::InvalidArgument,
                cat(option, " ", quote(text), ": ", why));
    if (!advice.empty()) error.set_advice(std::move(advice));
    throw error;
}

namespace {

// From behind the opening quote to behind the closing one.
std::string take_quoted(std::string_view option, std::string_view text,
                        std::string_view& rest) {
    std::string field;
    while (true) {
        std::size_t end = rest.find('"');
        if (end == rest.npos)
            refuse_option(option, text, "a quote is not closed");
        field += rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (!rest.starts_with('"')) break;
        field += '"';
        rest.remove_prefix(1);
    }
    if (!rest.empty() && rest[0] != ',')
        refuse_option(option, text, "text follows behind a closing quote");
    return field;
}

std::string take_plain(std::string_view option, std::string_view text,
                       std::string_view& rest) {
    std::string field(rest.substr(0, rest.find(',')));
    if (field.find('"') != field.npos)
        refuse_option(option, text, "a quote inside a field",
                      "put the whole field in quotes: '\"key=a,b\"'");
    rest.remove_prefix(field.size());
    return field;
}

}  // namespace

std::vector<std::string> split_csv(std::string_view option,
                                   std::string_view text) {
    std::vector<std::string> fields;
    std::string_view rest = text;
    while (true) {
        bool quoted = rest.starts_with('"');
        if (quoted) rest.remove_prefix(1);
        fields.push_back(quoted ? take_quoted(option, text, rest)
                                : take_plain(option, text, rest));
        if (rest.empty()) return fields;
        rest.remove_prefix(1);  // the comma
    }
}

KeyValue cut(std::string_view text, char separator) {
    std::size_t at = text.find(separator);
    if (at == text.npos) return {std::string(text), "", false};
    return {std::string(text.substr(0, at)), std::string(text.substr(at + 1)),
            true};
}

bool parse_truth(std::string_view option, std::string_view text) {
    for (const char* word : {"1", "t", "T", "true", "TRUE", "True"})
        if (text == word) return true;
    for (const char* word : {"0", "f", "F", "false", "FALSE", "False"})
        if (text == word) return false;
    refuse_option(option, text, "it is neither true nor false");
}

std::int64_t parse_integer(std::string_view option, std::string_view text,
                           std::int64_t least, std::int64_t most) {
    std::string_view digits = text;
    if (digits.starts_with('+') && !digits.starts_with("+-"))
        digits.remove_prefix(1);
    std::int64_t value = 0;
    const char* end = digits.data() + digits.size();
    auto [stopped, error] = std::from_chars(digits.data(), end, value);
    if (digits.empty() || error != std::errc() || stopped != end ||
        value < least || value > most)
        refuse_option(option, text,
                      cat("it is no whole number from ", least, " to ", most));
    return value;
}

std::uint64_t parse_span(std::string_view option, std::string_view text) {
    auto span = parse_duration(text);
    if (!span)
        refuse_option(option, text, "it is no length of time",
                      "write 30s, 1m30s, 500ms");
    if (*span < 0) refuse_option(option, text, "it is below 0");
    return static_cast<std::uint64_t>(*span);
}

CommandLine::Text store(std::string& to) {
    return [&to](const std::string& value) { to = value; };
}

CommandLine::Text append(std::vector<std::string>& to) {
    return [&to](const std::string& value) { to.push_back(value); };
}

}  // namespace slipway
