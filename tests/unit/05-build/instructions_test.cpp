// Each instruction, as it is parsed.
#include "unit/05-build/dockerfile_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

using Texts = std::vector<std::string>;

Texts texts(const std::vector<Word>& words) {
    Texts result;
    for (const Word& word : words) result.push_back(word.text);
    return result;
}

Texts pairs(const std::vector<NameValue>& values) {
    Texts result;
    for (const NameValue& pair : values)
        result.push_back(pair.name.text + "|" + pair.value.text);
    return result;
}

std::string refused(const std::string& instruction) {
    return parse_error("FROM a\n" + instruction);
}

}  // namespace

TEST_CASE("FROM") {
    auto from = [](const std::string& text) {
        return parse(text).stages[0].source();
    };
    CHECK(from("FROM a:1@sha256:0").image.text == "a:1@sha256:0");
    CHECK(from("FROM a As X.y-z_1").stage_name == "x.y-z_1");
    CHECK(from("FROM --platform=linux/arm64 a").platform == "linux/arm64");
    CHECK(from("FROM ${A:-b}").image.text == "${A:-b}");
    CHECK_THAT(parse_error("FROM"), ContainsSubstring("FROM needs an image"));
    CHECK_THAT(parse_error("FROM --platform=x"),
               ContainsSubstring("FROM needs an image"));
    CHECK_THAT(
        parse_error("FROM a b"),
        ContainsSubstring("FROM takes an image, or an image and AS NAME"));
    CHECK_THAT(parse_error("FROM a AS b c"), ContainsSubstring("FROM takes"));
    CHECK_THAT(parse_error("FROM a IS b"),
               ContainsSubstring("\"IS\" stands where AS should"));
    CHECK_THAT(parse_error("FROM a AS 1b"),
               ContainsSubstring("\"1b\" is no name for a stage"));
    CHECK_THAT(parse_error("FROM a AS b/c"), ContainsSubstring("is no name"));
    CHECK_THAT(parse_error("FROM --platfrom=x a"),
               ContainsSubstring("did you mean --platform?"));
}

TEST_CASE("JSON form, or a text for the shell") {
    struct Row {
        std::string text;
        bool is_json;
        Texts words;
    };
    Row row = GENERATE(Row{"[\"a\", \"b c\"]", true, {"a", "b c"}},
                       Row{"  [ \"a\\u00e4\\\"\" ]  ", true, {"aä\""}},
                       Row{"[]", true, {}}, Row{"['a']", false, {"['a']"}},
                       Row{"[\"a\",]", false, {"[\"a\",]"}},
                       Row{"[\"a\", 1]", false, {"[\"a\", 1]"}},
                       Row{"[\"a\"] b", false, {"[\"a\"] b"}},
                       Row{"[ -f x ] && y", false, {"[ -f x ] && y"}},
                       Row{"[[\"a\"]]", false, {"[[\"a\"]]"}},
                       Row{"echo  $A # b", false, {"echo  $A # b"}});
    CAPTURE(row.text);
    Cmd cmd = body_of<Cmd>("CMD " + row.text);
    CHECK(cmd.command.is_json == row.is_json);
    CHECK(cmd.command.words == row.words);
    Entrypoint entrypoint = body_of<Entrypoint>("ENTRYPOINT " + row.text);
    CHECK(entrypoint.command.words == row.words);
    CHECK_THAT(refused("CMD [\"a\\u0000\"]"), ContainsSubstring("NUL"));
    CHECK_THAT(refused("CMD"), ContainsSubstring("CMD needs a command"));
    CHECK_THAT(refused("CMD --x a"), ContainsSubstring("CMD has no flags"));
}

TEST_CASE("RUN") {
    Run run = body_of<Run>(
        "RUN --mount=type=cache,target=/x,ro --network=none "
        "--mount=type=secret,\"id=a,b\" --security=sandbox make '--x'");
    CHECK(run.command.words == Texts{"make '--x'"});
    CHECK(run.network == "none");
    CHECK(run.security == "sandbox");
    REQUIRE(run.mounts.size() == 2);
    using Options = std::vector<std::pair<std::string, std::string>>;
    CHECK(run.mounts[0].options ==
          Options{{"type", "cache"}, {"target", "/x"}, {"ro", "true"}});
    CHECK(run.mounts[1].options == Options{{"type", "secret"}, {"id", "a,b"}});
    CHECK(body_of<Run>("RUN -- --x").command.words == Texts{"--x"});

    Run script = body_of<Run>("RUN <<EOF cat > f\na $b\nEOF\n");
    CHECK(script.command.words == Texts{"<<EOF cat > f"});
    REQUIRE(script.command.heredocs.size() == 1);
    CHECK(script.command.heredocs[0].text == "a $b\n");
    CHECK(only("RUN <<EOF cat > f\na $b\nEOF\n").text == "RUN <<EOF cat > f");
}

