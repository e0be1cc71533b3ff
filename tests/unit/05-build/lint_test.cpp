#include "05-build/lint.hpp"

#include "unit/05-build/dockerfile_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

// "Rule:line Rule:line", in order.
std::string shown(const Dockerfile& file,
                  const std::vector<LintWarning>& warnings) {
    std::string text;
    for (const LintWarning& warning : warnings)
        text +=
            (text.empty() ? "" : " ") + warning.rule + ":" +
            std::to_string(position_of(file.source, warning.where.begin).line);
    return text;
}

std::string found(const std::string& text) {
    Dockerfile file = parse(text);
    return shown(file, lint({file}));
}

std::vector<LintWarning> warnings_of(const std::string& text) {
    Dockerfile file = parse(text);
    return lint({file});
}

struct Row {
    std::string text, found;
};

}  // namespace

TEST_CASE("lint: rules about FROM, and what they leave alone") {
    Row row = GENERATE(
        Row{"FROM a AS b\nCMD [\"x\"]\n", ""},
        // StageNameCasing
        Row{"FROM a AS Base", "StageNameCasing:1"},
        // FromAsCasing
        Row{"FROM a as b", "FromAsCasing:1"},
        Row{"from a AS b", "FromAsCasing:1"}, Row{"from a as b", ""},
        Row{"FROM a As b", "FromAsCasing:1"},
        // DuplicateStageName
        Row{"FROM a AS x\nFROM b AS x", "DuplicateStageName:2"},
        // ReservedStageName
        Row{"FROM a AS scratch", "ReservedStageName:1"},
        Row{"FROM a AS context", "ReservedStageName:1"},
        // UndefinedArgInFrom
        Row{"FROM a:$V", "UndefinedArgInFrom:1"},
        Row{"FROM --platform=$P a", "UndefinedArgInFrom:1"},
        Row{"ARG V=1\nFROM a:$V", ""}, Row{"FROM a:${V:-1}", ""},
        Row{"FROM --platform=$BUILDPLATFORM a", ""},
        // RedundantTargetPlatform
        Row{"FROM --platform=$TARGETPLATFORM a", "RedundantTargetPlatform:1"},
        Row{"FROM --platform=${TARGETPLATFORM} a", "RedundantTargetPlatform:1"},
        // InvalidDefaultArgInFrom
        Row{"ARG V\nFROM a:$V", "InvalidDefaultArgInFrom:2"},
        Row{"ARG V\nFROM $V", "InvalidDefaultArgInFrom:2"},
        Row{"ARG V\nFROM a$V", ""}, Row{"ARG V=b\nFROM a AS b\nFROM $V", ""},
        // FromPlatformFlagConstDisallowed
        Row{"FROM --platform=linux/amd64 a",
            "FromPlatformFlagConstDisallowed:1"},
        Row{"FROM --platform=linux/arm64 a AS build-arm64", ""});
    CAPTURE(row.text);
    CHECK(found(row.text) == row.found);
}

TEST_CASE("lint: rules about how a file is written") {
    Row row = GENERATE(
        // NoEmptyContinuation
        Row{"FROM a\nRUN x \\\n\n  y", "NoEmptyContinuation:3"},
        Row{"FROM a\nRUN x \\\n# c\n  y", ""},
        // ConsistentInstructionCasing
        Row{"FROM a\nRUN x\nrun y", "ConsistentInstructionCasing:3"},
        Row{"from a\nrun x\nRUN y", "ConsistentInstructionCasing:3"},
        Row{"FROM a\nRun x", "ConsistentInstructionCasing:2"},
        Row{"from a\nrun x", ""},
        // MaintainerDeprecated
        Row{"FROM a\nMAINTAINER me", "MaintainerDeprecated:2"},
        // LegacyKeyValueFormat
        Row{"FROM a\nENV k v", "LegacyKeyValueFormat:2"},
        Row{"FROM a\nLABEL k v", "LegacyKeyValueFormat:2"},
        // InvalidDefinitionDescription is off, unless it is asked for.
        Row{"# text\nFROM a AS b", ""},
        Row{"# check=experimental=all\n# text\nFROM a AS b",
            "InvalidDefinitionDescription:3"},
        Row{"# check=experimental=InvalidDefinitionDescription\n"
            "# b is it\nFROM a AS b\n# V says\n# more\nARG V",
            ""},
        Row{"# check=experimental=all\nFROM a AS b\n# text\n\nARG V\n"
            "# text\n#\nARG W\n# text\nARG X",
            "InvalidDefinitionDescription:10"},
        Row{"# check=experimental=all\n# text\nFROM a", ""});
    CAPTURE(row.text);
    CHECK(found(row.text) == row.found);
}

