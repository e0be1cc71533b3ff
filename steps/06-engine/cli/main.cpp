// slipway: the engine's command line, which is Docker's.
#include <string>
#include <utility>
#include <vector>

#include "06-engine/cli/absent_verbs.hpp"
#include "06-engine/cli/completion.hpp"
#include "06-engine/cli/image_events.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/cli/nouns.hpp"
#include "06-engine/cli/verbs.hpp"
#include "common/exec.hpp"
#include "common/program.hpp"

using namespace slipway;

namespace {

// Measures what each mechanism isolates: a program of its own, and big enough.
Verb compare_verb() {
    return {"compare",
            "",
            "Measure what each mechanism isolates",
            {},
            [](const std::vector<std::string>& words) -> int {
                std::vector<std::string> arguments = {"compare"};
                arguments.insert(arguments.end(), words.begin(), words.end());
                std::vector<char*> pointers;
                pointers.reserve(arguments.size() + 1);
                for (std::string& word : arguments)
                    pointers.push_back(word.data());
                pointers.push_back(nullptr);
                become_beside("compare", pointers.data());
            }};
}

}  // namespace

int main(int argc, char** argv) {
    EngineSettings settings;
    CommandLine line("slipway", "[OPTION...] COMMAND ...",
                     "Containers, without a daemon.");
    declare_engine_settings(line, settings);
    auto elsewhere = [&](const char* name, const char* summary) {
        return Verb{name, "", summary, {}, [argv](auto&) -> int {
                        become_beside("slipway-transfer", argv);
                    }};
    };
    std::vector<Verb> verbs = {
        run_container_verb(settings, argv),
        create_container_verb(settings),
        start_container_verb(settings, argv),
        stop_container_verb(settings),
        restart_container_verb(settings, argv),
        kill_container_verb(settings),
        remove_container_verb(settings),
        exec_container_verb(settings, argv),
        wait_container_verb(settings),
        pause_container_verb(settings),
        unpause_container_verb(settings),
        rename_container_verb(settings),
        attach_verb(settings),
        logs_verb(settings),
        copy_verb(settings, argv),
        update_verb(settings),
        network_create_verb(settings),
        network_remove_verb(settings),
        network_connect_verb(settings),
        network_disconnect_verb(settings),
        volume_create_verb(settings),
        volume_remove_verb(settings),
        container_prune_verb(settings),
        network_prune_verb(settings),
        volume_prune_verb(settings),
        image_prune_verb(settings),
        system_prune_verb(settings),
        image_remove_verb(settings),
        with_image_events(settings, tag_verb(settings.images), "tag"),
        elsewhere("pull", "Download an image from a registry"),
        elsewhere("push", "Upload an image to a registry"),
        elsewhere("build", "Build an image from a Dockerfile"),
        elsewhere("builder prune", "Remove build cache"),
        elsewhere("builder du", "Show the build cache"),
        elsewhere("save", "Save images to an archive"),
        elsewhere("load", "Load images from an archive"),
        elsewhere("import", "Make an image of a root filesystem"),
        elsewhere("export", "Write a container's files as a tar"),
        elsewhere("diff", "Show what a container has changed"),
        elsewhere("commit", "Make an image of what a container has changed"),
        elsewhere("login", "Log in to a registry"),
        elsewhere("logout", "Log out from a registry"),
        fsck_verb(settings.images),
        compare_verb(),
        internal_verb(settings, argv)};
    for (Verb& verb : look_verbs(settings)) verbs.push_back(std::move(verb));
    for (Verb& verb : verbs) verb = for_any_user(std::move(verb), settings);
    for (Verb& verb : absent_verbs()) verbs.push_back(std::move(verb));
    verbs.push_back(
        completion_verb(line, [&verbs] { return every_form(verbs); }));
    return run_noun_verbs(line, argc, argv, verbs);
}
