#include "05-build/ignore.hpp"

#include "common/error.hpp"
#include "common/text.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

bool ignores(std::string_view file, std::string_view path) {
    return parse_ignore(file).ignores(path);
}

// The same path, folder by folder; "skipped" if the walk would not go there.
std::string by_walk(const IgnoreRules& rules, const std::string& path) {
    IgnoreWalk walk(rules);
    bool ignored = false;
    std::vector<std::string> parts = split(path, '/');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) {
            if (walk.hides_all_below()) return "skipped";
            walk.enter();
        }
        ignored = walk.ignores(parts[i]);
    }
    return ignored ? "ignored" : "seen";
}

}  // namespace

TEST_CASE(".dockerignore: comments, blanks, the byte order mark") {
    CHECK_FALSE(ignores("#a\n", "#a"));
    CHECK(ignores("  #a\n", "#a"));
    CHECK(
        ignores("\xef\xbb\xbf"
                "a",
                "a"));
    CHECK_FALSE(ignores("\xef\xbb\xbf#a", "#a"));
    CHECK(ignores("  a \t\r\n\n", "a"));
    CHECK(ignores("! a\n b", "b"));
    CHECK(parse_ignore("\n \n#\n").rules.empty());
}

TEST_CASE(".dockerignore: patterns are cleaned, and count from the root") {
    for (const char* line :
         {"a", "/a", "a/", "/a/", "./a", "x/../a", "//a//"}) {
        INFO(line);
        CHECK(ignores(line, "a"));
        CHECK(ignores(line, "a/b"));
        CHECK_FALSE(ignores(line, "b/a"));
    }
    CHECK(ignores("!a\n/a/", "a"));
    CHECK(ignores("a\n! /b/../a/ \na/b", "a/b"));
    CHECK_FALSE(ignores("a\n! /b/../a/ \na/b", "a/c"));
}

TEST_CASE(".dockerignore: ** is any depth, * is not") {
    CHECK(ignores("*.log", "a.log"));
    CHECK_FALSE(ignores("*.log", "x/a.log"));
    CHECK(ignores("**/*.log", "a.log"));
    CHECK(ignores("**/*.log", "x/y/a.log"));
    CHECK(ignores("*/temp*", "x/temporary.txt"));
    CHECK_FALSE(ignores("*/temp*", "temporary.txt"));
    CHECK(ignores("temp?", "tempa"));
}

TEST_CASE(".dockerignore: the last line that fits decides") {
    CHECK(ignores("node_modules", "node_modules/x/y"));
    CHECK_FALSE(ignores("*\n!a/b", "a/b"));
    CHECK(ignores("*\n!a/b", "a/c"));
    CHECK_FALSE(ignores("*\n!a/b", "a/b/c"));
    CHECK(ignores("!a\n*", "a"));
    CHECK_FALSE(ignores("*.md\n!README*.md", "README-secret.md"));
    CHECK(ignores("*.md\n!README*.md\nREADME-secret.md", "README-secret.md"));
    CHECK_FALSE(
        ignores("*.md\nREADME-secret.md\n!README*.md", "README-secret.md"));
}

TEST_CASE(".dockerignore: what says nothing, and what is an error") {
    CHECK(parse_ignore(".\n/\n./\n!.").rules.empty());
    CHECK(ignores("*", "anything"));
    for (const char* text : {"a\n!", "a\n! ", "a\n[", "a\nb\\"}) {
        INFO(text);
        try {
            parse_ignore(text);
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::InvalidArgument);
            CHECK(error.message().starts_with("line 2: "));
        }
    }
}

TEST_CASE("a walk says the same, and goes nowhere in vain") {
    IgnoreRules rules = parse_ignore("*\n!a/b\nx\n!src/**/*.c\nsrc/gen\n");
    for (const char* path : {"a", "a/b", "a/c", "a/b/c", "src", "src/m.c",
                             "src/gen/m.c", "src/x/m.h"}) {
        INFO(path);
        std::string expected = rules.ignores(path) ? "ignored" : "seen";
        std::string found = by_walk(rules, path);
        if (found == "skipped") found = "ignored";
        CHECK(found == expected);
    }
    CHECK(by_walk(rules, "other/file") == "skipped");
    CHECK(by_walk(rules, "x/a/b") == "skipped");
    CHECK(by_walk(rules, "src/gen/m.c") == "skipped");
    CHECK(by_walk(rules, "a/c") == "ignored");
    CHECK(by_walk(rules, "a/bc/d") == "skipped");
}

TEST_CASE("which rule it was") {
    IgnoreRules rules = parse_ignore("*.log\n!keep.log\n");
    REQUIRE(rules.rule_for("a.log"));
    CHECK(rules.rule_for("a.log")->text == "*.log");
    CHECK(rules.rule_for("keep.log")->text == "!keep.log");
    CHECK(rules.rule_for("a.txt") == nullptr);
}
