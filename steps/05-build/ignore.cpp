#include "05-build/ignore.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view blanks = " \t\r\v\f";

std::string_view trimmed(std::string_view text) {
    std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// "." and "/" are the whole context, which nobody can mean: as in Docker, they
// say nothing.
void add_rule(IgnoreRules& rules, std::string_view text) {
    std::string_view pattern = trimmed(text);
    if (pattern.empty()) return;
    bool includes = pattern[0] == '!';
    if (includes) pattern = trimmed(pattern.substr(1));
    if (pattern.empty())
        throw Error(ErrorKind::InvalidArgument, "\"!\" without a pattern")
            .advise("name behind it what is to be seen all the same");
    std::string clean = clean_path(pattern);
    if (clean.starts_with('/')) clean.erase(0, 1);
    if (clean.empty() || clean == ".") return;
    rules.rules.push_back(
        {PathPattern(clean), includes, cat(includes ? "!" : "", clean)});
}

}  // namespace

IgnoreRules parse_ignore(std::string_view text) {
    IgnoreRules rules;
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    std::size_t number = 0;
    for (const std::string& line : split(text, '\n')) {
        ++number;
        // Before anything is trimmed: "  # x" is a pattern.
        if (line.starts_with('#')) continue;
        with_context(cat("line ", number), [&] { add_rule(rules, line); });
    }
    return rules;
}

IgnoreRules ignore_rules(const std::vector<std::string>& patterns) {
    IgnoreRules rules;
    for (const std::string& pattern : patterns) add_rule(rules, pattern);
    return rules;
}

const IgnoreRule* IgnoreRules::rule_for(std::string_view path) const {
    auto found = std::find_if(
        rules.rbegin(), rules.rend(),
        [&](const IgnoreRule& rule) { return rule.pattern.matches(path); });
    return found == rules.rend() ? nullptr : &*found;
}

bool IgnoreRules::ignores(std::string_view path) const {
    const IgnoreRule* rule = rule_for(path);
    return rule && !rule->includes;
}

IgnoreWalk::IgnoreWalk(const IgnoreRules& rules) : rules_(rules) {
    for (const IgnoreRule& rule : rules.rules) {
        words_ += rule.pattern.words();
        can_include_ = can_include_ || rule.includes;
    }
    places_.resize(3 * words_);
    Word* at = frame(0);
    for (const IgnoreRule& rule : rules.rules) {
        rule.pattern.start(at);
        at += rule.pattern.words();
    }
}

bool IgnoreWalk::ignores(std::string_view name) {
    Word* at = frame(depth_ + 1);
    std::copy_n(frame(depth_), words_, at);
    decided_by_ = 0;
    for (std::size_t i = 0; i < rules_.rules.size(); ++i) {
        const PathPattern& pattern = rules_.rules[i].pattern;
        pattern.advance(at, name);
        if (pattern.accepts(at)) decided_by_ = i + 1;
        at += pattern.words();
    }
    return decided_by_ != 0 && !rules_.rules[decided_by_ - 1].includes;
}

//@ begin hides-all-below
// The rule that decided fits all that is below, too. Only a later one can have
// something of it seen, if it may still fit behind the slash.
bool IgnoreWalk::hides_all_below() {
    if (decided_by_ == 0 || rules_.rules[decided_by_ - 1].includes)
        return false;
    if (!can_include_) return true;
    Word* at = frame(depth_ + 2);
    std::copy_n(frame(depth_ + 1), words_, at);
    for (std::size_t i = 0; i < rules_.rules.size(); ++i) {
        const IgnoreRule& rule = rules_.rules[i];
        if (rule.includes && i >= decided_by_) {
            rule.pattern.advance(at, "/");
            if (!rule.pattern.is_stuck(at)) return false;
        }
        at += rule.pattern.words();
    }
    return true;
}
//@ end hides-all-below

void IgnoreWalk::enter() {
    ++depth_;
    places_.resize((depth_ + 3) * words_);
    Word* at = frame(depth_);
    for (const IgnoreRule& rule : rules_.rules) {
        rule.pattern.advance(at, "/");
        at += rule.pattern.words();
    }
}

void IgnoreWalk::leave() {
    --depth_;
}

}  // namespace slipway
