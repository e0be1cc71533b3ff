#include "05-build/directives.hpp"

#include "unit/05-build/dockerfile_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

Directives read(const std::string& text) {
    return read_directives({"Dockerfile", text});
}

}  // namespace

TEST_CASE("directives: read at the top of the file") {
    Directives directives = read(
        "# syntax=docker/dockerfile:1.7\n#ESCAPE = ` \n"
        "# check=skip=A, B;error=true;experimental=C\nFROM a\n");
    CHECK(directives.syntax == "docker/dockerfile:1.7");
    CHECK(directives.escape == '`');
    CHECK(directives.skipped_checks == std::vector<std::string>{"A", "B"});
    CHECK(directives.experimental_checks == std::vector<std::string>{"C"});
    CHECK(directives.warnings_are_errors);
}

TEST_CASE("directives: where they end") {
    struct Row {
        std::string text;
        char escape;
    };
    Row row = GENERATE(
        Row{"# escape=`", '`'}, Row{"# escape=`\r\nFROM a\r\n", '`'},
        Row{"#escape=`\n", '`'}, Row{"#  EsCape  =  `  \n", '`'},
        Row{"\xef\xbb\xbf# escape=`\n", '`'}, Row{"# escape=\\\n", '\\'},
        Row{"# a comment\n# escape=`\n", '\\'}, Row{"\n# escape=`\n", '\\'},
        Row{"# unknown=x\n# escape=`\n", '\\'}, Row{"FROM a\n# escape=`", '\\'},
        Row{"# syntax=x\n# escape=`\n", '`'}, Row{"# escape\n", '\\'},
        Row{"## escape=`\n", '\\'}, Row{"# syntax=\n# escape=`\n", '\\'});
    CAPTURE(row.text);
    CHECK(read(row.text).escape == row.escape);
}

TEST_CASE("directives: errors") {
    CHECK_THAT(
        parse_error("# escape=x\nFROM a\n"),
        ContainsSubstring("Dockerfile:1:10: escape=\"x\": it is neither "
                          "\\ nor `\n   1 | # escape=x\n     |          ^"));
    CHECK_THAT(parse_error("# escape=`\n# Escape=`\nFROM a\n"),
               ContainsSubstring("the directive escape is given twice"));
    CHECK_THAT(parse_error("# check=error=perhaps\nFROM a\n"),
               ContainsSubstring("neither true nor false"));
    CHECK_THAT(parse_error("# check=skipp=A\nFROM a\n"),
               ContainsSubstring("unknown option \"skipp\""));
    CHECK(read("# check=error=false\n").warnings_are_errors == false);
}
