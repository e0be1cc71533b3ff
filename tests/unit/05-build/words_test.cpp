#include "05-build/words.hpp"

#include <map>

#include "unit/05-build/dockerfile_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

WordOptions options() {
    static const std::map<std::string, std::string> values = {
        {"A", "apple"},
        {"EMPTY", ""},
        {"PATH", "/usr/bin:/bin"},
        {"FILE", "pack.tar.gz"},
        {"BLANKS", "80 90/udp"},
        {"STAR", "*"},
        {"UML", "äpfel"},
        {"_x1", "under"}};
    WordOptions result;
    result.lookup = [](const std::string& name) -> std::optional<std::string> {
        auto found = values.find(name);
        if (found == values.end()) return {};
        return found->second;
    };
    return result;
}

std::string expand(const std::string& word) {
    return expand_word(word, options());
}

std::string error(const std::string& word) {
    return error_of([&] { expand(word); });
}

}  // namespace

TEST_CASE("words: variables and their forms") {
    struct Row {
        std::string word, value;
    };
    Row row = GENERATE(
        Row{"plain", "plain"}, Row{"", ""},
        // $v ${v}
        Row{"$A", "apple"}, Row{"${A}", "apple"}, Row{"x${A}y", "xappley"},
        Row{"$A.$A", "apple.apple"}, Row{"$NONE", ""}, Row{"a${NONE}b", "ab"},
        Row{"$_x1-", "under-"}, Row{"$Ab", ""}, Row{"$A-b", "apple-b"},
        // ${v:-w} ${v-w}
        Row{"${A:-w}", "apple"}, Row{"${NONE:-w}", "w"},
        Row{"${EMPTY:-w}", "w"}, Row{"${A-w}", "apple"}, Row{"${NONE-w}", "w"},
        Row{"${EMPTY-w}", ""}, Row{"${NONE:-}", ""},
        Row{"${NONE:-$A}", "apple"}, Row{"${NONE:-${X:-c}}", "c"},
        Row{"${NONE:-${EMPTY:-${A}}}", "apple"}, Row{"${NONE:-\"a b\"}", "a b"},
        Row{"${NONE:-'$A'}", "$A"}, Row{"${NONE:-\\}}", "}"},
        Row{"${NONE:-a}}", "a}"}, Row{"${NONE:-a {b}", "a {b"},
        Row{"${NONE:-:-}", ":-"},
        // ${v:+w} ${v+w}
        Row{"${A:+w}", "w"}, Row{"${NONE:+w}", ""}, Row{"${EMPTY:+w}", ""},
        Row{"${A+w}", "w"}, Row{"${NONE+w}", ""}, Row{"${EMPTY+w}", "w"},
        Row{"${A:+${A}:}x", "apple:x"},
        // ${v:?w} ${v?w}
        Row{"${A:?w}", "apple"}, Row{"${A?w}", "apple"}, Row{"${EMPTY?w}", ""},
        // Not asked for when it is not used.
        Row{"${A:-${NONE:?never}}", "apple"}, Row{"${NONE:+${X?never}}", ""},
        // ${v#p} ${v##p} ${v%p} ${v%%p}
        Row{"${PATH#*/}", "usr/bin:/bin"}, Row{"${PATH##*/}", "bin"},
        Row{"${PATH%/*}", "/usr/bin:"}, Row{"${PATH%%/*}", ""},
        Row{"${FILE%.*}", "pack.tar"}, Row{"${FILE%%.*}", "pack"},
        Row{"${FILE#x}", "pack.tar.gz"}, Row{"${FILE#pack}", ".tar.gz"},
        Row{"${A#?}", "pple"}, Row{"${A%?}", "appl"}, Row{"${A#}", "apple"},
        Row{"${A##*}", ""}, Row{"${A#*}", "apple"}, Row{"${UML#?}", "pfel"},
        Row{"${STAR#\\*}", ""}, Row{"${A#\\*}", "apple"},
        Row{"${A##'*'}", "apple"}, Row{"${A##\"*\"}", "apple"},
        Row{"${A##$STAR}", ""}, Row{"${A%le}", "app"}, Row{"${NONE#a}", ""},
        // ${v/p/w} ${v//p/w}
        Row{"${A/p/b}", "abple"}, Row{"${A//p/b}", "abble"},
        Row{"${A//p/}", "ale"}, Row{"${PATH//\\//-}", "-usr-bin:-bin"},
        Row{"${PATH/b*/}", "/usr/"}, Row{"${A//?/x}", "xxxxx"},
        Row{"${A/z/x}", "apple"}, Row{"${A//p/$EMPTY}", "ale"},
        Row{"${A/l/${A}}", "appapplee"}, Row{"${UML//ä/a}", "apfel"},
        Row{"${A//\\p/b}", "abble"}, Row{"${A/p/a\\}b}", "aa}bple"});
    CAPTURE(row.word);
    CHECK(expand(row.word) == row.value);
}

