#include "05-build/lines.hpp"

#include "unit/05-build/dockerfile_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

Lines read(const std::string& text, char escape = '\\') {
    return read_lines({"Dockerfile", text}, 0, escape);
}

std::vector<std::string> texts(const std::string& text, char escape = '\\') {
    std::vector<std::string> result;
    for (const LogicalLine& line : read(text, escape).lines)
        result.push_back(line.text);
    return result;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("lines: comments, blanks, ends") {
    CHECK(texts("") == Texts{});
    CHECK(texts("\n # c\n\t\n") == Texts{});
    CHECK(texts("a\n#c\n  b  \n") == Texts{"a", "b"});
    CHECK(texts("a\r\nb\r\n") == Texts{"a", "b"});
    CHECK(texts("RUN echo a # b\n") == Texts{"RUN echo a # b"});
    CHECK(texts("a") == Texts{"a"});
}

TEST_CASE("lines: continued") {
    struct Row {
        std::string text, joined;
    };
    Row row = GENERATE(
        Row{"RUN a \\\n  b\n", "RUN a   b"}, Row{"RUN a\\\nb", "RUN ab"},
        Row{"RUN a \\ \t\nb", "RUN a b"}, Row{"RUN a \\\r\nb\r\n", "RUN a b"},
        Row{"RUN a \\\n# c\n  # d\nb", "RUN a b"},
        Row{"RUN a \\\n\n\nb", "RUN a b"}, Row{"RUN a \\", "RUN a"},
        Row{"RUN a \\\n", "RUN a"}, Row{"RUN a \\\n# c", "RUN a"},
        Row{"\\\n  RUN a", "RUN a"}, Row{"  RUN \\\n\\\na", "RUN a"},
        Row{"RUN echo \"\\\n   x\"", "RUN echo \"   x\""},
        Row{"RUN a \\\\", "RUN a \\\\"});
    CAPTURE(row.text);
    CHECK(texts(row.text) == Texts{row.joined});
}

TEST_CASE("lines: two escapes at the end are none") {
    CHECK(texts("RUN a\\\\\nb") == Texts{"RUN a\\\\", "b"});
}

TEST_CASE("lines: another escape") {
    CHECK(texts("COPY a c:\\\nRUN b `\nc", '`') ==
          Texts{"COPY a c:\\", "RUN b c"});
}

TEST_CASE("lines: empty lines inside are noted") {
    Lines lines = read("RUN a \\\n\n  \nb\n\nRUN c\n");
    CHECK(lines.lines.size() == 2);
    CHECK(lines.empty_continuations ==
          std::vector<SourceRange>{{8, 8}, {9, 11}});
}

TEST_CASE("lines: a place in the text is found in the source") {
    std::string text = "  RUN a \\\n# c\n  bb \\\n\n cc\n";
    LogicalLine line = read(text).lines.at(0);
    REQUIRE(line.text == "RUN a   bb  cc");
    for (const char* part : {"RUN", "a", "bb", "cc"}) {
        std::size_t at = line.text.find(part);
        SourceRange where = line.in_source(at, at + std::string(part).size());
        CHECK(text.substr(where.begin, where.end - where.begin) == part);
    }
    CHECK(line.where == SourceRange{2, text.size() - 1});
}

TEST_CASE("lines: a line may be long") {
    std::string many(200000, 'x');
    CHECK(texts("RUN " + many) == Texts{"RUN " + many});
}

TEST_CASE("heredocs: which words begin one") {
    struct Row {
        std::string line;
        std::vector<std::string> names;
    };
    Row row = GENERATE(
        Row{"RUN <<EOF", {"EOF"}}, Row{"run <<EOF", {"EOF"}},
        Row{"RUN cat <<EOF > f", {"EOF"}}, Row{"RUN <<-EOF", {"EOF"}},
        Row{"RUN <<\"EOF\"", {"EOF"}}, Row{"RUN <<'EOF'", {"EOF"}},
        Row{"RUN <<\\EOF", {"EOF"}}, Row{"RUN 3<<EOF", {"EOF"}},
        Row{"RUN cat <<EOF; echo", {"EOF"}}, Row{"RUN (cat <<EOF)", {"EOF"}},
        Row{"RUN cat <<EOF>f", {"EOF"}}, Row{"COPY <<a <<b /x/", {"a", "b"}},
        Row{"ADD <<EOF /x", {"EOF"}}, Row{"ONBUILD RUN <<EOF", {"EOF"}},
        Row{"RUN --mount=type=tmpfs,target=/x <<EOF", {"EOF"}},
        // None:
        Row{"RUN echo \"<<EOF\"", {}}, Row{"RUN echo '<<EOF'", {}},
        Row{"RUN cat <<<EOF", {}}, Row{"RUN a<<EOF", {}},
        Row{"RUN echo $((1 << 2))", {}}, Row{"RUN <<", {}},
        Row{"RUN [\"a\", \"<<EOF\"]", {}}, Row{"CMD <<EOF", {}},
        Row{"ENV a=<<EOF", {}}, Row{"LABEL <<EOF", {}},
        Row{"RUN echo \\<<EOF", {}});
    CAPTURE(row.line);
    std::string text = row.line + "\n";
    for (const std::string& name : row.names) text += "body\n" + name + "\n";
    Lines lines = read(text + "NEXT");
    REQUIRE(lines.lines.size() == 2);
    std::vector<std::string> names;
    for (const LineHeredoc& heredoc : lines.lines[0].heredocs) {
        names.push_back(heredoc.heredoc.word);
        CHECK(heredoc.heredoc.text == "body\n");
    }
    CHECK(names == row.names);
    CHECK(lines.lines[0].text == row.line);
}

TEST_CASE("heredocs: their text") {
    auto heredoc = [](const std::string& text) {
        return read(text).lines.at(0).heredocs.at(0).heredoc;
    };
    CHECK(heredoc("RUN <<E\n a \\\n\n# b\n E\nE").text == " a \\\n\n# b\n E\n");
    CHECK(heredoc("RUN <<-E\n\t\ta\n\t b\n\tE\n").text == "a\n b\n");
    CHECK(heredoc("RUN <<E\nE\n").text.empty());
    CHECK(heredoc("RUN <<E\r\na\r\nE\r\n").text == "a\n");
    CHECK(heredoc("RUN <<E\nE\n").expands);
    CHECK_FALSE(heredoc("RUN <<'E'\nE\n").expands);
    CHECK_FALSE(heredoc("RUN <<\"E\"\nE\n").expands);
    // After the whole of a continued line.
    CHECK(heredoc("RUN <<E \\\n && x\na\nE\n").text == "a\n");
    Lines lines = read("RUN <<E\na\nE\nRUN x");
    CHECK(lines.lines.at(0).where == SourceRange{0, 11});
    CHECK(lines.lines.at(0).heredoc_source == "a\nE\n");
}

TEST_CASE("heredocs: one without an end") {
    std::string error =
        error_of([] { read("FROM a\nRUN cat <<EOF\na\n EOF\n"); });
    CHECK(error ==
          "Dockerfile:2:9: this heredoc has no end: no line below is \"EOF\" "
          "and nothing else\n   2 | RUN cat <<EOF\n     |         ^~~~~\n"
          "line 4 has blanks beside it; tabs in front are allowed with <<-, "
          "nothing else");
}

TEST_CASE("what no Dockerfile may have") {
    CHECK_THAT(parse_error(std::string("FROM a\nRUN a\0b\n", 14)),
               ContainsSubstring("Dockerfile:2:6: a NUL byte"));
    CHECK_THAT(parse_error("FROM a\n" + std::string(17U << 20U, '\n')),
               ContainsSubstring("larger than 16 MiB"));
}
