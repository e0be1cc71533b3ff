#include "06-engine/cli/nouns.hpp"

#include "common/error.hpp"
#include "common/text.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using Texts = std::vector<std::string>;

namespace {

std::vector<Verb> verbs() {
    std::vector<Verb> list;
    for (const char* name :
         {"run", "ps", "images", "rm", "volume ls", "volume rm", "system df",
          "inspect", "builder prune", "build"})
        list.push_back({name, "", cat("summary of ", name), {}, {}});
    list.push_back({"internal", "", "", {}, {}});
    return list;
}

std::string joined(const Texts& typed) {
    Texts argv = {"/usr/bin/slipway"};
    argv.insert(argv.end(), typed.begin(), typed.end());
    NounLine line = join_nouns(argv, verbs());
    CHECK_FALSE(line.help);
    line.words.erase(line.words.begin());
    return join(line.words, "|");
}

std::string help_of(const Texts& typed) {
    Texts argv = {"slipway"};
    argv.insert(argv.end(), typed.begin(), typed.end());
    return join_nouns(argv, verbs()).help.value_or("none");
}

}  // namespace

TEST_CASE("noun and verb are a short verb, or one of two words") {
    CHECK(joined({"ps", "-a"}) == "ps|-a");
    CHECK(joined({"container", "ls", "-a"}) == "ps|-a");
    CHECK(joined({"image", "rm", "x"}) == "rmi|x");
    CHECK(joined({"volume", "ls"}) == "volume ls");
    CHECK(joined({"volume", "remove", "v"}) == "volume rm|v");
    CHECK(joined({"image", "inspect", "x"}) == "inspect|--type=image|x");
    CHECK(joined({"buildx", "build", "--tag", "x", "."}) == "build|--tag|x|.");
    CHECK(joined({"buildx", "prune"}) == "builder prune");
    CHECK(joined({"--root", "container", "--state=x", "system", "df"}) ==
          "--root|container|--state=x|system df");
    // A command of the container's is nobody's noun.
    CHECK(joined({"run", "x", "container", "ls"}) == "run|x|container|ls");
    CHECK(joined({}).empty());
    CHECK(joined({"--help"}) == "--help");
}

TEST_CASE("a noun alone is asked for its verbs") {
    std::string help = help_of({"volume"});
    CHECK(help.starts_with("Usage: slipway volume COMMAND\n\nManage volumes"));
    CHECK(help.find("  ls       summary of volume ls\n") != std::string::npos);
    CHECK(help.find("create") == std::string::npos);  // no such verb here
    CHECK(help_of({"--root", "x", "volume", "--help"}) == help);
    CHECK(help_of({"container", "-h"}).find("  ls       summary of ps") !=
          std::string::npos);
}

TEST_CASE("a verb that the noun does not have") {
    try {
        joined({"volume", "lss"});
        CHECK(false);
    } catch (const Error& error) {
        CHECK(error.message() == "unknown command \"volume lss\"");
        CHECK(error.advice() == "did you mean volume ls?");
    }
    CHECK_THROWS_AS(joined({"image", "nothing-like-it"}), Error);
}

TEST_CASE("the help has the groups that people know") {
    std::string text = grouped_verbs(verbs());
    CHECK(text.starts_with("Common Commands:\n  run     summary of run\n"));
    CHECK(text.find("\nManagement Commands:\n  builder    Manage") !=
          std::string::npos);
    CHECK(text.find("\nCommands:\n  inspect  summary of inspect\n  rm ") !=
          std::string::npos);
    CHECK(text.find("internal") == std::string::npos);
    CHECK(text.find("volume ls") == std::string::npos);
}