TEST_CASE("words: quotes and escapes") {
    struct Row {
        std::string word, value;
    };
    Row row = GENERATE(
        Row{"\\$A", "$A"}, Row{"'$A'", "$A"}, Row{"\"$A\"", "apple"},
        Row{"\"\\$A\"", "$A"}, Row{"\\\\$A", "\\apple"}, Row{"\\${}", "${}"},
        Row{"a\\ b", "a b"}, Row{"abc\\def", "abcdef"},
        Row{"\"abc\\def\"", "abc\\def"}, Row{"\"a\\\\b\"", "a\\b"},
        Row{"\"a\\\"b\"", "a\"b"}, Row{"'a\\b'", "a\\b"}, Row{"'a\\'", "a\\"},
        Row{"\"it's\"", "it's"}, Row{"'\"'", "\""}, Row{"\"'$A'\"", "'apple'"},
        Row{"a\\", "a"}, Row{"a\\\\", "a\\"}, Row{"a'b'\"c\"d", "abcd"},
        Row{"\"\"", ""}, Row{"$.", "$."}, Row{"$", "$"}, Row{"a$", "a$"},
        Row{"\"$\"", "$"}, Row{"he$1x", "hex"}, Row{"$12x", "x"},
        Row{"$@$*$#$?", ""}, Row{"${1}", ""}, Row{"\"${NONE:-\"x\"}\"", "x"});
    CAPTURE(row.word);
    CHECK(expand(row.word) == row.value);
}

TEST_CASE("words: another escape") {
    WordOptions other = options();
    other.escape = '`';
    CHECK(expand_word("c:\\$A", other) == "c:\\apple");
    CHECK(expand_word("`$A", other) == "$A");
    CHECK(expand_word("\"``\\\"", other) == "`\\");
    CHECK(expand_word("${STAR#`*}", other).empty());
}

TEST_CASE("words: errors say what is wrong") {
    struct Row {
        std::string word, says;
    };
    Row row = GENERATE(
        Row{"${}", "a variable's name must follow ${"},
        Row{"${:x}", "a variable's name must follow ${"},
        Row{"${.}", "a variable's name must follow ${"},
        Row{"${{v}", "a variable's name must follow ${"},
        Row{"${A", "} is missing"}, Row{"${", "} is missing"},
        Row{"${A:", "} is missing"}, Row{"${A:-", "} is missing"},
        Row{"${A:-b", "} is missing"}, Row{"${A#", "} is missing"},
        Row{"${A/b}", "a / is missing"}, Row{"${A/b/c", "} is missing"},
        Row{"${A:=w}", "\":=\" is not supported"},
        Row{"${A:b}", "\":b\" is not supported"},
        Row{"${A!}", "cannot follow a variable's name"},
        Row{"${A^^}", "cannot follow a variable's name"},
        Row{"${NONE:?}", "NONE: it is not set, or empty"},
        Row{"${NONE?}", "NONE: it is not set"},
        Row{"${EMPTY:?say $A}", "EMPTY: say apple"},
        Row{"${NONE?why}", "NONE: why"}, Row{"'a", "the ' is not closed"},
        Row{"it's", "the ' is not closed"}, Row{"\"a", "the \" is not closed"},
        Row{"\"a\\\"", "the \" is not closed"},
        Row{"${A:-${EMPTY:-x}", "} is missing"});
    CAPTURE(row.word);
    CHECK_THAT(error(row.word), ContainsSubstring(row.says));
}

TEST_CASE("words: limits") {
    std::string deep, close;
    for (int i = 0; i < 1000; ++i) {
        deep += "${N:-";
        close += "}";
    }
    CHECK_THAT(error(deep + close), ContainsSubstring("in one another"));
    std::string doubled(std::size_t{1} << 20U, 'x');
    WordOptions large;
    large.lookup = [&](const std::string&) { return doubled; };
    std::string word;
    for (int i = 0; i < 20; ++i) word += "$a";
    CHECK_THAT(error_of([&] { expand_word(word, large); }),
               ContainsSubstring("larger than 16 MiB"));
}

TEST_CASE("words: quotes kept, in heredocs and mounts") {
    WordOptions kept = options();
    kept.keep_quotes = true;
    struct Row {
        std::string word, value;
    };
    Row row = GENERATE(
        Row{"'$A' \"$A\"\n", "'apple' \"apple\"\n"}, Row{"\\$A", "$A"},
        Row{"\\\\", "\\"}, Row{"\\\n", "\\\n"}, Row{"a\\nb", "a\\nb"},
        Row{"it's", "it's"}, Row{"${NONE:-'x'}", "'x'"}, Row{"\\", "\\"},
        Row{"${NONE:-a\\}b}", "a}b"}, Row{"${STAR#\\*}", ""});
    CAPTURE(row.word);
    CHECK(expand_word(row.word, kept) == row.value);
}

TEST_CASE("words: split where values have blanks") {
    using Words = std::vector<std::string>;
    auto words = [](const std::string& word) {
        return expand_words(word, options());
    };
    CHECK(words("$BLANKS") == Words{"80", "90/udp"});
    CHECK(words("\"$BLANKS\"") == Words{"80 90/udp"});
    CHECK(words("1$BLANKS") == Words{"180", "90/udp"});
    CHECK(words(" a  b ") == Words{"a", "b"});
    CHECK(words("$NONE").empty());
    CHECK(words("\"\"") == Words{""});
    CHECK(words("a\\ b") == Words{"a b"});
}

TEST_CASE("words: who asks is told what is unset and not provided for") {
    std::vector<std::string> unset, asked;
    WordOptions watched;
    watched.lookup =
        [&](const std::string& name) -> std::optional<std::string> {
        asked.push_back(name);
        return name == "A" ? std::optional<std::string>("a") : std::nullopt;
    };
    watched.on_unset = [&](const std::string& name) { unset.push_back(name); };
    expand_word("$A $B ${C} ${D:-d} ${E+e} ${F#f} ${G-$H} ${A:-$I} '$J' $1",
                watched);
    CHECK(unset == std::vector<std::string>{"B", "C", "F", "H", "1"});
    CHECK(asked == std::vector<std::string>{"A", "B", "C", "D", "E", "F", "G",
                                            "H", "A"});
}