TEST_CASE("RUN: what is refused") {
    struct Row {
        std::string text, says;
    };
    Row row = GENERATE(
        Row{"RUN", "RUN needs a command"}, Row{"RUN []", "RUN needs a command"},
        Row{"RUN --network=none", "RUN needs a command"},
        Row{"RUN --network=nome x", "did you mean none?"},
        Row{"RUN --network=none --network=host x", "--network is given twice"},
        Row{"RUN --network x", "--network has no value"},
        Row{"RUN --security=off x", "--security cannot be \"off\""},
        Row{"RUN --device=x y", "RUN gets no devices"},
        Row{"RUN --mount=type=cach,target=/x y", "did you mean cache?"},
        Row{"RUN --mount=type=bind,tagret=/x y", "did you mean target?"},
        Row{"RUN --mount=target=/x, y", "unknown option \"\""},
        Row{"RUN --mount=from=$A,target=/x y", "variables are not replaced"},
        Row{"RUN --muont=x y", "did you mean --mount?"});
    CAPTURE(row.text);
    CHECK_THAT(refused(row.text), ContainsSubstring(row.says));
}

TEST_CASE("COPY and ADD") {
    Copy copy = body_of<Copy>(
        "COPY --from=Build --chown=a:$B --chmod=u=rwX --link --parents=true "
        "--exclude=*.o --exclude='a b' x \"y z\" a\\ b /dest/");
    CHECK(copy.from == "Build");
    CHECK(copy.chown == "a:$B");
    CHECK(copy.chmod == "u=rwX");
    CHECK(copy.link);
    CHECK(copy.parents);
    CHECK(copy.exclude == Texts{"*.o", "'a b'"});
    CHECK(texts(copy.sources) == Texts{"x", "\"y z\"", "a\\ b"});
    CHECK(copy.destination.text == "/dest/");
    CHECK_FALSE(copy.is_add);

    CHECK_FALSE(body_of<Copy>("COPY --link=false a b").link);
    Copy json = body_of<Copy>("COPY [\"a b\", \"c\", \"/d e\"]");
    CHECK(texts(json.sources) == Texts{"a b", "c"});
    CHECK(json.destination.text == "/d e");

    Copy add = body_of<Copy>(
        "ADD --unpack=false --checksum=sha256:0 --keep-git-dir http://x/y /z");
    CHECK(add.is_add);
    CHECK(add.unpack == false);
    CHECK(add.checksum == "sha256:0");
    CHECK(add.keep_git_dir);
    CHECK(texts(add.sources) == Texts{"http://x/y"});
    CHECK_FALSE(body_of<Copy>("ADD a b").unpack);

    Copy windows = body_of<Copy>("COPY a c:\\", "# escape=`\nFROM a\n");
    CHECK(windows.destination.text == "c:\\");
}

TEST_CASE("COPY: words know where they stand") {
    Dockerfile file = parse(
        "FROM a\nCOPY \\\n  one \\\n  [two] /d\nCOPY [ \"x\\\"\", \"y\" ]");
    const auto& copy = std::get<Copy>(file.stages[0].instructions[0].body);
    CHECK(text_at(file, copy.sources[0].where) == "one");
    CHECK(text_at(file, copy.sources[1].where) == "[two]");
    CHECK(text_at(file, copy.destination.where) == "/d");
    const auto& json = std::get<Copy>(file.stages[0].instructions[1].body);
    CHECK(text_at(file, json.sources[0].where) == "\"x\\\"\"");
    CHECK(text_at(file, json.destination.where) == "\"y\"");
}

TEST_CASE("COPY: heredocs") {
    Copy copy =
        body_of<Copy>("COPY <<a.txt x <<-\"b\" /d/\n$A\na.txt\n\t$B\n\tb\n");
    REQUIRE(copy.heredocs.size() == 2);
    CHECK(copy.heredocs[0].word == "a.txt");
    CHECK(copy.heredocs[0].text == "$A\n");
    CHECK(copy.heredocs[0].expands);
    CHECK(copy.heredocs[1].word == "b");
    CHECK(copy.heredocs[1].text == "$B\n");
    CHECK_FALSE(copy.heredocs[1].expands);
    CHECK(texts(copy.sources) == Texts{"x"});
    CHECK(copy.destination.text == "/d/");
}

