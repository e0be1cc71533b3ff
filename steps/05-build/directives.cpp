#include "05-build/directives.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "05-build/letters.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct Pair {
    std::string key;  ///< lower case
    std::string value;
    SourceRange where;  ///< of the value
};

bool is_key(std::string_view key) {
    return !key.empty() && is_alpha(key[0]) &&
           std::all_of(key.begin(), key.end(),
                       [](char c) { return is_alpha(c) || is_digit(c); });
}

// "# key = value", of the line that is [begin, end) in the source.
std::optional<Pair> pair_of(const std::string& text, std::size_t begin,
                            std::size_t end) {
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (!line.starts_with('#')) return {};
    std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return {};
    std::string_view key = trim(line.substr(1, equals - 1));
    std::string_view value = trim(line.substr(equals + 1));
    if (!is_key(key) || value.empty()) return {};
    auto at = static_cast<std::size_t>(value.data() - text.data());
    return Pair{to_lower(key), std::string(value), {at, at + value.size()}};
}

void read_escape(Directives& directives, const Source& source,
                 const Pair& pair) {
    if (pair.value != "\\" && pair.value != "`")
        throw input_error(
            source, pair.where,
            cat("escape=", quote(pair.value), ": it is neither \\ nor `"));
    directives.escape = pair.value[0];
}

bool boolean(const Source& source, const Pair& pair, std::string_view value) {
    std::string word = to_lower(value);
    if (word == "true" || word == "1" || word == "t") return true;
    if (word == "false" || word == "0" || word == "f") return false;
    throw input_error(
        source, pair.where,
        cat("check: error=", quote(value), " is neither true nor false"));
}

std::vector<std::string> rule_names(std::string_view list) {
    std::vector<std::string> names;
    for (const std::string& name : split(list, ','))
        if (std::string_view trimmed = trim(name); !trimmed.empty())
            names.emplace_back(trimmed);
    return names;
}

// skip=A,B;error=true;experimental=all
void read_check(Directives& directives, const Source& source,
                const Pair& pair) {
    for (const std::string& part : split(pair.value, ';')) {
        std::size_t equals = std::min(part.find('='), part.size());
        std::string key =
            to_lower(trim(std::string_view(part).substr(0, equals)));
        std::string_view value = trim(
            std::string_view(part).substr(std::min(equals + 1, part.size())));
        if (key == "skip") {
            directives.skipped_checks = rule_names(value);
        } else if (key == "error") {
            directives.warnings_are_errors = boolean(source, pair, value);
        } else if (key == "experimental") {
            directives.experimental_checks = rule_names(value);
        } else {
            Error error = input_error(
                source, pair.where, cat("check: unknown option ", quote(key)));
            error.set_advice(
                "write # check=skip=RULE,RULE;error=true, or skip=all");
            throw error;
        }
    }
}

// False: it is none that is known.
bool read_pair(Directives& directives, const Source& source, const Pair& pair) {
    if (pair.key == "syntax") {
        directives.syntax = pair.value;
    } else if (pair.key == "escape") {
        read_escape(directives, source, pair);
    } else if (pair.key == "check") {
        read_check(directives, source, pair);
    } else {
        return false;
    }
    return true;
}

}  // namespace

std::size_t text_begin(const Source& source) {
    return source.text.starts_with("\xef\xbb\xbf") ? 3 : 0;
}

Directives read_directives(const Source& source) {
    Directives directives;
    std::set<std::string> seen;
    std::size_t begin = text_begin(source);
    while (begin < source.text.size()) {
        std::size_t end =
            std::min(source.text.find('\n', begin), source.text.size());
        auto pair = pair_of(source.text, begin, end);
        if (!pair || !read_pair(directives, source, *pair)) break;
        if (!seen.insert(pair->key).second)
            throw input_error(
                source, {begin, end},
                cat("the directive ", pair->key, " is given twice"));
        begin = std::min(end + 1, source.text.size());
    }
    directives.end = begin;
    return directives;
}

}  // namespace slipway
