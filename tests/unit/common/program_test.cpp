#include "common/program.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <iostream>

#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Outcome {
    int status = 0;
    std::string out, err;
    std::string value;
    std::vector<std::string> values, words;
    bool flag = false;
};

using Program = std::function<int(Outcome& outcome, int argc, char** argv)>;

// Runs a program with stdout and stderr turned to files.
Outcome capture(const Program& program, std::vector<std::string> arguments) {
    Outcome outcome;
    TempDir dir("program");
    std::string names[] = {dir.path() + "/out", dir.path() + "/err"};
    UniqueFd saved[2];
    std::fflush(nullptr);  // what the test runner has printed so far
    std::cout.flush();
    for (int i = 0; i < 2; ++i) {
        saved[i].reset(::dup(i + 1));
        UniqueFd file(::open(names[i].c_str(), O_WRONLY | O_CREAT, 0600));
        ::dup2(file.get(), i + 1);
    }
    arguments.insert(arguments.begin(), "prog");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    outcome.status =
        program(outcome, static_cast<int>(arguments.size()), argv.data());
    std::fflush(nullptr);
    std::cout.flush();
    for (int i = 0; i < 2; ++i) ::dup2(saved[i].get(), i + 1);
    outcome.out = read_file(names[0], 1 << 20);
    outcome.err = read_file(names[1], 1 << 20);
    return outcome;
}

// A program of three options.
Outcome run(const std::vector<std::string>& arguments,
            int (*body)() = nullptr) {
    auto program = [&](Outcome& outcome, int argc, char** argv) {
        CommandLine line("prog", "[OPTION...] WORD...", "Does things.");
        line.value("-w,--workdir", "DIR", "where", [&](auto& text) {
            if (text == "bad")
                throw Error(ErrorKind::InvalidArgument, "bad dir");
            outcome.value = text;
        });
        line.values("--env", "K=V", "what",
                    [&](auto& text) { outcome.values.push_back(text); });
        line.flag("--init", "reap", outcome.flag);
        return run_program(line, argc, argv, [&](auto& words) {
            outcome.words = words;
            return body ? body() : 7;
        });
    };
    return capture(program, arguments);
}

// A program of two verbs.
Outcome run_with_verbs(const std::vector<std::string>& arguments) {
    auto program = [](Outcome& outcome, int argc, char** argv) {
        CommandLine line("prog", "[OPTION...] COMMAND", "Does things.");
        line.value("--root", "DIR", "where",
                   [&](auto& text) { outcome.value = text; });
        auto take = [&](auto& words) {
            outcome.words = words;
            return 7;
        };
        auto nothing = [](CommandLine&) {};
        auto declare = [&](CommandLine& own) {
            own.flag("--quiet", "say little", outcome.flag);
        };
        return run_verbs(line, argc, argv,
                         {{"pull", "NAME", "Fetches.", declare, take, true},
                          {"push", "NAME", "Sends.", nothing, take},
                          {"save", "NAME", "Writes.", declare, take},
                          {"elsewhere", "", "As it is.", {}, take}});
    };
    return capture(program, arguments);
}

