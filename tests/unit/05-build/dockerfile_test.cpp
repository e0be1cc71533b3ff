#include "05-build/dockerfile.hpp"

#include "unit/05-build/dockerfile_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("a Dockerfile: global ARGs, stages, instructions") {
    Dockerfile file = parse(
        "\xef\xbb\xbf# syntax=docker/dockerfile:1\r\n"
        "ARG V=1\r\n"
        "from --platform=$BUILDPLATFORM golang:$V as Build\r\n"
        "run go build \\\r\n  ./...\r\n"
        "FROM scratch\r\n"
        "COPY --from=build /app /app\r\n"
        "CMD [\"/app\"]\r\n");
    CHECK(file.directives.syntax == "docker/dockerfile:1");
    REQUIRE(file.global_args.size() == 1);
    REQUIRE(file.stages.size() == 2);
    const From& from = file.stages[0].source();
    CHECK(from.platform == "$BUILDPLATFORM");
    CHECK(from.image.text == "golang:$V");
    CHECK(from.stage_name == "build");
    CHECK(from.stage_name_as_written == "Build");
    CHECK(from.as_keyword == "as");
    CHECK(text_at(file, from.stage_name_where) == "Build");
    CHECK(text_at(file, from.platform_where) == "$BUILDPLATFORM");
    CHECK(text_at(file, from.image.where) == "golang:$V");
    REQUIRE(file.stages[0].instructions.size() == 1);
    const Instruction& run = file.stages[0].instructions[0];
    CHECK(run.verb == "RUN");
    CHECK(run.verb_written == "run");
    CHECK(run.text == "RUN go build   ./...");
    CHECK(text_at(file, run.where) == "run go build \\\r\n  ./...");
    CHECK(file.stages[1].instructions.size() == 2);
}

TEST_CASE("a Dockerfile: what is wrong with the whole of it") {
    CHECK_THAT(parse_error(""),
               ContainsSubstring("the file has no instructions"));
    CHECK_THAT(parse_error("# only\n\n # comments\n"),
               ContainsSubstring("the file has no instructions"));
    CHECK_THAT(parse_error("ARG a\n"), ContainsSubstring("there is no FROM"));
    CHECK(parse_error("ARG a\nRUN x\n") ==
          "Dockerfile:2:1: the first instruction must be FROM, not RUN\n"
          "   2 | RUN x\n     | ^~~\n"
          "only ARG may come before FROM; FROM scratch begins with nothing");
}

TEST_CASE("a Dockerfile: all instructions, in any case") {
    std::string lines = GENERATE(
        "ADD a b", "arg a", "Cmd a", "COPY a b", "ENTRYPOINT a", "ENV a=b",
        "EXPOSE 80", "HEALTHCHECK NONE", "LABEL a=b", "MAINTAINER me",
        "ONBUILD RUN a", "RUN a", "SHELL [\"a\"]", "STOPSIGNAL TERM", "USER a",
        "VOLUME /a", "WORKDIR /a", "sTopSignal 9", "\tRUN\ta");
    CAPTURE(lines);
    CHECK(parse("FROM a\n" + lines).stages[0].instructions.size() == 1);
}

TEST_CASE("a Dockerfile: an unknown instruction") {
    CHECK(parse_error("FROM a\nRUN x \\\n  y\nRUNN apt-get update\n") ==
          "Dockerfile:4:1: unknown instruction \"RUNN\"\n"
          "   4 | RUNN apt-get update\n     | ^~~~\ndid you mean RUN?");
    CHECK_THAT(parse_error("FROM a\ncpoy a b"),
               ContainsSubstring("did you mean COPY?"));
    CHECK_THAT(parse_error("FROM a\nRUN x &&\n  apt-get y"),
               ContainsSubstring("Dockerfile:3:3: unknown instruction "
                                 "\"apt-get\"") &&
                   ContainsSubstring("the line above"));
    CHECK_THAT(parse_error("FORM a"), ContainsSubstring("did you mean FROM?"));
}

TEST_CASE("an error points through continued lines") {
    CHECK_THAT(
        parse_error("FROM a\nCOPY --chown=1 \\\n# c\n  --form=b \\\n"
                    "  a b"),
        ContainsSubstring("Dockerfile:4:3: unknown flag --form for COPY\n"
                          "   4 |   --form=b \\\n     |   ^~~~~~") &&
            ContainsSubstring("did you mean --from?"));
}

TEST_CASE("one instruction from elsewhere") {
    Instruction run = parse_instruction({"ONBUILD", "RUN <<EOF\nx\nEOF\n"});
    CHECK(std::get<Run>(run.body).command.heredocs.at(0).text == "x\n");
    CHECK(parse_instruction({"-", " env a=b "}).text == "ENV a=b");
    CHECK_THAT(error_of([] {
                   parse_instruction({"-", " \n"});
               }),
               ContainsSubstring("there is no instruction"));
    CHECK_THAT(error_of([] {
                   parse_instruction({"-", "RUN a\nRUN b"});
               }),
               ContainsSubstring("one instruction is enough"));
    CHECK_THAT(error_of([] {
                   parse_instruction({"-", "RNU a"});
               }),
               ContainsSubstring("-:1:1: unknown instruction"));
}
