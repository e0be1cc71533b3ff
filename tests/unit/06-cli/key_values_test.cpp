#include "06-engine/cli/key_values.hpp"

#include <stdlib.h>

#include "06-engine/cli/option_text.hpp"
#include "unit/06-cli/refusal.hpp"

using namespace slipway;
using Texts = std::vector<std::string>;

TEST_CASE("option -e: a value, our own, or none") {
    ::setenv("SLIPWAY_TEST", "own", 1);
    CHECK(parse_env("A=1") == "A=1");
    CHECK(parse_env("A=") == "A=");
    CHECK(parse_env("A=b=c") == "A=b=c");
    CHECK(parse_env("SLIPWAY_TEST") == "SLIPWAY_TEST=own");
    CHECK(parse_env("SLIPWAY_NOT_SET") == "SLIPWAY_NOT_SET");
    for (std::string text : {"", "=x"})
        CHECK_THAT(refusal([&] { parse_env(text); }),
                   ContainsSubstring("--env"));
}

TEST_CASE("env files are read as Docker reads them") {
    ::setenv("SLIPWAY_TEST", "own", 1);
    struct Row {
        std::string content;
        Texts variables;
    };
    Row row = GENERATE(
        Row{"", {}}, Row{"A=1", {"A=1"}}, Row{"A=1\nB=2\n", {"A=1", "B=2"}},
        Row{"A=1\r\nB=2\r\n", {"A=1", "B=2"}},
        Row{"# c\n\n  \n\t#d\nA=1", {"A=1"}}, Row{"  A=1", {"A=1"}},
        Row{"A= 1 ", {"A= 1 "}}, Row{"A=\"q\"", {"A=\"q\""}},
        Row{"A=1 # no comment", {"A=1 # no comment"}}, Row{"A=", {"A="}},
        Row{"A=b=c", {"A=b=c"}},
        Row{"\xEF\xBB\xBF"
            "A=1",
            {"A=1"}},
        Row{"SLIPWAY_TEST\nSLIPWAY_NOT_SET", {"SLIPWAY_TEST=own"}},
        Row{"A.b-c=1", {"A.b-c=1"}}, Row{"A=\xC3\xA9", {"A=\xC3\xA9"}});
    CHECK(parse_env_file("file", row.content) == row.variables);
}

TEST_CASE("what is wrong in an env file is said, with its line") {
    struct Row {
        std::string content, reason;
    };
    using namespace std::string_literals;
    Row row =
        GENERATE(Row{"A=1\n=2", "file:2: no name"},
                 Row{"A b=1", "file:1: blanks in the name"},
                 Row{"A =1", "file:1: blanks"}, Row{"A b", "file:1: blanks"},
                 Row{"\n\nA=\xFF", "file:3: it is no UTF-8"},
                 Row{"A=\0"s, "file:1: a NUL"});
    CHECK_THAT(refusal([&] { parse_env_file("file", row.content); }),
               ContainsSubstring(row.reason));
    CHECK_THAT(refusal([] { read_env_file("/no/such"); }),
               ContainsSubstring("/no/such"));
}

TEST_CASE("labels: a key alone is one without a value") {
    CHECK(parse_label_file("file", "a\nb=c") == Texts{"a", "b=c"});
    std::map<std::string, std::string> labels;
    add_pair(labels, "--label", "a");
    add_pair(labels, "--label", "b=c=d");
    add_pair(labels, "--label", "b=e");
    CHECK(labels == std::map<std::string, std::string>{{"a", ""}, {"b", "e"}});
    CHECK_FALSE(refusal([&] { add_pair(labels, "--label", "=x"); }).empty());
    CHECK_FALSE(refusal([&] { add_pair(labels, "--label", " =x"); }).empty());
}

TEST_CASE("truth and whole numbers") {
    for (std::string text : {"1", "t", "T", "true", "TRUE", "True"})
        CHECK(parse_truth("--x", text));
    for (std::string text : {"0", "f", "F", "false", "FALSE", "False"})
        CHECK_FALSE(parse_truth("--x", text));
    for (std::string text : {"", "yes", "tRUE", "2"})
        CHECK_FALSE(refusal([&] { parse_truth("--x", text); }).empty());
    CHECK(parse_integer("--x", "-5", -5, 5) == -5);
    CHECK(parse_integer("--x", "+5", -5, 5) == 5);
    for (std::string text :
         {"", "+", "-6", "6", "1.5", "0x1", " 1", "1 ", "+-1"})
        CHECK_FALSE(
            refusal([&] { parse_integer("--x", text, -5, 5); }).empty());
}