TEST_CASE("COPY: what is refused") {
    struct Row {
        std::string text, says;
    };
    Row row = GENERATE(
        Row{"COPY", "COPY needs at least one source and a destination"},
        Row{"COPY a", "COPY needs at least one source and a destination"},
        Row{"ADD a", "ADD needs at least one source"},
        Row{"COPY []", "COPY needs at least one source"},
        Row{"COPY [\"a\"]", "COPY needs at least one source"},
        Row{"COPY a <<EOF\nEOF", "a heredoc cannot be the destination"},
        Row{"COPY <<../x /y\n../x", "\"../x\" is no name for a file"},
        Row{"COPY --from=a <<x /y\nx", "a heredoc comes from no stage"},
        Row{"COPY --from=$A x y", "variables are not replaced in --from"},
        Row{"COPY --from x y", "--from has no value"},
        Row{"COPY --from= x y", "--from has no value"},
        Row{"COPY --link=yes x y", "--link is either true or false"},
        Row{"COPY --link --link x y", "--link is given twice"},
        Row{"COPY --unpack x y", "unknown flag --unpack for COPY"},
        Row{"ADD --from=a x y", "unknown flag --from for ADD"},
        Row{"COPY --chwon=a x y", "did you mean --chown?"});
    CAPTURE(row.text);
    CHECK_THAT(refused(row.text), ContainsSubstring(row.says));
}

TEST_CASE("ENV and LABEL") {
    struct Row {
        std::string rest;
        bool old_form;
        Texts pairs;
    };
    Row row = GENERATE(Row{"k=v", false, {"k|v"}},
                       Row{"k=v k2=\"v 2\" k3=a\\ b",
                           false,
                           {"k|v", "k2|\"v 2\"", "k3|a\\ b"}},
                       Row{"k=", false, {"k|"}}, Row{"k=a=b", false, {"k|a=b"}},
                       Row{"\"a b\"=c", false, {"\"a b\"|c"}},
                       Row{"'k=a'=v", false, {"'k=a'|v"}},
                       Row{"k rest of  line", true, {"k|rest of  line"}},
                       Row{"k   v=w", true, {"k|v=w"}},
                       Row{"k \"a b\"", true, {"k|\"a b\""}});
    CAPTURE(row.rest);
    Env env = body_of<Env>("ENV " + row.rest);
    CHECK(pairs(env.values) == row.pairs);
    CHECK(env.old_form == row.old_form);
    Label label = body_of<Label>("LABEL " + row.rest);
    CHECK(pairs(label.values) == row.pairs);
    CHECK(label.old_form == row.old_form);
}

TEST_CASE("ENV and LABEL: what is refused") {
    CHECK_THAT(refused("ENV"), ContainsSubstring("ENV needs NAME=VALUE"));
    CHECK_THAT(refused("ENV a"), ContainsSubstring("ENV \"a\" has no value"));
    CHECK_THAT(refused("LABEL a"), ContainsSubstring("write LABEL NAME=VALUE"));
    CHECK_THAT(refused("ENV =v"),
               ContainsSubstring("no name in front of the ="));
    CHECK_THAT(refused("ENV \"\"=v"), ContainsSubstring("no name in front"));
    CHECK_THAT(refused("ENV a=b c d=e"),
               ContainsSubstring("Dockerfile:2:9: \"c\" is not NAME=VALUE\n"
                                 "   2 | ENV a=b c d=e\n     |         ^"));
}

TEST_CASE("ARG") {
    Arg arg = body_of<Arg>("ARG a b=1 c= d=\"x y\"");
    REQUIRE(arg.values.size() == 4);
    CHECK(arg.values[0].name == "a");
    CHECK_FALSE(arg.values[0].value);
    CHECK(arg.values[1].value->text == "1");
    CHECK(arg.values[2].value->text.empty());
    CHECK(arg.values[3].value->text == "\"x y\"");
    CHECK_THAT(refused("ARG"), ContainsSubstring("ARG needs a name"));
    CHECK_THAT(refused("ARG =a"),
               ContainsSubstring("no name in front of the ="));
}

TEST_CASE("EXPOSE, USER, WORKDIR, VOLUME, MAINTAINER") {
    CHECK(texts(body_of<Expose>("EXPOSE 80 53/udp $P 1-2").ports) ==
          Texts{"80", "53/udp", "$P", "1-2"});
    CHECK_THAT(refused("EXPOSE"), ContainsSubstring("EXPOSE needs a port"));
    CHECK(body_of<UserInstruction>("USER a:$G").user.text == "a:$G");
    CHECK_THAT(refused("USER a b"), ContainsSubstring("USER takes a user and"));
    CHECK(body_of<Workdir>("WORKDIR  /a b/$C ").path.text == "/a b/$C");
    CHECK_THAT(refused("WORKDIR"), ContainsSubstring("WORKDIR needs a path"));
    Volume json = body_of<Volume>("VOLUME [\"/a\", \"/b c\"]");
    CHECK(texts(json.paths) == Texts{"/a", "/b c"});
    Volume words = body_of<Volume>("VOLUME /a /b");
    CHECK(texts(words.paths) == Texts{"/a", "/b"});
    CHECK_THAT(refused("VOLUME []"), ContainsSubstring("VOLUME needs a path"));
    CHECK_THAT(refused("VOLUME [\"\"]"), ContainsSubstring("cannot be empty"));
    CHECK(body_of<Maintainer>("MAINTAINER A <a@b>").name == "A <a@b>");
    CHECK_THAT(refused("USER --x a"), ContainsSubstring("USER has no flags"));
}

