// Words of a Dockerfile: each is refused, or what comes of it is what its parts
// say: no variable is asked for that has no name, a quoted value is the value,
// and patterns are matched as a slow and simple reader of them does.
#include "05-build/words.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "05-build/duration.hpp"
#include "05-build/glob.hpp"
#include "05-build/letters.hpp"
#include "05-build/word_split.hpp"
#include "common/error.hpp"
#include "common/text.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

WordOptions options_for(char escape, bool keep_quotes) {
    WordOptions options;
    options.escape = escape;
    options.keep_quotes = keep_quotes;
    options.lookup = [](const std::string& name) -> std::optional<std::string> {
        must(!name.empty() && !is_digit(name[0]));
        for (char c : name) must(is_name_letter(c));
        if (name == "a") return "value of a";
        if (name == "b") return "x/*?y";
        if (name == "c") return "";
        return {};
    };
    return options;
}

// Nothing that has a meaning: what comes out is what went in.
bool is_plain(std::string_view word) {
    return word.find_first_of("$'\"\\`") == std::string_view::npos;
}

void check_words(std::string_view word, const WordOptions& options) {
    try {
        std::string value = expand_word(word, options);
        if (is_plain(word)) must(value == word);
        std::string split_up;
        for (const std::string& part : expand_words(word, options))
            split_up += part;
        // Split at blanks, nothing else is lost.
        auto bare = [](const std::string& text) {
            std::string rest;
            for (char c : text)
                if (!is_space(c)) rest += c;
            return rest;
        };
        must(bare(split_up) == bare(value));
    } catch (const Error& error) {
        must(error.kind() == ErrorKind::InvalidArgument);
        must(!error.message().empty() && !is_plain(word));
    }
}

// Words lie in order, and between them there are only blanks.
void check_split(std::string_view text, char escape) {
    std::size_t end = 0;
    for (WordSpan span : split_words(text, 0, escape)) {
        must(span.begin >= end && span.begin < span.end);
        must(trim(text.substr(end, span.begin - end)).empty());
        end = span.end;
    }
    must(end <= text.size() && trim(text.substr(end)).empty());
    std::size_t sign = find_unquoted(text, ',', escape);
    must(sign == std::string_view::npos || text[sign] == ',');
}

// Only letters of ASCII, * and ?; no escapes.
bool simple_match(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*')
        return simple_match(pattern.substr(1), text) ||
               (!text.empty() && simple_match(pattern, text.substr(1)));
    return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
           simple_match(pattern.substr(1), text.substr(1));
}

// Two short texts of a small alphabet, so that they often match.
void check_glob(std::string_view bytes) {
    constexpr std::size_t most = 10;
    std::string pattern, text;
    for (char c : bytes.substr(0, 2 * most)) {
        auto byte = static_cast<unsigned char>(c);
        if (byte & 1U)
            pattern += "ab*?"[byte / 2 % 4];
        else
            text += "ab"[byte / 2 % 2];
    }
    if (pattern.empty() || pattern.size() > most) return;
    std::string shortest = text, longest = text;
    for (std::size_t i = text.size() + 1; i-- > 0;)
        if (simple_match(pattern, text.substr(0, i))) shortest = text.substr(i);
    for (std::size_t i = 0; i <= text.size(); ++i)
        if (simple_match(pattern, text.substr(0, i))) longest = text.substr(i);
    GlobPattern glob{pattern};
    must(remove_prefix(text, glob, MatchLength::Shortest) == shortest);
    must(remove_prefix(text, glob, MatchLength::Longest) == longest);
    std::string rest = remove_suffix(text, glob, MatchLength::Longest);
    must(text.starts_with(rest));
    bool matches = rest.size() < text.size();
    must(!matches || simple_match(pattern, text.substr(rest.size())));
    must(replace_matches(text, glob, "", false).size() <= text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    for (char escape : {'\\', '`'}) {
        check_words(text, options_for(escape, false));
        check_words(text, options_for(escape, true));
        check_split(text, escape);
    }
    check_glob(text);
    if (auto nanoseconds = parse_duration(text))
        must(*nanoseconds != INT64_MIN);
    return 0;
}
