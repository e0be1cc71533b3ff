// step5-build: images from Dockerfiles.
//
// What step 4 does is still there: its verbs are handed on to its program.
#include <string>
#include <vector>

#include "04-images/rootless.hpp"
#include "05-build/verbs.hpp"
#include "common/exec.hpp"
#include "common/program.hpp"

using namespace slipway;

namespace {

// "buildx build" is build; "builder prune" is one verb.
std::vector<char*> joined(int argc, char** argv,
                          std::vector<std::string>& kept) {
    std::vector<char*> words(argv, argv + argc);
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        std::string first = words[i], second = words[i + 1];
        if (first == "buildx" && (second == "build" || second == "b")) {
            words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
            kept.push_back("build");
            words[i] = kept.back().data();
            break;
        }
        if (first == "builder" || first == "buildx") {
            kept.push_back("builder-" + second);
            words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
            words[i] = kept.back().data();
            break;
        }
        if (!first.starts_with('-') && words[i - 1] != std::string("--root"))
            break;
    }
    words.push_back(nullptr);
    return words;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> kept;
    kept.reserve(1);
    std::vector<char*> words = joined(argc, argv, kept);
    Settings settings;
    CommandLine line("step5-build", "[--root DIR] COMMAND ...",
                     "Images from Dockerfiles.");
    declare_settings(line, settings);
    auto here = [&](Verb verb) { return rootless(std::move(verb), argv); };
    std::vector<Verb> verbs = {here(build_verb(settings)),
                               here(builder_prune_verb(settings)),
                               here(builder_du_verb(settings))};
    for (const char* name :
         {"run",  "pull",   "push",  "images", "inspect", "history", "tag",
          "rmi",  "save",   "load",  "import", "export",  "ps",      "rm",
          "diff", "commit", "prune", "fsck",   "login",   "logout"})
        verbs.push_back(
            {name, "", "As step4-images has it.", {}, [argv](auto&) -> int {
                 become_beside("step4-images", argv);
             }});
    return run_verbs(line, static_cast<int>(words.size()) - 1, words.data(),
                     verbs);
}