TEST_CASE("STOPSIGNAL") {
    std::string good =
        GENERATE("SIGTERM", "TERM", "term", "9", "$SIG", "\"INT\"");
    CHECK(body_of<StopSignal>("STOPSIGNAL " + good).signal.text == good);
    std::string bad = GENERATE("0", "-1", "SIGTREM", "TERM INT", "");
    CAPTURE(bad);
    CHECK_THAT(refused("STOPSIGNAL " + bad),
               ContainsSubstring("Dockerfile:2:"));
}

TEST_CASE("SHELL") {
    CHECK(body_of<Shell>("SHELL [\"/bin/bash\", \"-c\"]").words ==
          Texts{"/bin/bash", "-c"});
    std::string bad = GENERATE("", "/bin/bash", "[]", "['a']");
    CHECK_THAT(refused("SHELL " + bad),
               ContainsSubstring("SHELL needs a JSON list of words"));
}

TEST_CASE("HEALTHCHECK") {
    CHECK(body_of<HealthcheckInstruction>("HEALTHCHECK none").is_none);
    auto check = body_of<HealthcheckInstruction>(
        "HEALTHCHECK --interval=1m30s --timeout=0s --start-period=500ms "
        "--start-interval=2s --retries=3 cmd curl -f / || exit 1");
    CHECK_FALSE(check.is_none);
    CHECK(check.interval == "1m30s");
    CHECK(check.timeout == "0s");
    CHECK(check.start_period == "500ms");
    CHECK(check.start_interval == "2s");
    CHECK(check.retries == "3");
    CHECK(check.command.words == Texts{"curl -f / || exit 1"});
    CHECK(body_of<HealthcheckInstruction>("HEALTHCHECK CMD [\"a\"]")
              .command.is_json);
}

TEST_CASE("HEALTHCHECK: what is refused") {
    struct Row {
        std::string text, says;
    };
    Row row = GENERATE(
        Row{"", "HEALTHCHECK needs CMD and a command, or NONE"},
        Row{"CMD", "HEALTHCHECK needs a command"},
        Row{"CMD []", "HEALTHCHECK CMD needs a command"},
        Row{"NONE x", "HEALTHCHECK NONE stands alone"},
        Row{"--interval=1s NONE", "HEALTHCHECK NONE stands alone"},
        Row{"NOEN", "did you mean NONE?"},
        Row{"curl x", "\"curl\" is neither CMD nor NONE"},
        Row{"--interval=30 CMD x", "\"30\" is no length of time"},
        Row{"--interval=999us CMD x", "--interval cannot be less than 1ms"},
        Row{"--timeout=-1s CMD x", "--timeout cannot be less than 1ms"},
        Row{"--retries=-1 CMD x", "\"-1\" is no number of retries"},
        Row{"--intervall=1s CMD x", "did you mean --interval?"});
    CAPTURE(row.text);
    CHECK_THAT(refused("HEALTHCHECK " + row.text), ContainsSubstring(row.says));
}

TEST_CASE("ONBUILD") {
    CHECK(body_of<OnBuild>("onbuild  COPY a  b").text == "COPY a  b");
    CHECK(body_of<OnBuild>("ONBUILD RUN <<E\n x\nE\n").text ==
          "RUN <<E\n x\nE\n");
    CHECK_THAT(refused("ONBUILD"), ContainsSubstring("ONBUILD needs"));
    std::string verb = GENERATE("ONBUILD RUN a", "from a", "MAINTAINER a");
    CHECK_THAT(refused("ONBUILD " + verb),
               ContainsSubstring("cannot be behind ONBUILD"));
    // What is wrong inside is said at once, and where.
    CHECK_THAT(refused("ONBUILD COPY a"),
               ContainsSubstring("Dockerfile:2:14: COPY needs at least"));
    CHECK_THAT(refused("ONBUILD RUNN a"),
               ContainsSubstring("Dockerfile:2:9: unknown instruction"));
}