// Options as Docker has them.
Outcome run_like_docker(const std::vector<std::string>& arguments) {
    auto program = [](Outcome& outcome, int argc, char** argv) {
        CommandLine line("prog", "IMAGE", "Does things.");
        line.flag("-t,--tty", "terminal", outcome.flag);
        line.group("Network");
        line.value("-h,--hostname", "NAME", "name",
                   [&](auto& text) { outcome.value = text; });
        line.values("-p,--publish,--pub", "PORT", "port",
                    [&](auto& text) { outcome.values.push_back(text); });
        line.hide("--pub");
        line.value("--old", "VALUE", "hidden-words", [](auto&) {});
        line.hide("--old");
        line.refuse("-g,--gone", "it is not here");
        return run_program(line, argc, argv, [&](auto& words) {
            outcome.words = words;
            CHECK(line.arguments() ==
                  std::vector<std::string>(argv + 1, argv + argc));
            CHECK(line.find("--pub")->placeholder == "PORT");
            CHECK(line.find("-t")->placeholder.empty());
            CHECK_FALSE(line.find("--quiet"));
            CHECK(line.options()[2].names ==
                  std::vector<std::string>{"-p", "--publish"});
            for (const CommandLine::Option& option : line.options())
                CHECK_FALSE(option.names.empty());
            return 7;
        });
    };
    return capture(program, arguments);
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("what is not there is refused with its reason, and not in the help") {
    for (const Words& typed : {Words{"--gone", "image"},
                               {"--gone=x", "image"},
                               {"-g"},
                               {"-g", "x", "y"},
                               {"-g", "x", "--gone=y"}})
        CHECK(run_like_docker(typed).err == "prog: --gone: it is not here\n");
    CHECK(run_like_docker({"--old", "x", "image"}).status == 7);
    std::string help = run_like_docker({"--help"}).out;
    CHECK(help.find("--publish PORT ...") != std::string::npos);
    for (const char* absent : {"--gone", "it is not here", "hidden-words"})
        CHECK(help.find(absent) == std::string::npos);
}

TEST_CASE("options come first, the first word ends them") {
    Outcome got = run({"-w", "/x", "--env", "A=1", "--env=B=2", "--init",
                       "root", "--workdir", "-l", "--"});
    CHECK(got.status == 7);
    CHECK(got.value == "/x");
    CHECK(got.values == Words{"A=1", "B=2"});
    CHECK(got.flag);
    CHECK(got.words == Words{"root", "--workdir", "-l", "--"});
    CHECK(got.err.empty());
}

TEST_CASE("a double dash ends the options too, once") {
    CHECK(run({"--", "-l", "--", "x"}).words == Words{"-l", "--", "x"});
    CHECK(run({}).words.empty());
    CHECK(run({"-"}).words == Words{"-"});
}

TEST_CASE("an option given twice: the last one holds") {
    CHECK(run({"-w", "a", "-w", "b"}).value == "b");
}

TEST_CASE("an unknown option is 125 with a suggestion") {
    Outcome got = run({"--workdri", "x", "root"});
    CHECK(got.status == 125);
    CHECK(got.err ==
          "prog: unknown option \"--workdri\"\n  did you mean --workdir?\n");
    got = run({"-Z", "root"});
    CHECK(got.status == 125);
    CHECK_THAT(got.err, ContainsSubstring("prog --help"));
}

TEST_CASE("an option without its value is 125") {
    Outcome got = run({"--workdir"});
    CHECK(got.status == 125);
    CHECK_THAT(got.err, ContainsSubstring("--workdir"));
}

TEST_CASE("an Error is printed once, with its advice and exit status") {
    Outcome got = run({"x"}, []() -> int {
        throw Error(ErrorKind::NotFound, "nothing here")
            .advise("look there")
            .exit_with(127);
    });
    CHECK(got.status == 127);
    CHECK(got.err == "prog: nothing here\n  look there\n");
    CHECK(got.out.empty());
    got = run({"-w", "bad"});
    CHECK(got.status == 125);
    CHECK(got.err == "prog: bad dir\n");
}

TEST_CASE("other exceptions are printed too") {
    Outcome got = run({"x"}, []() -> int { throw std::runtime_error("oops"); });
    CHECK(got.status == 125);
    CHECK(got.err == "prog: oops\n");
}

TEST_CASE("help and version go to stdout, status 0") {
    Outcome got = run({"--help"});
    CHECK(got.status == 0);
    CHECK_THAT(got.out, ContainsSubstring("Usage: prog [OPTION...] WORD...") &&
                            ContainsSubstring("--workdir DIR") &&
                            ContainsSubstring("--explain "));
    CHECK(got.err.empty());
    got = run({"--version"});
    CHECK(got.status == 0);
    CHECK_THAT(got.out, ContainsSubstring("prog (Slipway) "));
}

TEST_CASE("the explain option knows its forms") {
    Outcome got = run({"--explain=xml", "x"});
    CHECK(got.status == 125);
    CHECK_THAT(got.err, ContainsSubstring("text and json"));
    got = run({"--explain-to", "/no/such/folder/file", "x"});
    CHECK(got.status == 125);
    CHECK_THAT(got.err, ContainsSubstring("/no/such/folder/file"));
}

TEST_CASE("verbs have options of their own") {
    Outcome outcome =
        run_with_verbs({"--root", "/r", "pull", "--quiet", "name", "--root"});
    CHECK(outcome.status == 7);
    CHECK(outcome.value == "/r");
    CHECK(outcome.flag);
    CHECK(outcome.words == std::vector<std::string>{"name", "--root"});
    CHECK(run_with_verbs({"push"}).status == 7);
}

TEST_CASE("options may follow the words of a verb that takes no command") {
    Outcome outcome = run_with_verbs({"save", "name", "--quiet", "--", "-x"});
    CHECK(outcome.flag);
    CHECK(outcome.words == Words{"name", "-x"});
    CHECK_THAT(run_with_verbs({"save", "name", "--quite"}).err,
               ContainsSubstring("did you mean --quiet?"));
    CHECK(run_with_verbs({"elsewhere", "--help", "x"}).words ==
          Words{"--help", "x"});
}

TEST_CASE("verbs that do not exist, and help on those that do") {
    Outcome outcome = run_with_verbs({"pul"});
    CHECK(outcome.status == 125);
    CHECK(outcome.err ==
          "prog: unknown command \"pul\"\n  did you mean pull?\n");
    CHECK(run_with_verbs({"nothing-like-it"}).err ==
          "prog: unknown command \"nothing-like-it\"\n"
          "  prog --help lists them\n");
    CHECK(run_with_verbs({"-v"}).out == run_with_verbs({"--version"}).out);
    CHECK_THAT(run_with_verbs({}).err, ContainsSubstring("no command given"));
    CHECK_THAT(run_with_verbs({"push", "--quiet"}).err,
               ContainsSubstring("unknown option \"--quiet\""));
    CHECK_THAT(run_with_verbs({"--help"}).out,
               ContainsSubstring("pull       Fetches."));
    CHECK_THAT(run_with_verbs({"pull", "--help"}).out,
               ContainsSubstring("Usage: prog pull NAME"));
}

TEST_CASE("values stand behind their options in all of Go's ways") {
    struct Row {
        Words typed, values, words;
    };
    Row row = GENERATE(
        Row{{"-tp", "1", "x", "-p", "2"}, {"1"}, {"x", "-p", "2"}},
        Row{{"-tp1", "-tp=2", "--tty=true"}, {"1", "2"}, {}},
        Row{{"-t", "--publish=", "x"}, {""}, {"x"}},
        Row{{"-t", "-p=", "x", "-p="}, {""}, {"x", "-p="}},
        Row{{"-tp", "-x", "-p", "--tty=false"}, {"-x", "--tty=false"}, {}},
        Row{{"-t", "--pub", "a", "--pub=b=c", "--", "-p=3"},
            {"a", "b=c"},
            {"-p=3"}});
    Outcome outcome = run_like_docker(row.typed);
    CHECK(outcome.status == 7);
    CHECK(outcome.flag);
    CHECK(outcome.values == row.values);
    CHECK(outcome.words == row.words);
    CHECK_FALSE(run_like_docker({"-t=false"}).flag);
    CHECK(run_like_docker({"-h", "name"}).value == "name");
}

TEST_CASE("what is wrong with short options is said") {
    CHECK_THAT(run_like_docker({"-tz", "x"}).err,
               ContainsSubstring("unknown option \"-z\""));
    CHECK_THAT(run_like_docker({"-t=perhaps"}).err,
               ContainsSubstring("perhaps"));
    CHECK_THAT(run_like_docker({"-tp"}).err, ContainsSubstring("missing"));
}

TEST_CASE("help has groups, and no hidden names") {
    std::string text = run_like_docker({"--help"}).out;
    CHECK_THAT(text, ContainsSubstring("Network:\n  -h,--hostname NAME"));
    CHECK_THAT(text, ContainsSubstring("  -p,--publish PORT"));
    CHECK_THAT(text, ContainsSubstring("\n  --help "));
}
