#include "03-cgroups/devices.hpp"

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
    throw Error(ErrorKind::InvalidArgument,
                cat("device rule ", quote(text), ": ", reason))
        .advise(
            "write TYPE MAJOR:MINOR ACCESS, as in \"c 1:3 rw\"; * is any "
            "number; \"a\" allows all; ls -l /dev shows the numbers");
}

std::optional<std::uint32_t> parse_number(std::string_view number,
                                          std::string_view whole) {
    if (number == "*") return std::nullopt;
    auto value = parse_unsigned(number, UINT32_MAX);
    if (!value) refuse(whole, cat(quote(number), " is no device number"));
    return static_cast<std::uint32_t>(*value);
}

std::string number_text(const std::optional<std::uint32_t>& number) {
    return number ? cat(*number) : "*";
}

DeviceRule allow(char type, std::uint32_t major,
                 std::optional<std::uint32_t> minor) {
    return {true, type, major, minor, "rwm"};
}

}  // namespace

std::string DeviceRule::text() const {
    return cat(std::string(1, type), " ", number_text(major), ":",
               number_text(minor), " ", access);
}

//@ begin parse-rule
DeviceRule parse_device_rule(std::string_view text) {
    if (text == "a") return {};
    std::vector<std::string> words = split(text, ' ');
    if (words.size() != 3) refuse(text, "it has not three words");
    if (words[0] != "a" && words[0] != "b" && words[0] != "c")
        refuse(text, "the type is c, b, or a for both");
    std::size_t colon = words[1].find(':');
    if (colon == std::string::npos) refuse(text, "MAJOR:MINOR is missing");
    DeviceRule rule;
    rule.type = words[0][0];
    rule.major = parse_number(words[1].substr(0, colon), text);
    rule.minor = parse_number(words[1].substr(colon + 1), text);
    rule.access = words[2];
    if (rule.access.empty() ||
        rule.access.find_first_not_of("rwm") != std::string::npos)
        refuse(text, "the access is made of r, w and m");
    return rule;
}
//@ end parse-rule

//@ begin default-rules
std::vector<DeviceRule> default_device_rules() {
    return {
        {true, 'c', {}, {}, "m"},  // a node that cannot be opened is a name
        {true, 'b', {}, {}, "m"}, allow('c', 1, 3),  // null
        allow('c', 1, 5),                            // zero
        allow('c', 1, 7),                            // full
        allow('c', 1, 8),                            // random
        allow('c', 1, 9),                            // urandom
        allow('c', 5, 0),                            // tty
        allow('c', 5, 1),                            // console
        allow('c', 5, 2),                            // ptmx
        allow('c', 136, {})                          // pts
    };
}
//@ end default-rules

}  // namespace slipway