TEST_CASE("lint: rules about what instructions do") {
    Row row = GENERATE(
        // JSONArgsRecommended
        Row{"FROM a\nCMD x", "JSONArgsRecommended:2"},
        Row{"FROM a\nENTRYPOINT x", "JSONArgsRecommended:2"},
        Row{"FROM a\nSHELL [\"/b\"]\nCMD x", ""},
        Row{"FROM a AS b\nSHELL [\"/b\"]\nFROM b\nCMD x", ""},
        Row{"FROM a\nHEALTHCHECK CMD x", ""},
        // WorkdirRelativePath
        Row{"FROM a\nWORKDIR x", "WorkdirRelativePath:2"},
        Row{"FROM a\nWORKDIR /x\nWORKDIR y", ""},
        Row{"FROM a AS b\nWORKDIR /x\nFROM b\nWORKDIR y", ""},
        Row{"FROM a\nARG D\nWORKDIR $D", ""},
        Row{"FROM a\nENV D=x\nWORKDIR $D", "WorkdirRelativePath:3"},
        // MultipleInstructionsDisallowed
        Row{"FROM a\nCMD [\"x\"]\nCMD [\"y\"]",
            "MultipleInstructionsDisallowed:2"},
        Row{"FROM a\nENTRYPOINT []\nENTRYPOINT []\nENTRYPOINT []",
            "MultipleInstructionsDisallowed:2 "
            "MultipleInstructionsDisallowed:3"},
        Row{"FROM a\nHEALTHCHECK NONE\nHEALTHCHECK NONE",
            "MultipleInstructionsDisallowed:2"},
        Row{"FROM a AS b\nCMD []\nFROM b\nCMD []", ""},
        // ExposeProtoCasing, ExposeInvalidFormat
        Row{"FROM a\nEXPOSE 80/TCP 81/tcp 82", "ExposeProtoCasing:2"},
        Row{"FROM a\nEXPOSE 127.0.0.1:80:80", "ExposeInvalidFormat:2"},
        Row{"FROM a\nENV P=\"80 81:82\"\nEXPOSE $P", "ExposeInvalidFormat:3"});
    CAPTURE(row.text);
    CHECK(found(row.text) == row.found);
}

TEST_CASE("lint: rules about variables") {
    Row row = GENERATE(
        // UndefinedVar
        Row{"FROM scratch\nCOPY $x .", "UndefinedVar:2"},
        Row{"FROM scratch\nARG x\nCOPY $x .", ""},
        Row{"FROM scratch\nENV x=1 y=$x", "UndefinedVar:2"},
        Row{"FROM scratch\nENV x=1\nENV y=$x PATH=$PATH:/z", ""},
        Row{"FROM scratch\nCOPY ${x:-y} '$z' .", ""},
        Row{"FROM scratch\nRUN echo $x", ""},
        Row{"FROM scratch\nRUN --mount=type=cache,target=$x y",
            "UndefinedVar:2"},
        Row{"FROM scratch\nCOPY <<a /b\n$x\na", "UndefinedVar:2"},
        Row{"FROM scratch\nCOPY <<'a' /b\n$x\na", ""},
        Row{"FROM scratch AS a\nENV x=1\nFROM a\nLABEL l=$x", ""},
        Row{"ARG x=1\nFROM scratch\nLABEL l=$x", "UndefinedVar:3"},
        Row{"FROM a\nCOPY $x .", ""},  // what "a" sets is not known,
        // SecretsUsedInArgOrEnv
        Row{"FROM a\nARG AWS_SECRET_ACCESS_KEY", "SecretsUsedInArgOrEnv:2"},
        Row{"FROM a\nENV GITHUB_TOKEN=x", "SecretsUsedInArgOrEnv:2"},
        Row{"ARG password\nFROM a", "SecretsUsedInArgOrEnv:1"},
        Row{"FROM a\nENV PUBLIC_KEY=x TOKENIZER=y MONKEY=z", ""});
    CAPTURE(row.text);
    CHECK(found(row.text) == row.found);
}

