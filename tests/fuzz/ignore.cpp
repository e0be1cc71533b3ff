// Patterns and paths: the machine of path_match.hpp says what a matcher says
// that is too simple to be wrong (and too slow to be used), the walk says what
// the whole path says, and nothing takes long.
#include "05-build/ignore.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/text.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

// Of ASCII patterns without []: what * ? ** \ mean, word by word.
struct Naive {
    bool deep;

    bool matches(std::string_view pattern, std::string_view path,
                 bool at_start = true) const {
        if (pattern.empty()) return path.empty() || (deep && path[0] == '/');
        if (deep && pattern.starts_with("**"))
            return double_star(pattern.substr(2), path, at_start);
        if (pattern[0] == '*') {
            for (std::size_t i = 0;; ++i) {
                if (matches(pattern.substr(1), path.substr(i), false))
                    return true;
                if (i == path.size() || path[i] == '/') return false;
            }
        }
        if (path.empty()) return false;
        if (pattern[0] == '?')
            return path[0] != '/' &&
                   matches(pattern.substr(1), path.substr(1), false);
        if (pattern[0] == '\\') pattern.remove_prefix(1);
        return pattern[0] == path[0] &&
               matches(pattern.substr(1), path.substr(1), false);
    }

    bool double_star(std::string_view rest, std::string_view path,
                     bool at_start) const {
        bool slash = rest.starts_with('/');
        if (slash) rest.remove_prefix(1);
        bool mere_name = rest.find_first_of("*?[]\\") == rest.npos;
        if (rest.empty()) return true;
        if (matches(rest, path, false)) return true;
        bool anything = at_start && !slash && mere_name;
        for (std::size_t i = 0; i < path.size(); ++i)
            if ((anything || path[i] == '/') &&
                matches(rest, path.substr(i + 1), false))
                return true;
        return false;
    }
};

// Few letters, so that they meet.
std::string letters(std::string_view bytes, std::string_view alphabet) {
    std::string text;
    for (char byte : bytes)
        text += alphabet[static_cast<std::uint8_t>(byte) % alphabet.size()];
    return text;
}

void check_one(std::string pattern, const std::string& path) {
    while (pattern.ends_with('\\')) pattern.pop_back();
    must(match_path(pattern, path) == Naive{false}.matches(pattern, path));
    must(PathPattern(pattern).matches(path) ==
         Naive{true}.matches(pattern, path));
}

void check_walk(const IgnoreRules& rules, const std::string& path) {
    IgnoreWalk walk(rules);
    bool ignored = false, hidden = false;
    std::string clean = clean_path("/" + path).substr(1);
    std::string so_far;
    for (const std::string& part : split(clean, '/')) {
        if (!so_far.empty()) {
            hidden = hidden || walk.hides_all_below();
            walk.enter();
            so_far += '/';
        }
        so_far += part;
        ignored = walk.ignores(part);
        must(ignored == rules.ignores(so_far));
        must(!hidden || ignored);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    if (size < 2) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    std::size_t at = bytes.size() * data[0] / 256;
    std::string_view first = bytes.substr(0, at), second = bytes.substr(at);
    if (data[1] % 2 == 0 && first.size() <= 10 && second.size() <= 12) {
        check_one(letters(first, "**?/\\aab"), letters(second, "//aab"));
        return 0;
    }
    bool raw = data[1] % 4 == 1;
    try {
        IgnoreRules rules = parse_ignore(
            raw ? std::string(first) : letters(first, "**/!\n\nab?[]^-\\"));
        check_walk(rules, raw ? std::string(second) : letters(second, "/ab"));
    } catch (const Error& error) {
        must(!error.message().empty());
        for (char c : error.message()) must(c != '\x1b' && c != '\n');
    }
    return 0;
}
