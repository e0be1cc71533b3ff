#include "05-build/stage_graph.hpp"

#include "05-build/global_args.hpp"
#include "unit/05-build/dockerfile_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Wanted {
    std::string target = {};
    std::map<std::string, std::string> args = {};
    std::set<std::string> contexts = {};
};

StageGraph graph_of(const std::string& text, const Wanted& wanted = {}) {
    Dockerfile file = parse(text);
    Platform arm{"linux", "arm", "v7"}, host{"linux", "amd64"};
    GlobalArgs args = global_args(file, wanted.args, platform_args(host, arm));
    return stage_graph(
        {file, wanted.target,
         [&](const std::string& name) { return args.find(name); },
         wanted.contexts});
}

std::string kind_of(const StageSource& source) {
    switch (source.kind) {
        case StageSource::Kind::Scratch:
            return "scratch";
        case StageSource::Kind::Stage:
            return "#" + std::to_string(source.stage);
        case StageSource::Kind::Context:
            return "context " + source.name;
        case StageSource::Kind::Image:
            break;
    }
    return source.name;
}

// "0: a <- b c; 1: #0": each stage, its base and its references.
std::string shown(const StageGraph& graph) {
    std::string text;
    for (const NeededStage& stage : graph.stages) {
        if (!text.empty()) text += "; ";
        text += std::to_string(stage.index) + ": " + kind_of(stage.base);
        if (!stage.references.empty()) text += " <-";
        for (const StageSource& source : stage.references)
            text += " " + kind_of(source);
    }
    return text;
}

std::string error(const std::string& text, const Wanted& wanted = {}) {
    return error_of([&] { graph_of(text, wanted); });
}

const std::string three =
    "FROM golang AS Build\nFROM build AS test\nFROM scratch AS final\n"
    "COPY --from=build /a /a\nRUN --mount=type=bind,from=nginx,target=/x y\n";

}  // namespace

TEST_CASE("stages: what a target needs, in order") {
    struct Row {
        std::string target, graph;
    };
    Row row = GENERATE(Row{"", "0: golang; 2: scratch <- #0 nginx"},
                       Row{"final", "0: golang; 2: scratch <- #0 nginx"},
                       Row{"2", "0: golang; 2: scratch <- #0 nginx"},
                       Row{"TEST", "0: golang; 1: #0"}, Row{"0", "0: golang"},
                       Row{"BUILD", "0: golang"});
    CAPTURE(row.target);
    StageGraph graph = graph_of(three, {row.target});
    CHECK(shown(graph) == row.graph);
    CHECK(graph.stages.back().index == graph.target);
}

TEST_CASE("stages: an unknown target") {
    CHECK_THAT(error(three, {"biuld"}),
               ContainsSubstring("did you mean build?"));
    CHECK_THAT(
        error(three, {"zzz"}),
        ContainsSubstring("has no such stage\nthere are build, test, final"));
    CHECK_THAT(error(three, {"3"}), ContainsSubstring("has no such stage"));
}

TEST_CASE("stages: what names mean") {
    struct Row {
        std::string text, graph;
    };
    Row row = GENERATE(
        // A later or unknown name in FROM is an image's.
        Row{"FROM b AS a\nFROM c AS b\nFROM a", "0: b; 2: #0"},
        Row{"FROM alpine AS alpine", "0: alpine"},
        Row{"FROM a AS x\nFROM X", "0: a; 1: #0"},
        Row{"FROM a\nCOPY --from=b x y", "0: a <- b"},
        Row{"FROM a\nFROM b\nCOPY --from=0 x y", "0: a; 1: b <- #0"},
        Row{"FROM a\nCOPY --from=b x y\nCOPY --from=b z y", "0: a <- b"},
        Row{"FROM a\nCOPY --from=scratch x y", "0: a <- scratch"},
        // A stage below may be named in COPY, as BuildKit has it.
        Row{"FROM a AS one\nCOPY --from=two x y\nFROM b AS two\nFROM one",
            "1: b; 0: a <- #1; 2: #0"},
        // Of several with one name the nearest above.
        Row{"FROM a AS x\nFROM b AS x\nFROM x\nCOPY --from=x y z",
            "1: b; 2: #1 <- #1"},
        // What a base stage leaves for those that begin with it.
        Row{"FROM z AS tools\nFROM a AS base\nONBUILD COPY --from=tools x y\n"
            "FROM base",
            "1: a; 0: z; 2: #1 <- #0"});
    CAPTURE(row.text);
    CHECK(shown(graph_of(row.text)) == row.graph);
}