TEST_CASE("lint: CopyIgnoredFile") {
    Dockerfile file = parse(
        "FROM a\nENV D=tmp\nCOPY ./tmp/x b /y/\nADD $D/x http://tmp/x /y/\n"
        "COPY --from=b tmp/x /y\nCOPY tmp/* . /y/\nCOPY [\"/b/../tmp\", "
        "\"y\"]");
    LintInput input{file};
    CHECK(shown(file, lint(input)).empty());
    input.is_ignored = [](const std::string& path) {
        return path == "tmp" || path.starts_with("tmp/");
    };
    CHECK(shown(file, lint(input)) ==
          "CopyIgnoredFile:3 CopyIgnoredFile:4 CopyIgnoredFile:7");
    CHECK(lint(input)[0].message == "\"./tmp/x\" is excluded by .dockerignore");
}

TEST_CASE("lint: variables of a known base image") {
    Dockerfile file = parse("FROM go AS x\nENV A=$GOPATH B=$GPATH C=$PAHT");
    LintInput input{file};
    input.base_env[0] = {"GOPATH=/go", "PATH"};
    std::vector<LintWarning> warnings = lint(input);
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].message ==
          "$GPATH is not defined (did you mean $GOPATH?)");
    CHECK(warnings[1].message == "$PAHT is not defined (did you mean $PATH?)");
    CHECK(text_at(file, warnings[1].where) == "$PAHT");
}

TEST_CASE("lint: stages that the target does not need") {
    Dockerfile file = parse("FROM a AS Unused\nCMD x\nFROM b\nCMD y");
    CHECK(shown(file, lint({file})) ==
          "StageNameCasing:1 JSONArgsRecommended:4");
    CHECK(shown(file, lint({file, {}, "unused"})) ==
          "StageNameCasing:1 JSONArgsRecommended:2");
}

TEST_CASE("lint: a file that cannot be built is still looked at") {
    CHECK(found("FROM a AS X\nCOPY --from=x y z") == "StageNameCasing:1");
    CHECK(found("ARG A=${\nFROM a$A AS X") == "StageNameCasing:2");
    CHECK(found("FROM ${x AS Y") == "StageNameCasing:1");
}

TEST_CASE("lint: rules that the file skips") {
    CHECK(found("# check=skip=JSONArgsRecommended\nFROM a AS B\nCMD x") ==
          "StageNameCasing:2");
    CHECK(found("# check=skip=jsonargsrecommended,StageNameCasing\n"
                "FROM a AS B\nCMD x") == "");
    CHECK(found("# check=skip=all\nFROM a AS B\nCMD x") == "");
}

TEST_CASE("lint: warnings as errors") {
    std::string text = "# check=error=true\nFROM a AS B\nCMD x";
    CHECK_THAT(
        error_of([&] { refuse_warnings(parse(text), warnings_of(text)); }),
        ContainsSubstring("it breaks JSONArgsRecommended, StageNameCasing"));
    CHECK_NOTHROW(refuse_warnings(parse(text), {}));
    CHECK_NOTHROW(
        refuse_warnings(parse("FROM a AS B"), warnings_of("FROM a AS B")));
}

TEST_CASE("lint: a warning as people see it") {
    Dockerfile file = parse("FROM alpine AS Base\n");
    CHECK(lint_text(file.source, lint({file}).at(0)) ==
          "Dockerfile:1:16: StageNameCasing: the stage's name \"Base\" should "
          "be in lower case\n   1 | FROM alpine AS Base\n"
          "     |                ^~~~");
}

TEST_CASE("lint: there are 21 rules") {
    CHECK(lint_rules().size() == 21);
}
