#include "05-build/source.hpp"

#include <string>

#include "unit/catch.hpp"

using namespace slipway;

namespace {

Source source_of(const std::string& text) {
    return {"Dockerfile", text};
}

// The range of `part` in the text.
SourceRange range_of(const Source& source, const std::string& part) {
    std::size_t begin = source.text.find(part);
    return {begin, begin + part.size()};
}

}  // namespace

TEST_CASE("an error shows where it is") {
    Source source = source_of("FROM a\n\nRUNN apt-get update\nCMD x\n");
    Error error = input_error(source, range_of(source, "RUNN"),
                              "unknown instruction \"RUNN\"");
    CHECK(error.kind() == ErrorKind::InvalidArgument);
    CHECK(error.message() ==
          "Dockerfile:3:1: unknown instruction \"RUNN\"\n"
          "   3 | RUNN apt-get update\n"
          "     | ^~~~");
}

TEST_CASE("the picture of a range") {
    struct Row {
        std::string text, part, line, mark;
    };
    Row row = GENERATE(
        // Only the first line of a range.
        Row{"RUN a \\\n  b\n", "a \\\n  b", "RUN a \\", "    ^~~"},
        Row{"A\tbb\tc", "bb", "A       bb      c", "        ^~"},
        Row{"A\tbb\tc", "c", "A       bb      c", "                ^"},
        Row{"äöü x", "x", "äöü x", "    ^"},
        Row{"a\x1b[31mb", "b", "a\\x1b[31mb", "         ^"},
        Row{"a\xff\xc3 b", "b", "a\\xff\\xc3 b", "          ^"},
        Row{"a\u202e b", "b", "a\\u{202e} b", "          ^"},
        Row{"a\u0085b", "b", "a\\u{0085}b", "         ^"},
        Row{"a \r\nb", "\r\n", "a", "  ^"}, Row{"a \r\nb", "a", "a", "^"});
    Source source = source_of(row.text);
    CHECK(show_range(source, range_of(source, row.part)) ==
          "   1 | " + row.line + "\n     | " + row.mark);
}

TEST_CASE("nothing is marked by a caret: an empty range, the end") {
    Source source = source_of("ab\n");
    CHECK(show_range(source, {1, 1}) == "   1 | ab\n     |  ^");
    CHECK(show_range(source, {2, 2}) == "   1 | ab\n     |   ^");
    CHECK(show_range(source, {3, 3}) == "   2 | \n     | ^");
    CHECK(show_range(source, {99, 120}) == "   2 | \n     | ^");
    CHECK(show_range(source_of(""), {0, 0}) == "   1 | \n     | ^");
}

TEST_CASE("a long line is shown around the mark") {
    std::string many(5000, 'x');
    Source source = source_of("RUN " + many + " HERE " + many);
    std::string picture = show_range(source, range_of(source, "HERE"));
    std::string tail(66, 'x');
    CHECK(picture == "   1 | …" + std::string(29, 'x') + " HERE " +
                         std::string(65, 'x') + "…\n     |  " +
                         std::string(30, ' ') + "^~~~");
    // The beginning is shown as it is.
    CHECK(show_range(source, {0, 3}) ==
          "   1 | RUN " + std::string(96, 'x') + "…\n     | ^~~");
    // Not cut into a letter of several bytes.
    std::string letters;
    for (int i = 0; i < 3000; ++i) letters += "ä";
    for (std::size_t shift = 0; shift < 2; ++shift) {
        Source wide = source_of(std::string(shift, 'a') + letters + "!");
        CHECK(show_range(wide, range_of(wide, "!")).find("\\x") ==
              std::string::npos);
    }
}

TEST_CASE("positions count lines and bytes from 1") {
    Source source = source_of("ab\ncd\n");
    CHECK(position_of(source, 0).line == 1);
    CHECK(position_of(source, 0).column == 1);
    CHECK(position_of(source, 2).column == 3);
    CHECK(position_of(source, 4).line == 2);
    CHECK(position_of(source, 4).column == 2);
    CHECK(position_of(source, 99).line == 3);
}