TEST_CASE("stages: named contexts come first") {
    std::string text = "FROM alpine:3 AS x\nFROM x\nCOPY --from=src a b";
    CHECK(shown(graph_of(text, {"", {}, {"src"}})) ==
          "0: alpine:3; 1: #0 <- context src");
    CHECK(shown(graph_of(text, {"", {}, {"x"}})) == "1: context x <- src");
    CHECK(shown(graph_of(text, {"", {}, {"alpine:3", "x"}})) ==
          "1: context x <- src");
    CHECK(shown(graph_of("FROM alpine", {"", {}, {"alpine:latest"}})) ==
          "0: context alpine");
    CHECK(shown(graph_of("FROM alpine:latest", {"", {}, {"alpine"}})) ==
          "0: context alpine:latest");
}

TEST_CASE("stages: what is refused") {
    CHECK_THAT(error("FROM a AS x\nCOPY --from=x y z"),
               ContainsSubstring("Dockerfile:2:13: a stage cannot take files "
                                 "from itself"));
    CHECK_THAT(error("FROM a\nCOPY --from=0 y z"),
               ContainsSubstring("a stage cannot take files from itself"));
    CHECK_THAT(error("FROM a\nCOPY --from=7 y z"),
               ContainsSubstring("there is no stage 7: the last is 0"));
    CHECK_THAT(error("FROM a AS x\nCOPY --from=y 1 2\nFROM x AS y"),
               ContainsSubstring("in a circle: y needs x needs y"));
    CHECK_THAT(error("ARG V\nFROM $V"),
               ContainsSubstring("Dockerfile:2:6: FROM: no image is left"));
    CHECK_THAT(error("FROM ${V"), ContainsSubstring("Dockerfile:1:6: ") &&
                                      ContainsSubstring("} is missing"));
    // Of stages that are not needed nobody asks.
    CHECK(shown(graph_of("ARG V\nFROM $V\nFROM a")) == "1: a");
}

TEST_CASE("stages: a long row of them") {
    std::string text = "FROM a AS s0\n";
    for (int i = 1; i < 5000; ++i)
        text += "FROM s" + std::to_string(i - 1) + " AS s" + std::to_string(i) +
                "\n";
    CHECK(graph_of(text).stages.size() == 5000);
}

TEST_CASE("global ARGs") {
    auto image = [](const std::string& text,
                    std::map<std::string, std::string> args = {}) {
        return graph_of(text, {"", std::move(args)}).stages[0].base.name;
    };
    CHECK(image("ARG V=12\nFROM debian:$V") == "debian:12");
    CHECK(image("ARG V=12\nFROM debian:$V", {{"V", "13"}}) == "debian:13");
    CHECK(image("ARG V\nFROM debian:${V:-x}", {{"V", "13"}}) == "debian:13");
    CHECK(image("ARG V\nFROM debian:${V:-x}") == "debian:x");
    CHECK(image("ARG A=a B=$A-b\nARG C=${B}c\nFROM $C") == "a-bc");
    // Not declared: not usable, even when it is given.
    CHECK(image("FROM a$V", {{"V", "13"}}) == "a");
    CHECK(image("FROM a-$TARGETARCH$TARGETVARIANT-$BUILDARCH") ==
          "a-armv7-amd64");
    CHECK(image("FROM $TARGETOS/$BUILDOS") == "linux/linux");
    CHECK(image("ARG TARGETARCH\nFROM $TARGETARCH") == "arm");
    CHECK(graph_of("FROM --platform=$BUILDPLATFORM a").stages[0].platform ==
          "linux/amd64");
    CHECK(graph_of("FROM --platform=$TARGETPLATFORM a").stages[0].platform ==
          "linux/arm/v7");
    CHECK_THAT(error_of([&] { image("ARG A=${B\nFROM $A"); }),
               ContainsSubstring("Dockerfile:1:7: ") &&
                   ContainsSubstring("} is missing"));
}
