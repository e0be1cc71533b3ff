#include "06-engine/cli/completion.hpp"

#include <unistd.h>

#include "common/files.hpp"
#include "common/spawn.hpp"
#include "unit/06-cli/refusal.hpp"

using namespace slipway;

namespace {

std::string script(std::string_view shell) {
    CommandLine program("slipway", "", "");
    program.value("--root", "DIR", "where", [](auto&) {});
    auto declare = [](CommandLine& line) {
        static bool flag;
        line.flag("-d,--detach", "in the background", flag);
        line.value("--network,--net", "NETWORK", "which", [](auto&) {});
        line.value("--env-file", "FILE", "which", [](auto&) {});
        line.value("-e,--env", "NAME=VALUE", "what's it", [](auto&) {});
        line.hide("--net");
    };
    auto nothing = [](CommandLine&) {};
    auto run = [](auto&) { return 0; };
    return completion_script(
        shell, program,
        {{"run",
          {"run", "[OPTION...] IMAGE [COMMAND...]", "Runs.", declare, run}},
         {"rm", {"rm", "[OPTION...] CONTAINER...", "Removes.", nothing, run}},
         {"network ls", {"network ls", "", "Lists.", nothing, run}},
         {"network connect",
          {"connect", "NETWORK CONTAINER", "Connects.", nothing, run}}});
}

// What bash offers behind these words, the last of which is being typed.
std::string offered(const std::string& words) {
    TempDir dir("completion");
    std::string file = dir.path() + "/script";
    write_file_atomic(file, script("bash") + R"(
slipway() {
    case "$*" in
    "ps -a "*) echo web; echo worker ;;
    images*) printf '%s\n' nginx:1 nginx:2 '<none>:<none>' ;;
    "network ls"*) echo front ;;
    esac
}
COMP_WORDS=(slipway )" + words + R"()
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_slipway
echo "${COMPREPLY[*]}" > )" + dir.path() +
                                "/out\n");
    SpawnPlan plan;
    plan.program = "/bin/bash";
    plan.arguments = {"bash", file};
    CHECK(spawn(std::move(plan)).wait().ok());
    std::string out = read_file(dir.path() + "/out", 4096);
    out.pop_back();
    return out;
}

}  // namespace

TEST_CASE("bash completes verbs, options, names and values") {
    struct Row {
        std::string words, offered;
    };
    Row row = GENERATE(
        Row{"''", "run rm network"}, Row{"r", "run rm"}, Row{"--ro", "--root"},
        Row{"--root /x ru", "run"}, Row{"network ''", "ls connect"},
        Row{"network c", "connect"}, Row{"run --de", "--detach"},
        Row{"run -d --ne", "--network"}, Row{"run --network ''", "front"},
        Row{"run --network = f", "front"}, Row{"run -e A n", "nginx:1 nginx:2"},
        Row{"run ngi", "nginx:1 nginx:2"}, Row{"run nginx : ''", "1 2"},
        Row{"run nginx :", "1 2"}, Row{"run nginx : 2", "2"},
        Row{"run nginx -", ""}, Row{"rm w", "web worker"},
        Row{"rm web wo", "worker"}, Row{"network connect ''", "front"},
        Row{"network connect front w", "web worker"},
        Row{"network connect front web ''", ""}, Row{"nosuch ''", ""});
    CHECK(offered(row.words) == row.offered);
}

TEST_CASE("scripts for other shells name the same") {
    std::string zsh = script("zsh");
    CHECK(zsh.starts_with("#compdef slipway\n"));
    CHECK_THAT(zsh, ContainsSubstring("'network connect')"));
    std::string fish = script("fish");
    CHECK_THAT(fish, ContainsSubstring("-l detach -d 'in the background'"));
    CHECK_THAT(fish, ContainsSubstring("-s e -l env -x -d 'what\\'s it'"));
    CHECK_THAT(fish, ContainsSubstring("-l env-file -r -F"));
    CHECK_THAT(fish, ContainsSubstring("'(__slipway_names NETWORK)'"));
    CHECK(fish.find("-l net ") == fish.npos);
    CHECK_THAT(refusal([] { script("csh"); }), ContainsSubstring("csh"));
}
