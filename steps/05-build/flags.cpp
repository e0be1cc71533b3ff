#include "05-build/flags.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace slipway {

namespace {

const FlagRule& rule_of(const InstructionText& text, const Flag& flag,
                        const std::vector<FlagRule>& rules) {
    for (const FlagRule& rule : rules)
        if (flag.name == rule.name) return rule;
    WordSpan name{flag.at.begin, flag.at.begin + 2 + flag.name.size()};
    std::vector<std::string> names;
    names.reserve(rules.size());
    for (const FlagRule& rule : rules) names.emplace_back(rule.name);
    Error error =
        text.error(name, cat("unknown flag --", flag.name, " for ", text.verb));
    if (names.empty()) error.set_advice(cat(text.verb, " has no flags"));
    throw with_suggestion(std::move(error), flag.name, names, "--");
}

// "--name=value" or "--name".
Flag read_flag(const InstructionText& text, WordSpan span) {
    Flag flag;
    flag.at = span;
    std::string_view word = text.text(span);
    std::size_t equals = std::min(word.find('='), word.size());
    flag.name = word.substr(2, equals - 2);
    flag.value_at = {std::min(span.begin + equals + 1, span.end), span.end};
    flag.value = text.text(flag.value_at);
    return flag;
}

void check_value(const InstructionText& text, const Flag& flag,
                 FlagRule::Kind kind) {
    bool has_value = text.text(flag.at).find('=') != std::string_view::npos;
    if (kind == FlagRule::Kind::Boolean) {
        std::string value = without_quotes(flag.value, text.escape);
        if (has_value && value != "true" && value != "false")
            throw text.error(flag.at,
                             cat("--", flag.name, " is either true or false"));
    } else if (flag.value.empty()) {
        Error error =
            text.error(flag.at, cat("--", flag.name, " has no value"));
        error.set_advice(cat("write --", flag.name, "=VALUE, without blanks"));
        throw error;
    }
}

}  // namespace

const Flag* Flags::find(std::string_view name) const {
    for (const Flag& flag : flags_)
        if (flag.name == name) return &flag;
    return nullptr;
}

std::string Flags::text(std::string_view name) const {
    const Flag* flag = find(name);
    return flag ? flag->value : "";
}

std::optional<bool> Flags::boolean(std::string_view name) const {
    const Flag* flag = find(name);
    if (!flag) return {};
    return flag->value.find("false") == std::string::npos;
}

std::vector<Flag> Flags::all(std::string_view name) const {
    std::vector<Flag> found;
    for (const Flag& flag : flags_)
        if (flag.name == name) found.push_back(flag);
    return found;
}

Flags take_flags(InstructionText& text, const std::vector<FlagRule>& rules) {
    std::vector<Flag> flags;
    for (WordSpan span : text.words()) {
        std::string_view word = text.text(span);
        if (!word.starts_with("--")) break;
        text.go_on(span.end);
        if (word == "--") break;
        Flag flag = read_flag(text, span);
        FlagRule::Kind kind = rule_of(text, flag, rules).kind;
        check_value(text, flag, kind);
        bool again = std::any_of(
            flags.begin(), flags.end(),
            [&](const Flag& other) { return other.name == flag.name; });
        if (again && kind != FlagRule::Kind::Repeated)
            throw text.error(span, cat("--", flag.name, " is given twice"));
        flags.push_back(std::move(flag));
    }
    return Flags(std::move(flags));
}

}  // namespace slipway
